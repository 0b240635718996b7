import type { Stage, StageTiming, TrainingJob } from "../api/types";

/** Whether people label this job's images on this page. */
export function isLabelledHere(job: TrainingJob): boolean {
  return job.labellingBackend === "console" && job.status !== "CREATED";
}

/** Whether the model was measured, so that there is something to look at. */
export function hasResults(job: TrainingJob): boolean {
  return job.model?.f1 !== null && job.model?.f1 !== undefined;
}

export const STAGES: readonly Stage[] = ["labelling", "dataset", "training", "deployment"];

export const STAGE_NAMES: Readonly<Record<Stage, string>> = {
  labelling: "Labelling",
  dataset: "Dataset",
  training: "Training",
  deployment: "Deployment",
};

export interface TimelineStep {
  readonly stage: Stage;
  readonly name: string;
  readonly state: "done" | "now" | "failed" | "to come" | "stopped";
  /** Milliseconds from start to end, or to now while it lasts. */
  readonly took: number | null;
  readonly startedAt: string | null;
  readonly waitingFor: string | null;
}

const ENDED = new Set(["FAILED", "CANCELLED", "REJECTED"]);

/** The four stages as a person sees them at a moment. */
export function timeline(job: TrainingJob, now: number): TimelineStep[] {
  return STAGES.map((stage) => {
    const timing = job.stages.find((one) => one.stage === stage);
    const failed = job.failure?.stage === stage;
    return {
      stage,
      name: STAGE_NAMES[stage],
      state: stateOf(timing, failed, ENDED.has(job.status)),
      took: tookOf(timing, ENDED.has(job.status) ? Date.parse(job.updatedAt) : now),
      startedAt: timing?.startedAt ?? null,
      waitingFor: timing?.waitingFor ?? null,
    };
  });
}

function stateOf(timing: StageTiming | undefined, failed: boolean, over: boolean): TimelineStep["state"] {
  if (failed) return "failed";
  if (!timing?.startedAt) return "to come";
  if (timing.endedAt) return "done";
  return over ? "stopped" : "now";
}

function tookOf(timing: StageTiming | undefined, until: number): number | null {
  if (!timing?.startedAt) return null;
  const end = timing.endedAt ? Date.parse(timing.endedAt) : until;
  return Math.max(0, end - Date.parse(timing.startedAt));
}

export type Action = "start" | "cancel" | "retry" | "run" | "stop";

/** What can be done to a job as it stands, the most likely first. */
export function actionsFor(job: TrainingJob): Action[] {
  const { status } = job;
  const over = status === "STOPPED" || status === "REJECTED" || status === "CANCELLED";
  const costs = job.cost.perHourNow > 0;
  const possible: [Action, boolean][] = [
    ["retry", status === "FAILED" || status === "REJECTED"],
    ["stop", status === "RUNNING" || status === "DEPLOYING" || (status === "FAILED" && costs)],
    ["run", hasResults(job) && (status === "STOPPED" || status === "REJECTED" || status === "FAILED")],
    ["cancel", !over],
  ];
  return possible.filter(([, can]) => can).map(([action]) => action);
}
