import type { JobStatus } from "../api/types";

const STEPS = ["Labelling", "Dataset", "Training", "Deployment"] as const;

/** Which of the four stages a state is in, and how many are behind it. */
export function stagesOf(status: JobStatus): { readonly done: number; readonly at: string | null } {
  switch (status) {
    case "LABELLING":
      return { done: 0, at: STEPS[0] };
    case "CREATING_DATASET":
      return { done: 1, at: STEPS[1] };
    case "TRAINING":
      return { done: 2, at: STEPS[2] };
    case "DEPLOYING":
      return { done: 3, at: STEPS[3] };
    case "REJECTED":
      return { done: 3, at: null };
    case "RUNNING":
    case "STOPPING":
    case "STOPPED":
      return { done: 4, at: null };
    default:
      return { done: 0, at: null };
  }
}

/** Four ticks: done, at work, to come. Nothing where the state does not say. */
export function StageTrack({ status }: { readonly status: JobStatus }) {
  if (status === "FAILED" || status === "CANCELLED") return <span class="quiet">–</span>;
  const { done, at } = stagesOf(status);
  const told = at ?? (done === 0 ? "Not started" : `${done} of ${STEPS.length} done`);
  return (
    <span class="track">
      <span class="ticks" aria-hidden="true">
        {STEPS.map((step, place) => (
          <i key={step} class={place < done ? "done" : step === at ? "now" : ""} />
        ))}
      </span>
      <span class="small quiet">{told}</span>
    </span>
  );
}
