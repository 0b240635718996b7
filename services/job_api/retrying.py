"""Whether a job can be tried again, from which stage, and what that stage begins with."""

from contracts.envelope import Event
from contracts.events import (
    DatasetReady,
    LabellingCompleted,
    ModelTrained,
    StageFailed,
    TrainingJobRetried,
    TrainingJobRetriedData,
)
from contracts.http import RetryTrainingJob
from contracts.ids import S3Uri
from contracts.problems import NOTHING_TO_RETRY, TRY_AGAIN, WRONG_STATE
from contracts.stages import JobStatus, Stage
from runtime.problem_error import ProblemError
from services.job_api.job import Job

_OVER = frozenset({JobStatus.FAILED, JobStatus.REJECTED, JobStatus.STOPPED, JobStatus.CANCELLED})
_WHY_NOT = {
    JobStatus.CREATED: "The job was never started: start it.",
    JobStatus.CANCELLED: "The job was cancelled for good: create a new one.",
    JobStatus.STOPPED: "The job has succeeded, its model is stopped: start that again, or create a new job.",
    JobStatus.RUNNING: "The job has succeeded and its model runs: there is nothing to retry.",
    JobStatus.STOPPING: "The job has succeeded and its model is stopping: there is nothing to retry.",
}


def data_for_retry(job: Job, request: RetryTrainingJob, images: S3Uri) -> TrainingJobRetriedData | None:
    """Say what the next attempt begins with; ``None`` when just this retry is under way already.

    Raises:
        ProblemError: the job's state does not allow a retry, or the stage has nothing to begin with, or
            nothing that is known here yet.
    """
    if _is_under_way(job, request):
        return None
    stage = _stage_of(job, request)
    if request.relabel and stage is not Stage.LABELLING:
        raise ProblemError(NOTHING_TO_RETRY, 'With "relabel" the retry has to be from "labelling".')
    data = TrainingJobRetriedData(stage=stage, plan=job.plan, images=images, relabel=request.relabel)
    match stage:
        case Stage.LABELLING:
            _require_something_to_label(job, request)
            return data
        case Stage.DATASET:
            return data.model_copy(update={"labelling": _labels(job).data})
        case Stage.TRAINING:
            return data.model_copy(update={"dataset": _datasets(job).data})
        case Stage.DEPLOYMENT:
            return data.model_copy(update={"model": _model(job).data})


def _is_under_way(job: Job, request: RetryTrainingJob) -> bool:
    retried = job.latest(TrainingJobRetried)
    if retried is None or retried.attempt != job.attempt or job.status in _OVER:
        return False
    return request.stage in {None, retried.data.stage} and request.relabel == retried.data.relabel


def _stage_of(job: Job, request: RetryTrainingJob) -> Stage:
    failed = job.latest(StageFailed)
    if job.status is JobStatus.FAILED and failed is not None:
        return request.stage or failed.data.stage
    if job.status is not JobStatus.REJECTED:
        under_way = f"The job is {job.status}: wait until it has ended, or cancel it."
        raise ProblemError(WRONG_STATE, _WHY_NOT.get(job.status, under_way))
    if request.stage is None:
        raise ProblemError(
            WRONG_STATE,
            'The job is REJECTED, no stage of it has failed: say with "from" at which stage to begin again. '
            "The same labels and options may well give the same model; it can also be started as it is.",
        )
    if request.stage is Stage.DEPLOYMENT:
        raise ProblemError(
            WRONG_STATE,
            "The job is REJECTED: its model would be rejected again. Start the model if it is good enough "
            "after all, or retry from an earlier stage.",
        )
    return request.stage


def _require_something_to_label(job: Job, request: RetryTrainingJob) -> None:
    labelled = job.current(LabellingCompleted)
    if labelled is None or request.relabel:
        return
    counts = labelled.data.counts
    if counts.failed + counts.unlabelled == 0:
        raise ProblemError(
            NOTHING_TO_RETRY,
            f"All {counts.labelled} images are labelled, and that is not thrown away unasked: retry with "
            '"relabel": true to have people label them again, or from "dataset" to go on with these labels.',
        )


def _require_not_overtaken(job: Job, event: type[Event]) -> None:
    """Require that what a retry begins with is known here: messages overtake each other."""
    failed = job.latest(StageFailed)
    reached = failed.data.stage if job.status is JobStatus.FAILED and failed is not None else Stage.DEPLOYMENT
    if job.is_overtaken(event, reached):
        raise ProblemError(
            TRY_AGAIN,
            "What the stages before have made is there, but word of it is still on its way here: retry in a "
            "few minutes. Nothing has to be made again.",
        )


def _labels(job: Job) -> LabellingCompleted:
    _require_not_overtaken(job, LabellingCompleted)
    labels = job.latest(LabellingCompleted)
    if labels is None:
        raise ProblemError(NOTHING_TO_RETRY, 'The job has no labels yet: retry from "labelling".')
    return labels


def _datasets(job: Job) -> DatasetReady:
    _require_not_overtaken(job, DatasetReady)
    datasets = job.latest(DatasetReady)
    if datasets is None:
        raise ProblemError(NOTHING_TO_RETRY, 'The job has no datasets yet: retry from "dataset" or before.')
    if datasets.attempt < _labels(job).attempt:
        raise ProblemError(
            NOTHING_TO_RETRY, 'The labels are newer than the datasets: retry from "dataset" or before.'
        )
    return datasets


def _model(job: Job) -> ModelTrained:
    _require_not_overtaken(job, ModelTrained)
    model = job.latest(ModelTrained)
    if model is None:
        raise ProblemError(
            NOTHING_TO_RETRY, 'The job has no trained model yet: retry from "training" or before.'
        )
    if model.attempt < _datasets(job).attempt:
        raise ProblemError(
            NOTHING_TO_RETRY, 'The datasets are newer than the model: retry from "training" or before.'
        )
    return model
