"""The events of the pipeline. A breaking change to one is a new type with the next version."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import AwareDatetime, Field, ValidationError

from contracts.envelope import Event
from contracts.facts import (
    MAX_LISTED,
    Datasets,
    ImageCounts,
    LabelCounts,
    LabelMetrics,
    LabelSplit,
    LeftOut,
    RefusedImage,
)
from contracts.ids import Arn, S3Uri
from contracts.model import Contract
from contracts.plan import TrainingPlan
from contracts.stages import Stage


class TrainingJobStartedData(Contract):
    """What labelling needs to begin."""

    plan: TrainingPlan
    images: S3Uri = Field(description="Prefix under which the images were uploaded")


class TrainingJobStarted(Event):
    """The user has uploaded the images and wants the model made."""

    source: Literal["/ekyc/job-api"] = "/ekyc/job-api"
    type: Literal["ekyc.training-job.started.v1"] = "ekyc.training-job.started.v1"
    data: TrainingJobStartedData


class TrainingJobCancelledData(Contract):
    """Why, in the user's words, if any were given."""

    reason: str | None = Field(default=None, max_length=500)


class TrainingJobCancelled(Event):
    """The user wants no more of this job."""

    source: Literal["/ekyc/job-api"] = "/ekyc/job-api"
    type: Literal["ekyc.training-job.cancelled.v1"] = "ekyc.training-job.cancelled.v1"
    data: TrainingJobCancelledData


class LabellingStartedData(Contract):
    """What people are labelling, and what was refused beforehand."""

    labelling_job_arn: Arn | None = None
    images: ImageCounts
    refused: list[RefusedImage] = Field(max_length=MAX_LISTED)
    refused_report: S3Uri | None = Field(default=None, description="JSON Lines naming every refused image")


class LabellingStarted(Event):
    """The images were checked and handed to the labellers."""

    source: Literal["/ekyc/labelling"] = "/ekyc/labelling"
    type: Literal["ekyc.labelling.started.v1"] = "ekyc.labelling.started.v1"
    data: LabellingStartedData


class LabellingStoppedData(Contract):
    """What people had labelled by then: it is paid for, and kept."""

    labelling_job_arn: Arn | None = None
    counts: LabelCounts
    output_manifest: S3Uri | None = None


class LabellingStopped(Event):
    """A labelling job has ended before its images were labelled: cancelled, stopped by hand, or failed."""

    source: Literal["/ekyc/labelling"] = "/ekyc/labelling"
    type: Literal["ekyc.labelling.stopped.v1"] = "ekyc.labelling.stopped.v1"
    data: LabellingStoppedData


class LabellingCompletedData(Contract):
    """Where the labels are, in Ground Truth's output manifest form."""

    plan: TrainingPlan
    output_manifest: S3Uri
    label_attribute: str
    counts: LabelCounts
    kept: int = Field(
        default=0, ge=0, description="How many of the labelled images an earlier attempt had labelled"
    )
    left_out: list[LeftOut] = Field(
        default=[], description="What of imported labels cannot be used, by reason"
    )
    left_out_report: S3Uri | None = Field(default=None, description="JSON Lines naming all of it")


class LabellingCompleted(Event):
    """Labelling has ended and gave something to train on."""

    source: Literal["/ekyc/labelling"] = "/ekyc/labelling"
    type: Literal["ekyc.labelling.completed.v1"] = "ekyc.labelling.completed.v1"
    data: LabellingCompletedData


class DatasetCreationStartedData(Contract):
    """What went into the two datasets."""

    datasets: Datasets
    split: list[LabelSplit]
    left_out: list[LeftOut] = Field(description="What the datasets do without, by reason")
    left_out_report: S3Uri | None = Field(default=None, description="JSON Lines naming everything left out")


class DatasetCreationStarted(Event):
    """Both manifests are written and Rekognition is reading them."""

    source: Literal["/ekyc/dataset"] = "/ekyc/dataset"
    type: Literal["ekyc.dataset.creation-started.v1"] = "ekyc.dataset.creation-started.v1"
    data: DatasetCreationStartedData


class DatasetReadyData(Contract):
    """The datasets to train on, with the entries that Rekognition counted."""

    plan: TrainingPlan
    datasets: Datasets
    train_entries: int = Field(ge=1)
    test_entries: int = Field(ge=0)


