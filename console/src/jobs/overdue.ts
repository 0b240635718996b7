import type { TrainingJob } from "../api/types";

const HOUR = 3_600_000;

/** For how many milliseconds a model has run, and how many hours of that were expected. */
export interface Overdue {
  readonly running: number;
  readonly expectedHours: number;
}

/** Tell whether a model has run longer than expected; null when not, or when nothing is expected. */
export function overdueFor(
  job: Pick<TrainingJob, "status" | "model">,
  expectedHours: number | null,
  now: number,
): Overdue | null {
  if (expectedHours === null) return null;
  const since = job.status === "RUNNING" ? job.model?.runningSince : null;
  if (since === null || since === undefined) return null;
  const running = now - Date.parse(since);
  return running > expectedHours * HOUR ? { running, expectedHours } : null;
}
