import type { Send } from "./http";
import type {
  AnnotationsUrl,
  CreateTrainingJob,
  Detection,
  History,
  JobStatus,
  ModelResults,
  RetryTrainingJob,
  StartedTrainingJob,
  TrainingJob,
  TrainingJobList,
  UploadUrls,
} from "./types";

/** The calls of job-api that the page makes. */
export type TrainingApi = ReturnType<typeof trainingApi>;

export function trainingApi(send: Send) {
  const path = (jobId: string, rest = "") => `/api/training/${encodeURIComponent(jobId)}${rest}`;
  return {
    list: (
      page: { status?: JobStatus | null; limit?: number; nextToken?: string | null },
      signal?: AbortSignal,
    ) => send<TrainingJobList>("GET", "/api/training/list", { query: page, signal }),
    show: (jobId: string, signal?: AbortSignal) => send<TrainingJob>("GET", path(jobId), { signal }),
    history: (jobId: string, signal?: AbortSignal) =>
      send<History>("GET", path(jobId, "/events"), { signal }),
    create: (body: CreateTrainingJob, idempotencyKey: string) =>
      send<TrainingJob>("POST", "/api/training/create", {
        body,
        headers: { "Idempotency-Key": idempotencyKey },
      }),
    urls: (jobId: string, filenames: readonly string[], renew: boolean) =>
      send<UploadUrls>("POST", "/api/training/urls", { body: { jobId, filenames, renew } }),
    /** Where to put the file with the boxes of a job that imports them. */
    annotationsUrl: (jobId: string) => send<AnnotationsUrl>("POST", path(jobId, "/annotations")),
    start: (jobId: string) => send<StartedTrainingJob>("POST", "/api/training/start", { body: { jobId } }),
    cancel: (jobId: string, reason: string | null) =>
      send<TrainingJob>("POST", path(jobId, "/cancel"), { body: { reason } }),
    retry: (jobId: string, body: RetryTrainingJob) =>
      send<TrainingJob>("POST", path(jobId, "/retry"), { body }),
    results: (jobId: string, page: { nextToken?: string | null; limit?: number }, signal?: AbortSignal) =>
      send<ModelResults>("GET", path(jobId, "/results"), { query: page, signal }),
    /** Have the running model look at an image: base64 of a JPEG or PNG of up to 4 MB. */
    detect: (jobId: string, image: string, signal?: AbortSignal) =>
      send<Detection>("POST", path(jobId, "/detect"), { body: { image }, signal }),
    startModel: (jobId: string) => send<TrainingJob>("POST", path(jobId, "/model/start")),
    stopModel: (jobId: string) => send<TrainingJob>("POST", path(jobId, "/model/stop")),
  };
}
