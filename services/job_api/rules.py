"""Which commands a job takes, by where it stands."""

from contracts.envelope import Event
from contracts.events import (
    LabellingCompleted,
    LabellingStarted,
    LabellingStopped,
    ModelDeployed,
    ModelDeploymentStarted,
    ModelDiscarded,
    ModelRejected,
    ModelStopped,
    ModelTrained,
    ModelTrainingStarted,
    StageFailed,
)
from contracts.problems import NO_MODEL, WRONG_STATE
from contracts.stages import JobStatus, Stage
from runtime.problem_error import ProblemError
from services.job_api.costs import units_running
from services.job_api.job import Job

_STOPPABLE = frozenset({JobStatus.DEPLOYING, JobStatus.RUNNING, JobStatus.FAILED})
_OVER = frozenset({JobStatus.STOPPED, JobStatus.REJECTED, JobStatus.FAILED})
_TRAINING_HAS_ENDED = frozenset({"training-failed", "model-deleted"})
"""Failures of a training that leave none under way; after any other AWS may still be training."""

_TELL_OF_A_MODEL = (ModelTrained, ModelRejected, ModelDeploymentStarted, ModelDeployed, ModelStopped)
"""Any of them will do: what follows from a training may be heard of before the training itself."""

_STARTABLE = frozenset({JobStatus.STOPPED, JobStatus.REJECTED, JobStatus.FAILED})


def is_to_cancel(job: Job) -> bool:
    """Tell whether a cancellation has to be recorded; not again for a job that is cancelled.

    Raises:
        ProblemError: the job is over, and nothing of it runs or costs anything.
    """
    if job.status is JobStatus.CANCELLED:
        return False
    running = units_running(job) or is_labelling_under_way(job) or is_training_under_way(job)
    if job.status in _OVER and not running:
        raise ProblemError(
            WRONG_STATE,
            f"The job is {job.status}: it is over, nothing of it runs or costs anything, so there is nothing "
            "to cancel.",
        )
    return True


def is_labelling_under_way(job: Job) -> bool:
    """Tell whether people may still be labelling: a stage that has failed may have left that behind."""
    return _has_begun(job, LabellingStarted, ended_by=(LabellingCompleted, LabellingStopped))


def is_training_under_way(job: Job) -> bool:
    """Tell whether AWS may still be training: a stage that has failed may have left that behind."""
    failed, started = job.latest(StageFailed), job.latest(ModelTrainingStarted)
    if (
        started is not None
        and failed is not None
        and failed.data.code in _TRAINING_HAS_ENDED
        and failed.data.stage is Stage.TRAINING
        and failed.attempt >= started.attempt
    ):
        return False
    return _has_begun(job, ModelTrainingStarted, ended_by=(ModelTrained, ModelDiscarded))


def _has_begun(job: Job, start: type[Event], *, ended_by: tuple[type[Event], ...]) -> bool:
    started = job.latest(start)
    ends = [end.attempt for kind in ended_by if (end := job.latest(kind))]
    return started is not None and started.attempt > max(ends, default=0)


def run_to_stop(job: Job) -> int | None:
    """Say which run a stop would end; ``None`` when the model is stopped, or stopping, already.

    Raises:
        ProblemError: there is no model that could be stopped.
    """
    _require_model(job)
    if job.status in {JobStatus.STOPPING, JobStatus.STOPPED, JobStatus.CANCELLED}:
        return None
    if job.status not in _STOPPABLE:
        raise ProblemError(
            WRONG_STATE, f"The job is {job.status}: no model of it runs, so there is nothing to stop."
        )
    return max(job.run, 1)


def run_to_start(job: Job) -> int | None:
    """Say which run a start would begin; ``None`` when the model runs, or is starting, already.

    Raises:
        ProblemError: the job was cancelled, there is no model, or it has to stop first.
    """
    if job.status is JobStatus.CANCELLED:
        raise ProblemError(WRONG_STATE, "The job was cancelled, its model with it: create a new job.")
    _require_model(job)
    if job.status in {JobStatus.DEPLOYING, JobStatus.RUNNING}:
        return None
    if job.status not in _STARTABLE:
        raise ProblemError(
            WRONG_STATE, f"The job is {job.status}: wait until it is STOPPED, then start the model again."
        )
    return job.run + 1


def _require_model(job: Job) -> None:
    if not any(job.current(event) for event in _TELL_OF_A_MODEL):
        raise ProblemError(
            NO_MODEL,
            f"The job is {job.status} and has no trained model: wait until it has, or make a new job.",
        )
