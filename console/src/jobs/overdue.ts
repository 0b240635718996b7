import type { TrainingJob } from "../api/types";

const HOUR = 3_600_000;

/** For how many milliseconds a model has run, when that is longer than expected; else null. */
export function overdueFor(
  job: Pick<TrainingJob, "status" | "model">,
  hours: number,
  now: number,
): number | null {
  const since = job.status === "RUNNING" ? job.model?.runningSince : null;
  if (since === null || since === undefined) return null;
  const running = now - Date.parse(since);
  return running > hours * HOUR ? running : null;
}
