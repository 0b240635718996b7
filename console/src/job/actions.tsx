import { useState } from "preact/hooks";
import type { Stage, TrainingJob } from "../api/types";
import { useApp } from "../app-context";
import { counted, dollars } from "../lib/format";
import { Confirm } from "../ui/dialog";
import { type Action, STAGES, STAGE_NAMES, actionsFor } from "./facts";

const BUTTONS: Readonly<Record<Action, { text: string; kind: string }>> = {
  start: { text: "Start", kind: "primary" },
  retry: { text: "Retry…", kind: "primary" },
  run: { text: "Start model…", kind: "" },
  stop: { text: "Stop model…", kind: "danger" },
  cancel: { text: "Cancel job…", kind: "danger" },
};

interface ActionsProps {
  readonly job: TrainingJob;
  readonly onDone: (job: TrainingJob) => void;
}

export function Actions({ job, onDone }: ActionsProps) {
  const [asked, setAsked] = useState<Action | null>(null);
  const close = () => setAsked(null);
  const given = { job, onDone, onClose: close };
  return (
    <>
      {actionsFor(job).map((action) => (
        <button
          key={action}
          type="button"
          class={`button ${BUTTONS[action].kind}`}
          onClick={() => setAsked(action)}
        >
          {BUTTONS[action].text}
        </button>
      ))}
      {asked === "cancel" && <CancelDialog {...given} />}
      {asked === "retry" && <RetryDialog {...given} />}
      {asked === "run" && <RunDialog {...given} />}
      {asked === "stop" && <StopDialog {...given} />}
    </>
  );
}

interface DialogProps extends ActionsProps {
  readonly onClose: () => void;
}

function CancelDialog({ job, onDone, onClose }: DialogProps) {
  const { training } = useApp();
  const [reason, setReason] = useState("");
  const cancel = async () =>
    onDone(await training.cancel(job.jobId, reason.trim() === "" ? null : reason.trim()));
  return (
    <Confirm title="Cancel this job?" action="Cancel it for good" danger onConfirm={cancel} onClose={onClose}>
      <p>
        <strong>This cannot be undone:</strong> a cancelled job cannot be retried and its model cannot be
        started.
      </p>
      <p>{whatCancelDoes(job)}</p>
      {job.cost.total > 0 && <p>It has cost about {dollars(job.cost.total)} so far; that stays paid.</p>}
      <div class="field">
        <label for="reason">Why, for the history</label>
        <input
          id="reason"
          type="text"
          maxLength={500}
          value={reason}
          placeholder="may be left out"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </div>
    </Confirm>
  );
}

function whatCancelDoes(job: TrainingJob): string {
  switch (job.status) {
    case "CREATED":
      return "The images uploaded so far are not used.";
    case "LABELLING":
      return "Labelling is stopped. What people have labelled by then is paid for and kept.";
    case "TRAINING":
      return "AWS cannot stop a training: it goes on until it ends and is billed; its model is not deployed.";
    case "DEPLOYING":
    case "RUNNING":
    case "STOPPING":
      return "The model is stopped: it finds nothing any more for those who use it now, and costs nothing more.";
    default:
      return "Whatever of it still goes on is stopped.";
  }
}

function RetryDialog({ job, onDone, onClose }: DialogProps) {
  const { training } = useApp();
  const failed = job.failure?.stage ?? "training";
  const possible = STAGES.slice(0, STAGES.indexOf(failed) + 1);
  const [stage, setStage] = useState<Stage>(failed);
  const [relabel, setRelabel] = useState(false);
  const retry = async () =>
    onDone(await training.retry(job.jobId, { from: stage, relabel: stage === "labelling" && relabel }));
  return (
    <Confirm title="Retry this job" action="Retry" onConfirm={retry} onClose={onClose}>
      <div class="field">
        <label for="stage">Begin again at</label>
        <select id="stage" value={stage} onChange={(event) => setStage(event.currentTarget.value as Stage)}>
          {possible.map((one) => (
            <option key={one} value={one}>
              {STAGE_NAMES[one]}
            </option>
          ))}
        </select>
        <span class="hint">What succeeded before this stage is kept.</span>
      </div>
      {stage === "labelling" && (
        <label class="choice">
          <input
            type="checkbox"
            checked={relabel}
            onChange={(event) => setRelabel(event.currentTarget.checked)}
          />
          <strong>Label everything anew</strong>
          <span class="quiet">
            People’s work is paid a second time. Without it, the boxes that exist are kept.
          </span>
        </label>
      )}
      <p>
        {stage === "deployment"
          ? "The model starts and costs money for each hour until it is stopped."
          : "Training is billed by the hour, once more; a model that is good enough then starts and costs money until it is stopped."}
      </p>
    </Confirm>
  );
}

function RunDialog({ job, onDone, onClose }: DialogProps) {
  const { training } = useApp();
  const { inferenceUnits, autoStopAfterMinutes } = job.options;
  const run = async () => onDone(await training.startModel(job.jobId));
  return (
    <Confirm title="Start the model?" action="Start the model" onConfirm={run} onClose={onClose}>
      <p>
        <strong>It costs money until it is stopped:</strong> AWS bills{" "}
        {counted(inferenceUnits, "inference unit")} by the hour, used or not.{" "}
        {autoStopAfterMinutes
          ? `It stops by itself after ${counted(autoStopAfterMinutes, "minute")}.`
          : "Nothing stops it by itself."}
      </p>
      {job.cost.running > 0 && <p>Running it has cost about {dollars(job.cost.running)} so far.</p>}
      <p class="quiet">Starting takes ten minutes or more.</p>
    </Confirm>
  );
}

function StopDialog({ job, onDone, onClose }: DialogProps) {
  const { training } = useApp();
  const stop = async () => onDone(await training.stopModel(job.jobId));
  return (
    <Confirm title="Stop the model?" action="Stop the model" danger onConfirm={stop} onClose={onClose}>
      <p>Whoever uses it now gets an error from the next request on.</p>
      <p>
        It then costs nothing more
        {job.cost.perHourNow > 0 && <> instead of {dollars(job.cost.perHourNow)} an hour</>}. It is kept and
        can be started again, which takes ten minutes or more.
      </p>
    </Confirm>
  );
}