class DatasetReady(Event):
    """Rekognition has created both datasets in full."""

    source: Literal["/ekyc/dataset-watcher"] = "/ekyc/dataset-watcher"
    type: Literal["ekyc.dataset.ready.v1"] = "ekyc.dataset.ready.v1"
    data: DatasetReadyData


class ModelTrainingStartedData(Contract):
    """The model being trained."""

    project_version_arn: Arn


class ModelTrainingStarted(Event):
    """Rekognition has begun to train."""

    source: Literal["/ekyc/trainer"] = "/ekyc/trainer"
    type: Literal["ekyc.model.training-started.v1"] = "ekyc.model.training-started.v1"
    data: ModelTrainingStartedData


class ModelTrainedData(Contract):
    """The model, and how well it does on the test dataset."""

    plan: TrainingPlan
    project_arn: Arn
    project_version_arn: Arn
    f1: float = Field(ge=0, le=1)
    labels: list[LabelMetrics]
    billable_training_seconds: int = Field(ge=0)
    evaluation_summary: S3Uri | None = None
    test_results: S3Uri | None = Field(
        default=None, description="JSON Lines: each test image, what is true of it and what the model found"
    )


class ModelTrained(Event):
    """Training has succeeded."""

    source: Literal["/ekyc/trainer"] = "/ekyc/trainer"
    type: Literal["ekyc.model.trained.v1"] = "ekyc.model.trained.v1"
    data: ModelTrainedData


class TrainingJobRetriedData(Contract):
    """With which stage the attempt begins, and what that stage begins with; what came before is kept."""

    stage: Stage
    plan: TrainingPlan
    images: S3Uri = Field(description="Prefix under which the images were uploaded")
    relabel: bool = Field(default=False, description="Have labelled anew what people labelled already")
    labelling: LabellingCompletedData | None = Field(default=None, description="Given to dataset")
    dataset: DatasetReadyData | None = Field(default=None, description="Given to training")
    model: ModelTrainedData | None = Field(default=None, description="Given to deployment")


class TrainingJobRetried(Event):
    """The user wants another attempt, from one of the stages on."""

    source: Literal["/ekyc/job-api"] = "/ekyc/job-api"
    type: Literal["ekyc.training-job.retried.v1"] = "ekyc.training-job.retried.v1"
    data: TrainingJobRetriedData


class ModelDiscardedData(Contract):
    """How the training that could not be cancelled has ended, and what it is billed with."""

    project_version_arn: Arn
    succeeded: bool
    billable_training_seconds: int = Field(ge=0)


class ModelDiscarded(Event):
    """A training of a cancelled job has ended; what came of it is kept and not deployed."""

    source: Literal["/ekyc/trainer"] = "/ekyc/trainer"
    type: Literal["ekyc.model.discarded.v1"] = "ekyc.model.discarded.v1"
    data: ModelDiscardedData


class ModelRejectedData(Contract):
    """How far the model is from what was asked for."""

    project_version_arn: Arn
    f1: float = Field(ge=0, le=1)
    min_f1: float = Field(ge=0, le=1)


class ModelRejected(Event):
    """The model misses the job's quality bar and is not deployed."""

    source: Literal["/ekyc/deployer"] = "/ekyc/deployer"
    type: Literal["ekyc.model.rejected.v1"] = "ekyc.model.rejected.v1"
    data: ModelRejectedData


class ModelStartRequestedData(Contract):
    """``run`` counts the model's starts; the deployment after training is run 1."""

    run: int = Field(ge=1)


class ModelStartRequested(Event):
    """A command: start the model again."""

    source: Literal["/ekyc/job-api"] = "/ekyc/job-api"
    type: Literal["ekyc.model.start-requested.v1"] = "ekyc.model.start-requested.v1"
    data: ModelStartRequestedData


class ModelStopRequestedData(Contract):
    """Which run to end; a command for an earlier run is out of date."""

    run: int = Field(ge=1)


class ModelStopRequested(Event):
    """A command: stop the model, it costs money."""

    source: Literal["/ekyc/job-api"] = "/ekyc/job-api"
    type: Literal["ekyc.model.stop-requested.v1"] = "ekyc.model.stop-requested.v1"
    data: ModelStopRequestedData


