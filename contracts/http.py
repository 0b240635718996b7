"""The bodies of the HTTP API."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from contracts.facts import ImageCounts, LabelCounts, LabelMetrics, LabelSplit, LeftOut, RefusedImage
from contracts.ids import Arn, JobId, S3Uri
from contracts.model import Contract
from contracts.plan import LabellingBackendName, Labels, TrainingOptions, require_distinct
from contracts.stages import JobStatus, Stage

MAX_URLS = 1000
"""How many upload URLs one call gives: their answers stay well below Lambda's 6 MB."""

RequestedFilename = Annotated[str, StringConstraints(max_length=500)]
"""A name as a user may ask with it; longer than any that is given out, so that its refusal can name it."""

JobName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Request(BaseModel):
    """A body that a user wrote: a member we do not know is a mistake worth telling."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class RequestedOptions(TrainingOptions):
    """Options as a user may send them."""

    model_config = ConfigDict(extra="forbid")


class RequestedLabelling(Request):
    """Where the boxes come from."""

    backend: LabellingBackendName | None = Field(
        default=None,
        description="`ground-truth`: people in SageMaker Ground Truth; `console`: people on our own page; "
        "`import`: boxes that exist already. The service's default when null",
    )
    suggestions_from_job: JobId | None = Field(
        default=None,
        description="With `console`: a job whose running model knows the labels; its boxes are offered as a "
        "start",
    )


class CreateTrainingJob(Request):
    """All of it optional: a job without a name, with the default labels and options, is a good job."""

    name: JobName | None = None
    labels: Labels | None = Field(
        default=None, description="Document types to learn; the service's default when null"
    )
    labelling: RequestedLabelling = RequestedLabelling()
    options: RequestedOptions = RequestedOptions()

    @model_validator(mode="after")
    def _labels_differ(self) -> Self:
        require_distinct(self.labels or [])
        return self


class UploadUrlsRequest(Request):
    """Many file names at once.

    ``renew`` gives a fresh URL for a name that was asked for before and whose image never arrived, so that
    an interrupted upload can go on; without it a name is given out once.
    """

    job_id: str
    filenames: list[RequestedFilename] = Field(min_length=1, max_length=MAX_URLS)
    renew: bool = False


class UploadUrl(Contract):
    """Where and how to put one image: a plain HTTP PUT of the bytes, no header needed."""

    filename: str
    url: str
    method: Literal["PUT"] = "PUT"
    expires_at: AwareDatetime


class AnnotationsUrl(Contract):
    """Where and how to put the labels that exist already: a plain HTTP PUT of the file, no header needed."""

    url: str
    method: Literal["PUT"] = "PUT"
    expires_at: AwareDatetime


class RefusedFilename(Contract):
    """A file name that got no URL, and why.

    ``size_bytes`` comes with ``image-exists``: by the size of the image that is there, a client tells whether
    it is its own, sent before, or another one of the same name.
    """

    filename: str
    code: Literal["invalid-filename", "filename-taken", "image-exists"]
    reason: str
    size_bytes: int | None = None


class UploadUrls(Contract):
    """One entry for each name asked for, in one list or the other, in the order asked."""

    urls: list[UploadUrl]
    refused: list[RefusedFilename]


class StartTrainingJob(Request):
    """The job to start."""

    job_id: str


class StartedTrainingJob(Contract):
    """What was started. Ground Truth's labelling job exists a moment later, under this ARN."""

    job_id: JobId
    status: JobStatus
    labelling_job_arn: Arn | None = None


CancelReason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class CancelTrainingJob(Request):
    """Why the job is not wanted any more, for whoever reads its history; may be left out."""

    reason: CancelReason | None = None


class RetryTrainingJob(Request):
    """From which stage on; the one that failed when it is left out.

    What people have labelled is kept unless ``relabel`` asks for it to be labelled anew.
    """

    model_config = ConfigDict(validate_by_name=False)

    stage: Stage | None = Field(default=None, alias="from")
    relabel: bool = False


class Cancellation(Contract):
    """That a job was cancelled, and what that cannot undo."""

    at: AwareDatetime
    reason: str | None = None
    lasting: tuple[str, ...] = Field(
        default=(), description="What was paid for, is kept, or goes on for a while, a sentence or two each"
    )


class StageTiming(Contract):
    """When a stage began and ended, and what it waits for."""

    stage: Stage
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    waiting_for: str | None = None


class Failure(Contract):
    """Why a job failed and what to do about it."""

    stage: Stage
    code: str
    reason: str
    advice: str
    details: tuple[str, ...] = ()
    at: AwareDatetime


class LabellingResult(Contract):
    """What went into labelling and what came out."""

    labelling_job_arn: Arn | None = None
    images: ImageCounts | None = None
    refused: tuple[RefusedImage, ...] = ()
    refused_report: S3Uri | None = None
    labels: LabelCounts | None = None
    output_manifest: S3Uri | None = None
    left_out: tuple[LeftOut, ...] = ()
    left_out_report: S3Uri | None = None


class DatasetResult(Contract):
    """What the model is trained and tested on."""

    project_arn: Arn
    train_dataset_arn: Arn
    test_dataset_arn: Arn
    split: list[LabelSplit]
    left_out: tuple[LeftOut, ...] = ()
    left_out_report: S3Uri | None = None
    train_entries: int | None = None
    test_entries: int | None = None


class ModelResult(Contract):
    """The model: how good it is and whether it runs."""

    project_version_arn: Arn
    f1: float | None = None
    min_f1: float | None = None
    labels: tuple[LabelMetrics, ...] = ()
    evaluation_summary: S3Uri | None = None
    run: int = 0
    inference_units: int | None = None
    running_since: AwareDatetime | None = None
    stopped_at: AwareDatetime | None = None
    stop_cause: str | None = None
    auto_stop_at: AwareDatetime | None = None


class Cost(Contract):
    """An estimate from list prices, in US dollars; the bill is AWS's to write."""

    labelling: float
    training: float
    running: float
    total: float
    per_hour_now: float = Field(
        description="What the job costs each hour as it stands; 0 unless a model runs"
    )


class TrainingJobSummary(Contract):
    """One line of the list."""

    job_id: JobId
    name: str | None = None
    status: JobStatus
    attempt: int
    labels: Labels
    labelling_backend: LabellingBackendName = LabellingBackendName.GROUND_TRUTH
    created_at: AwareDatetime
    updated_at: AwareDatetime
    f1: float | None = None
    cost: Cost


class TrainingJob(TrainingJobSummary):
    """Everything known about a job."""

    options: TrainingOptions
    stages: tuple[StageTiming, ...] = ()
    waiting_for: str | None = None
    labelling: LabellingResult | None = None
    dataset: DatasetResult | None = None
    model: ModelResult | None = None
    failure: Failure | None = None
    cancellation: Cancellation | None = None


class TrainingJobList(Contract):
    """A page of jobs, newest first."""

    jobs: list[TrainingJobSummary]
    next_token: str | None = Field(default=None, description="Pass as `nextToken` for the next page")


class HistoryEntry(Contract):
    """One event of a job's history, as it was published."""

    id: str
    type: str
    source: str
    time: AwareDatetime
    attempt: int
    data: dict[str, object]


class History(Contract):
    """A job's events in the order of their time."""

    job_id: JobId
    events: list[HistoryEntry]


class Health(Contract):
    """The API answers."""

    status: Literal["ok"] = "ok"
