import type { JobStatus } from "../api/types";

interface Told {
  readonly text: string;
  readonly kind: "busy" | "good" | "bad" | "warn" | "idle" | "";
}

export const STATUSES: Readonly<Record<JobStatus, Told>> = {
  CREATED: { text: "Collecting images", kind: "idle" },
  LABELLING: { text: "Labelling", kind: "busy" },
  CREATING_DATASET: { text: "Creating dataset", kind: "busy" },
  TRAINING: { text: "Training", kind: "busy" },
  DEPLOYING: { text: "Deploying", kind: "busy" },
  RUNNING: { text: "Running", kind: "good" },
  STOPPING: { text: "Stopping", kind: "busy" },
  STOPPED: { text: "Stopped", kind: "" },
  REJECTED: { text: "Below the quality bar", kind: "warn" },
  FAILED: { text: "Failed", kind: "bad" },
  CANCELLED: { text: "Cancelled", kind: "" },
};

export function Status({ status }: { readonly status: JobStatus }) {
  const { text, kind } = STATUSES[status];
  return <span class={`state ${kind}`}>{text}</span>;
}

/** Whether something goes on by itself, so that looking often is worth it. */
export function isMoving(status: JobStatus): boolean {
  return STATUSES[status].kind === "busy";
}
