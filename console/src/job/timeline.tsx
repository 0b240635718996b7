import type { TrainingJob } from "../api/types";
import { dateTime, duration } from "../lib/format";
import { useNow } from "../lib/polling";
import { timeline, type TimelineStep } from "./facts";

const TOLD: Readonly<Record<TimelineStep["state"], string>> = {
  done: "done",
  now: "at work",
  failed: "failed",
  stopped: "ended",
  "to come": "to come",
};

export function Timeline({ job }: { readonly job: TrainingJob }) {
  const now = useNow(1_000);
  return (
    <ol class="timeline" aria-label="Stages">
      {timeline(job, now).map((step) => (
        <li key={step.stage} class={step.state.replace(" ", "-")}>
          <h3>{step.name}</h3>
          <p class="small">
            {step.took === null ? (
              <span class="quiet">{TOLD[step.state]}</span>
            ) : (
              <>
                <span class="took">{duration(step.took)}</span> <span class="quiet">{TOLD[step.state]}</span>
              </>
            )}
          </p>
          {step.startedAt !== null && <p class="small quiet">began {dateTime(step.startedAt)}</p>}
          {step.waitingFor !== null && <p class="small waiting">Waits for {step.waitingFor}</p>}
        </li>
      ))}
    </ol>
  );
}
