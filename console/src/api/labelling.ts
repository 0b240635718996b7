import type { Send } from "./http";
import type {
  Answer,
  LabellingJobList,
  LabellingProgress,
  LabellingTask,
  Lease,
  Submitted,
  TaskList,
} from "./types";

/** The calls of the labelling service that the page makes. */
export type LabellingApi = ReturnType<typeof labellingApi>;

export function labellingApi(send: Send) {
  const path = (jobId: string, rest = "") => `/api/labelling/${encodeURIComponent(jobId)}${rest}`;
  const task = (jobId: string, taskId: string, rest = "") =>
    path(jobId, `/tasks/${encodeURIComponent(taskId)}${rest}`);
  return {
    jobs: (signal?: AbortSignal) => send<LabellingJobList>("GET", "/api/labelling/jobs", { signal }),
    progress: (jobId: string, signal?: AbortSignal) =>
      send<LabellingProgress>("GET", path(jobId), { signal }),
    /** Lease the next image for this person; undefined when nothing is left for them. */
    next: (jobId: string) => send<LabellingTask | undefined>("POST", path(jobId, "/next")),
    /** Answer for an image as it was leased: refused when the job has been retried since. */
    submit: (jobId: string, { taskId, attempt }: Pick<LabellingTask, "taskId" | "attempt">, answer: Answer) =>
      send<Submitted>("PUT", task(jobId, taskId), { query: { attempt }, body: answer }),
    renew: (jobId: string, taskId: string) => send<Lease>("POST", task(jobId, taskId, "/renew")),
    release: (jobId: string, taskId: string) => send<unknown>("POST", task(jobId, taskId, "/release")),
    undo: (jobId: string) => send<LabellingTask>("POST", path(jobId, "/undo")),
    tasks: (jobId: string, page: { state?: string; nextToken?: string | null }, signal?: AbortSignal) =>
      send<TaskList>("GET", path(jobId, "/tasks"), { query: page, signal }),
    reopen: (jobId: string, taskId: string) => send<unknown>("POST", task(jobId, taskId, "/reopen")),
    assign: (jobId: string, taskId: string, worker: string) =>
      send<unknown>("POST", task(jobId, taskId, "/assign"), { body: { worker } }),
    finish: (jobId: string) => send<unknown>("POST", path(jobId, "/finish")),
  };
}
