"""Where a new job's boxes are to come from."""

from collections.abc import Callable, Sequence

from contracts.events import ModelDeployed
from contracts.http import RequestedLabelling
from contracts.ids import Label
from contracts.plan import LabellingBackendName, LabellingPlan
from contracts.problems import INVALID_REQUEST, NO_MODEL
from contracts.stages import JobStatus
from runtime.problem_error import ProblemError
from services.job_api.job import Job


def labelling_plan(
    wanted: RequestedLabelling,
    labels: Sequence[Label],
    default: LabellingBackendName,
    require_job: Callable[[str], Job],
) -> LabellingPlan:
    """Say how a new job's images get their boxes.

    Args:
        wanted: what the request says about it.
        labels: the document types of the new job.
        default: the backend of a request that names none.
        require_job: reads the job whose model is to suggest boxes.

    Raises:
        ProblemError: there is no such job, its model does not run, or it does not know the labels.
    """
    backend = wanted.backend or default
    if wanted.suggestions_from_job is None:
        return LabellingPlan(backend=backend)
    if backend is not LabellingBackendName.CONSOLE:
        raise ProblemError(
            INVALID_REQUEST,
            f"labelling.suggestionsFromJob: only the backend console suggests boxes, not {backend}.",
        )
    job = require_job(wanted.suggestions_from_job)
    deployed = job.latest(ModelDeployed)
    if job.status is not JobStatus.RUNNING or deployed is None:
        raise ProblemError(
            NO_MODEL, f"The job {job.job_id} is {job.status}: a model must be RUNNING to suggest boxes."
        )
    unknown = [label for label in labels if label not in job.plan.labels]
    if unknown:
        raise ProblemError(
            INVALID_REQUEST,
            f"labelling.suggestionsFromJob: the model of {job.job_id} does not know {', '.join(unknown)}.",
        )
    return LabellingPlan(backend=backend, suggestions_from=deployed.data.project_version_arn)
