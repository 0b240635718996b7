"""A job as its user sees it, put together from what the events said."""

from datetime import datetime

from contracts.envelope import Event
from contracts.events import (
    DatasetCreationStarted,
    DatasetReady,
    LabellingCompleted,
    LabellingStarted,
    LabellingStopped,
    ModelDeployed,
    ModelDeploymentStarted,
    ModelDiscarded,
    ModelRejected,
    ModelStartRequested,
    ModelStopped,
    ModelTrained,
    ModelTrainingStarted,
    StageFailed,
    StageParked,
    TrainingJobRetried,
    TrainingJobStarted,
)
from contracts.http import (
    DatasetResult,
    Failure,
    LabellingResult,
    ModelResult,
    StageTiming,
    TrainingJob,
    TrainingJobSummary,
)
from contracts.stages import JobStatus, Stage
from services.job_api.cancellation import cancellation_of
from services.job_api.costs import Prices, cost_of
from services.job_api.job import Job

_BEGUN_BY: dict[Stage, tuple[type[Event], ...]] = {
    Stage.LABELLING: (TrainingJobStarted,),
    Stage.DATASET: (LabellingCompleted,),
    Stage.TRAINING: (DatasetReady,),
    Stage.DEPLOYMENT: (ModelStartRequested, ModelTrained),
}
_ENDED_BY: dict[Stage, tuple[type[Event], ...]] = {
    Stage.LABELLING: (LabellingCompleted, LabellingStopped),
    Stage.DATASET: (DatasetReady,),
    Stage.TRAINING: (ModelTrained, ModelDiscarded),
    Stage.DEPLOYMENT: (ModelDeployed, ModelRejected, ModelStopped),
}


def summary_of(job: Job, prices: Prices, now: datetime) -> TrainingJobSummary:
    """Give a job's line in the list."""
    trained = job.current(ModelTrained)
    return TrainingJobSummary(
        job_id=job.job_id,
        name=job.name,
        status=job.status,
        attempt=job.attempt,
        labels=job.plan.labels,
        labelling_backend=job.plan.labelling.backend,
        created_at=job.created_at,
        updated_at=job.updated_at,
        f1=trained.data.f1 if trained else None,
        cost=cost_of(job, prices, now),
    )


def view_of(job: Job, prices: Prices, now: datetime) -> TrainingJob:
    """Give everything known about a job."""
    return TrainingJob(
        **dict(summary_of(job, prices, now)),
        options=job.plan.options,
        stages=tuple(timing for stage in Stage if (timing := _timing(job, stage)).started_at),
        waiting_for=parked.data.waiting_for if (parked := _parked(job)) else None,
        labelling=_labelling(job),
        dataset=_dataset(job),
        model=_model(job),
        failure=_failure(job),
        cancellation=cancellation_of(job, prices, now),
    )


def _times(job: Job, events: tuple[type[Event], ...]) -> list[datetime]:
    return [latest.time for event in events if (latest := job.current(event))]


def _timing(job: Job, stage: Stage) -> StageTiming:
    begun = _times(job, _BEGUN_BY[stage])
    retried = job.latest(TrainingJobRetried)
    if retried is not None and retried.data.stage is stage:
        begun.append(retried.time)
    started = max(begun, default=None)
    failure = _failure(job)
    failed = failure is not None and failure.stage == stage
    ends = _times(job, (StageFailed,) if failed else _ENDED_BY[stage])
    # An end before the start is an earlier run's; and a model that was deployed, then stopped, ended once.
    ended = min((end for end in ends if started is not None and end >= started), default=None)
    parked = _parked(job)
    waiting_for = parked.data.waiting_for if parked is not None and parked.data.stage == stage else None
    return StageTiming(stage=stage, started_at=started, ended_at=ended, waiting_for=waiting_for)


def _parked(job: Job) -> StageParked | None:
    fact = job.facts.get(StageParked.__name__)
    return job.latest(StageParked) if fact is not None and fact.position == job.position else None


def _labelling(job: Job) -> LabellingResult | None:
    started = job.current(LabellingStarted)
    completed = job.current(LabellingCompleted)
    ended = completed or job.current(LabellingStopped)
    if started is None and ended is None:
        return None
    return LabellingResult(
        labelling_job_arn=started.data.labelling_job_arn if started else None,
        images=started.data.images if started else None,
        refused=tuple(started.data.refused) if started else (),
        refused_report=started.data.refused_report if started else None,
        labels=ended.data.counts if ended else None,
        output_manifest=ended.data.output_manifest if ended else None,
        left_out=tuple(completed.data.left_out) if completed else (),
        left_out_report=completed.data.left_out_report if completed else None,
    )


def _dataset(job: Job) -> DatasetResult | None:
    created, ready = job.current(DatasetCreationStarted), job.current(DatasetReady)
    if created is None:
        return None
    return DatasetResult(
        project_arn=created.data.datasets.project_arn,
        train_dataset_arn=created.data.datasets.train_dataset_arn,
        test_dataset_arn=created.data.datasets.test_dataset_arn,
        split=created.data.split,
        left_out=tuple(created.data.left_out),
        left_out_report=created.data.left_out_report,
        train_entries=ready.data.train_entries if ready else None,
        test_entries=ready.data.test_entries if ready else None,
    )


def _model(job: Job) -> ModelResult | None:
    trained = job.current(ModelTrained)
    known = trained or job.current(ModelTrainingStarted)
    if known is None:
        return None
    started, deployed = job.current(ModelDeploymentStarted), job.current(ModelDeployed)
    stopped = job.current(ModelStopped)
    down = stopped if stopped is not None and stopped.data.run == job.run else None
    up = deployed if deployed is not None and deployed.data.run == job.run and down is None else None
    return ModelResult(
        project_version_arn=known.data.project_version_arn,
        f1=trained.data.f1 if trained else None,
        min_f1=job.plan.options.min_f1,
        labels=tuple(trained.data.labels) if trained else (),
        evaluation_summary=trained.data.evaluation_summary if trained else None,
        run=job.run,
        inference_units=started.data.inference_units if started else None,
        running_since=up.time if up else None,
        stopped_at=down.data.stopped_at if down else None,
        stop_cause=down.data.cause if down else None,
        auto_stop_at=up.data.auto_stop_at if up else None,
    )


def _failure(job: Job) -> Failure | None:
    failed = job.latest(StageFailed)
    if failed is None or job.status is not JobStatus.FAILED:
        return None
    data = failed.data
    return Failure(
        stage=data.stage,
        code=data.code,
        reason=data.reason,
        advice=data.advice,
        details=tuple(data.details),
        at=failed.time,
    )
