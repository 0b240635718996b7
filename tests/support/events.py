"""One event of each type, as its service would publish it about a job that goes well."""

from datetime import datetime, timedelta

from contracts.envelope import Event
from contracts.events import (
    DatasetCreationStarted,
    DatasetCreationStartedData,
    LabellingCompleted,
    LabellingCompletedData,
    LabellingStarted,
    LabellingStartedData,
    LabellingStopped,
    LabellingStoppedData,
    ModelDeployed,
    ModelDeployedData,
    ModelDeploymentStarted,
    ModelDeploymentStartedData,
    ModelDiscarded,
    ModelDiscardedData,
    ModelRejected,
    ModelRejectedData,
    ModelStartRequested,
    ModelStartRequestedData,
    ModelStopped,
    ModelStoppedData,
    ModelStopRequested,
    ModelStopRequestedData,
    ModelTrainingStarted,
    ModelTrainingStartedData,
    StageFailed,
    StageFailedData,
    StageParked,
    StageParkedData,
    StopCause,
    TrainingJobCancelled,
    TrainingJobCancelledData,
    TrainingJobRetried,
    TrainingJobRetriedData,
    TrainingJobStarted,
    TrainingJobStartedData,
)
from contracts.facts import ImageCounts, LabelCounts, LabelSplit, LeftOut, RefusedImage
from contracts.names import images_prefix, labelling_job_arn, labelling_job_name
from contracts.stages import Stage
from tests.support.builders import (
    JOB,
    NOON,
    TRACEPARENT,
    a_plan,
    dataset_ready,
    datasets,
    model_trained,
    version_arn,
)

SOURCES = {
    Stage.LABELLING: "/ekyc/labelling",
    Stage.DATASET: "/ekyc/dataset",
    Stage.TRAINING: "/ekyc/trainer",
    Stage.DEPLOYMENT: "/ekyc/deployer",
}


def job_started(job_id: str = JOB, *, attempt: int = 1) -> TrainingJobStarted:
    data = TrainingJobStartedData(plan=a_plan(), images=f"s3://ekyc-images/{images_prefix(job_id)}")
    return TrainingJobStarted.about(job_id, attempt, data, time=NOON, traceparent=TRACEPARENT)


def job_cancelled(job_id: str = JOB, *, attempt: int = 1) -> TrainingJobCancelled:
    data = TrainingJobCancelledData(reason="wrong images")
    return TrainingJobCancelled.about(job_id, attempt, data, time=NOON, traceparent=TRACEPARENT)


def job_retried(
    stage: Stage = Stage.LABELLING,
    job_id: str = JOB,
    *,
    attempt: int = 2,
    relabel: bool = False,
    at: datetime | None = None,
) -> TrainingJobRetried:
    """Give a retry with what job-api knows after an attempt 1 that went well as far as that stage."""
    data = TrainingJobRetriedData(
        stage=stage,
        plan=a_plan(),
        images=f"s3://ekyc-images/{images_prefix(job_id)}",
        relabel=relabel,
        labelling=labelling_completed(job_id).data if stage is Stage.DATASET else None,
        dataset=dataset_ready(job_id).data if stage is Stage.TRAINING else None,
        model=model_trained(job_id).data if stage is Stage.DEPLOYMENT else None,
    )
    return TrainingJobRetried.about(job_id, attempt, data, time=at or _after(20), traceparent=TRACEPARENT)


def labelling_started(
    job_id: str = JOB, *, attempt: int = 1, refused: tuple[RefusedImage, ...] = ()
) -> LabellingStarted:
    name = labelling_job_name("ekyc", job_id, attempt)
    data = LabellingStartedData(
        labelling_job_arn=labelling_job_arn("aws", "eu-west-1", "123456789012", name),
        images=ImageCounts(uploaded=100, accepted=100 - len(refused), refused=len(refused)),
        refused=list(refused),
    )
    return LabellingStarted.about(job_id, attempt, data, time=_after(1), traceparent=TRACEPARENT)


def labelling_completed(
    job_id: str = JOB, *, attempt: int = 1, labelled: int = 100, failed: int = 0
) -> LabellingCompleted:
    data = LabellingCompletedData(
        plan=a_plan(),
        output_manifest=f"s3://ekyc-images/labelling/{job_id}/output/manifests/output/output.manifest",
        label_attribute="documents",
        counts=LabelCounts(labelled=labelled, failed=failed, unlabelled=0),
    )
    return LabellingCompleted.about(job_id, attempt, data, time=_after(2), traceparent=TRACEPARENT)


def labelling_stopped(job_id: str = JOB, *, attempt: int = 1, labelled: int = 40) -> LabellingStopped:
    data = LabellingStoppedData(
        labelling_job_arn=labelling_job_arn(
            "aws", "eu-west-1", "123456789012", labelling_job_name("ekyc", job_id, attempt)
        ),
        counts=LabelCounts(labelled=labelled, failed=0, unlabelled=100 - labelled),
        output_manifest=f"s3://ekyc-images/labelling/{job_id}/output/manifests/output/output.manifest",
    )
    return LabellingStopped.about(job_id, attempt, data, time=_after(2), traceparent=TRACEPARENT)