class ModelDeploymentStartedData(Contract):
    """The model that is starting; it is taken as paid from here on (AWS does not say when billing begins)."""

    run: int = Field(ge=1)
    project_version_arn: Arn
    inference_units: int = Field(ge=1)
    started_at: AwareDatetime


class ModelDeploymentStarted(Event):
    """Rekognition has begun to start the model."""

    source: Literal["/ekyc/deployer"] = "/ekyc/deployer"
    type: Literal["ekyc.model.deployment-started.v1"] = "ekyc.model.deployment-started.v1"
    data: ModelDeploymentStartedData


class ModelDeployedData(Contract):
    """The model that answers requests."""

    run: int = Field(ge=1)
    project_version_arn: Arn
    auto_stop_at: AwareDatetime | None = None


class ModelDeployed(Event):
    """The model is running."""

    source: Literal["/ekyc/deployer"] = "/ekyc/deployer"
    type: Literal["ekyc.model.deployed.v1"] = "ekyc.model.deployed.v1"
    data: ModelDeployedData


class StopCause(StrEnum):
    """Who stopped a model."""

    REQUESTED = "requested"
    AUTO_STOP = "auto-stop"
    CANCELLED = "cancelled"
    GIVEN_UP = "given-up"  # it did not start in time
    OUTSIDE = "outside"  # by hand, or by AWS


class ModelStoppedData(Contract):
    """What the model has cost by now, in inference-unit seconds over all its runs."""

    run: int = Field(ge=1)
    project_version_arn: Arn
    stopped_at: AwareDatetime
    cause: StopCause
    unit_seconds: int = Field(ge=0)


class ModelStopped(Event):
    """The model runs no more and costs nothing more."""

    source: Literal["/ekyc/deployer"] = "/ekyc/deployer"
    type: Literal["ekyc.model.stopped.v1"] = "ekyc.model.stopped.v1"
    data: ModelStoppedData


_STAGE_SOURCES = Literal[
    "/ekyc/labelling", "/ekyc/dataset", "/ekyc/dataset-watcher", "/ekyc/trainer", "/ekyc/deployer"
]


class StageParkedData(Contract):
    """What a stage waits for before it can even begin."""

    stage: Stage
    run: int | None = None
    waiting_for: str


class StageParked(Event):
    """An account quota is used up; the stage goes on by itself when it is not, first come first served."""

    source: _STAGE_SOURCES
    type: Literal["ekyc.stage.parked.v1"] = "ekyc.stage.parked.v1"
    data: StageParkedData


class StageFailedData(Contract):
    """What went wrong and what the user can do about it."""

    stage: Stage
    run: int | None = None
    code: str
    reason: str = Field(max_length=2000)
    advice: str = Field(max_length=1000)
    details: list[str] = Field(default=[], max_length=MAX_LISTED, description="Single faults, a line each")


class StageFailed(Event):
    """A stage has given up for good."""

    source: _STAGE_SOURCES
    type: Literal["ekyc.stage.failed.v1"] = "ekyc.stage.failed.v1"
    data: StageFailedData


EVENTS: tuple[type[Event], ...] = (
    TrainingJobStarted,
    LabellingStarted,
    LabellingStopped,
    LabellingCompleted,
    DatasetCreationStarted,
    DatasetReady,
    ModelTrainingStarted,
    ModelTrained,
    ModelDiscarded,
    ModelRejected,
    ModelDeploymentStarted,
    ModelDeployed,
    ModelStopped,
    ModelStartRequested,
    ModelStopRequested,
    TrainingJobCancelled,
    TrainingJobRetried,
    StageParked,
    StageFailed,
)


class ContractError(ValueError):
    """A message is not an event that this version of the contracts knows."""


def event_type(event: type[Event]) -> str:
    """Give the CloudEvents ``type`` that marks events of this class."""
    return str(event.model_fields["type"].default)


def parse_event(document: dict[str, Any]) -> Event:
    """Turn a CloudEvents document into the event of its ``type``.

    Raises:
        ContractError: the type is unknown, or the document does not keep its contract.
    """
    for event in EVENTS:
        if event_type(event) == document.get("type"):
            try:
                return event.model_validate(document)
            except ValidationError as error:
                told = f"not a valid {event_type(event)}: {_first_fault(error)}"
                raise ContractError(told) from None  # pydantic's own error repeats the payload
    raise ContractError(f"unknown event type {document.get('type')!r}")


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
