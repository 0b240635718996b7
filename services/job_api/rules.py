"""Which commands a job takes, by where it stands."""

from contracts.events import ModelTrained
from contracts.problems import NO_MODEL, WRONG_STATE
from contracts.stages import JobStatus
from services.job_api.job import Job
from services.job_api.problem_error import ProblemError

_STOPPABLE = frozenset({JobStatus.DEPLOYING, JobStatus.RUNNING, JobStatus.FAILED})
_STARTABLE = frozenset({JobStatus.STOPPED, JobStatus.REJECTED, JobStatus.FAILED})


def run_to_stop(job: Job) -> int | None:
    """Say which run a stop would end; ``None`` when the model is stopped, or stopping, already.

    Raises:
        ProblemError: there is no model that could be stopped.
    """
    _require_model(job)
    if job.status in {JobStatus.STOPPING, JobStatus.STOPPED}:
        return None
    if job.status not in _STOPPABLE:
        raise ProblemError(
            WRONG_STATE, f"The job is {job.status}: no model of it runs, so there is nothing to stop."
        )
    return max(job.run, 1)


def run_to_start(job: Job) -> int | None:
    """Say which run a start would begin; ``None`` when the model runs, or is starting, already.

    Raises:
        ProblemError: there is no model, or it has to stop first.
    """
    _require_model(job)
    if job.status in {JobStatus.DEPLOYING, JobStatus.RUNNING}:
        return None
    if job.status not in _STARTABLE:
        raise ProblemError(
            WRONG_STATE, f"The job is {job.status}: wait until it is STOPPED, then start the model again."
        )
    return job.run + 1


def _require_model(job: Job) -> None:
    if job.latest(ModelTrained) is None:
        raise ProblemError(
            NO_MODEL,
            f"The job is {job.status} and has no trained model: wait until it has, or make a new job.",
        )