def dataset_creation_started(job_id: str = JOB, *, attempt: int = 1) -> DatasetCreationStarted:
    data = DatasetCreationStartedData(
        datasets=datasets(job_id),
        split=[
            LabelSplit(label="passport", train=40, test=10),
            LabelSplit(label="id-card", train=40, test=10),
        ],
        left_out=[LeftOut(code="no-box", reason="Nobody drew a box", count=1, examples=["a.jpg"])],
    )
    return DatasetCreationStarted.about(job_id, attempt, data, time=_after(3), traceparent=TRACEPARENT)


def training_started(job_id: str = JOB, *, attempt: int = 1) -> ModelTrainingStarted:
    data = ModelTrainingStartedData(project_version_arn=version_arn(job_id, attempt))
    return ModelTrainingStarted.about(job_id, attempt, data, time=_after(5), traceparent=TRACEPARENT)


def model_discarded(
    job_id: str = JOB, *, attempt: int = 1, succeeded: bool = True, seconds: int = 1800
) -> ModelDiscarded:
    data = ModelDiscardedData(
        project_version_arn=version_arn(job_id, attempt),
        succeeded=succeeded,
        billable_training_seconds=seconds,
    )
    return ModelDiscarded.about(job_id, attempt, data, time=_after(6), traceparent=TRACEPARENT)


def model_rejected(job_id: str = JOB, *, attempt: int = 1) -> ModelRejected:
    data = ModelRejectedData(project_version_arn=version_arn(job_id, attempt), f1=0.4, min_f1=0.8)
    return ModelRejected.about(job_id, attempt, data, time=_after(7), traceparent=TRACEPARENT)


def start_requested(job_id: str = JOB, *, attempt: int = 1, run: int = 2) -> ModelStartRequested:
    data = ModelStartRequestedData(run=run)
    return ModelStartRequested.about(job_id, attempt, data, time=_after(12), traceparent=TRACEPARENT)


def stop_requested(job_id: str = JOB, *, attempt: int = 1, run: int = 1) -> ModelStopRequested:
    data = ModelStopRequestedData(run=run)
    return ModelStopRequested.about(job_id, attempt, data, time=_after(10), traceparent=TRACEPARENT)


def deployment_started(
    job_id: str = JOB, *, attempt: int = 1, run: int = 1, at: datetime | None = None, units: int = 1
) -> ModelDeploymentStarted:
    at = at or _after(8)
    data = ModelDeploymentStartedData(
        run=run, project_version_arn=version_arn(job_id, attempt), inference_units=units, started_at=at
    )
    return ModelDeploymentStarted.about(job_id, attempt, data, time=at, traceparent=TRACEPARENT)


def model_deployed(
    job_id: str = JOB, *, attempt: int = 1, run: int = 1, at: datetime | None = None
) -> ModelDeployed:
    data = ModelDeployedData(run=run, project_version_arn=version_arn(job_id, attempt))
    return ModelDeployed.about(job_id, attempt, data, time=at or _after(9), traceparent=TRACEPARENT)


def model_stopped(
    job_id: str = JOB,
    *,
    attempt: int = 1,
    run: int = 1,
    at: datetime | None = None,
    unit_seconds: int = 3600,
    cause: StopCause = StopCause.REQUESTED,
) -> ModelStopped:
    at = at or _after(11)
    data = ModelStoppedData(
        run=run,
        project_version_arn=version_arn(job_id, attempt),
        stopped_at=at,
        cause=cause,
        unit_seconds=unit_seconds,
    )
    return ModelStopped.about(job_id, attempt, data, time=at, traceparent=TRACEPARENT)


def stage_parked(
    stage: Stage = Stage.TRAINING, job_id: str = JOB, *, attempt: int = 1, run: int | None = None
) -> StageParked:
    data = StageParkedData(stage=stage, run=run, waiting_for="a free slot")
    return StageParked.about(
        job_id, attempt, data, time=_after(4.5), source=SOURCES[stage], traceparent=TRACEPARENT
    )


def stage_failed(
    stage: Stage = Stage.TRAINING,
    job_id: str = JOB,
    *,
    attempt: int = 1,
    run: int | None = None,
    details: tuple[str, ...] = (),
) -> StageFailed:
    data = StageFailedData(
        stage=stage,
        run=run,
        code="training-failed",
        reason="It went wrong.",
        advice="Try again.",
        details=list(details),
    )
    return StageFailed.about(
        job_id, attempt, data, time=_after(6), source=SOURCES[stage], traceparent=TRACEPARENT
    )


def one_of_each() -> list[Event]:
    """Give an event of every type there is."""
    return [
        job_started(),
        job_cancelled(),
        job_retried(attempt=1),
        labelling_started(refused=(RefusedImage(filename="a.jpg", reason="too small"),)),
        labelling_stopped(),
        labelling_completed(),
        dataset_creation_started(),
        dataset_ready(),
        training_started(),
        model_trained(),
        model_discarded(),
        model_rejected(),
        start_requested(),
        stop_requested(),
        deployment_started(),
        model_deployed(),
        model_stopped(),
        stage_parked(),
        stage_failed(details=("a.jpg: no label",)),
    ]


def whole_job() -> list[Event]:
    """Give what the other services say about a job that trains, runs, is stopped, and runs again."""
    return [
        labelling_started(),
        labelling_completed(),
        dataset_creation_started(),
        dataset_ready(at=_after(4)),
        stage_parked(),
        training_started(),
        model_trained(at=_after(6)),
        deployment_started(),
        model_deployed(),
        model_stopped(),
        deployment_started(run=2, at=_after(13)),
        model_deployed(run=2, at=_after(14)),
    ]


def _after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)
