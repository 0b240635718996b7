/** The types of the API by short names; `npm run types` generates them. */
import type { components } from "./generated/openapi";

type Schemas = components["schemas"];

export type TrainingJob = Schemas["TrainingJob"];
export type TrainingJobSummary = Schemas["TrainingJobSummary"];
export type TrainingJobList = Schemas["TrainingJobList"];
export type CreateTrainingJob = Schemas["CreateTrainingJob"];
export type RetryTrainingJob = Schemas["RetryTrainingJob"];
export type StartedTrainingJob = Schemas["StartedTrainingJob"];
export type StageTiming = Schemas["StageTiming"];
export type Stage = Schemas["Stage"];
export type JobStatus = Schemas["JobStatus"];
export type History = Schemas["History"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type UploadUrl = Schemas["UploadUrl"];
export type UploadUrls = Schemas["UploadUrls"];
export type LabelMetrics = Schemas["LabelMetrics"];
export type Box = Schemas["Box"];
export type ScoredBox = Schemas["ScoredBox"];
export type EvaluatedImage = Schemas["EvaluatedImage"];
export type ModelResults = Schemas["ModelResults"];
export type Detection = Schemas["Detection"];
export type AnnotationsUrl = Schemas["AnnotationsUrl"];
export type Answer = Schemas["Answer"];
export type LabellingTask = Schemas["LabellingTask"];
export type Lease = Schemas["Lease"];
export type Submitted = Schemas["Submitted"];
export type LabellingJob = Schemas["LabellingJob"];
export type LabellingJobList = Schemas["LabellingJobList"];
export type LabellingProgress = Schemas["LabellingProgress"];
export type TaskSummary = Schemas["TaskSummary"];
export type TaskList = Schemas["TaskList"];
export type Problem = Schemas["Problem"];
