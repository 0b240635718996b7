"""What a cancelled job leaves behind, in words: what was paid for, what is kept, what goes on for a while."""

from collections.abc import Iterator
from datetime import datetime

from contracts.events import (
    LabellingCompleted,
    LabellingStarted,
    LabellingStopped,
    ModelDiscarded,
    ModelStopped,
    ModelTrained,
    TrainingJobCancelled,
)
from contracts.http import Cancellation
from contracts.stages import JobStatus
from services.job_api.costs import Prices, cost_of, units_running
from services.job_api.job import Job
from services.job_api.rules import is_labelling_under_way, is_training_under_way


def cancellation_of(job: Job, prices: Prices, now: datetime) -> Cancellation | None:
    """Tell of a job's cancellation; ``None`` unless it was cancelled."""
    cancelled = job.latest(TrainingJobCancelled)
    if cancelled is None or job.status is not JobStatus.CANCELLED:
        return None
    lasting = (*_labelling(job, prices, now), *_training(job, prices, now), *_running(job, prices, now))
    return Cancellation(at=cancelled.time, reason=cancelled.data.reason, lasting=lasting)


def _labelling(job: Job, prices: Prices, now: datetime) -> Iterator[str]:
    started = job.latest(LabellingStarted)
    if started is not None and is_labelling_under_way(job):
        yield (
            f"The labelling job {started.data.labelling_job_arn or ''} is being stopped. What people label "
            f"until then is kept and costs about ${prices.labelled_image:.2f} an image."
        )
        return
    ended = job.latest(LabellingCompleted) or job.latest(LabellingStopped)
    if ended is not None:
        labels = f" The labels are in {ended.data.output_manifest}." if ended.data.output_manifest else ""
        yield (
            f"{ended.data.counts.labelled} images were labelled, for about "
            f"${cost_of(job, prices, now).labelling:.2f}.{labels}"
        )


def _training(job: Job, prices: Prices, now: datetime) -> Iterator[str]:
    if is_training_under_way(job):
        yield (
            "AWS cannot cancel a training: it goes on until it ends, and if it succeeds it is billed with "
            f"about ${prices.training_hour:.2f} an hour. Its model is not deployed."
        )
        return
    cost = f"${cost_of(job, prices, now).training:.2f}"
    trained, discarded = job.latest(ModelTrained), job.latest(ModelDiscarded)
    if trained is not None:
        yield f"The model {trained.data.project_version_arn} was trained, for about {cost}, and stays in AWS."
    elif discarded is not None and discarded.data.succeeded:
        arn = discarded.data.project_version_arn
        yield f"The training has ended since, for about {cost}. Its model {arn} is kept and not deployed."
    elif discarded is not None:
        yield "The training has failed since: AWS does not bill that."


def _running(job: Job, prices: Prices, now: datetime) -> Iterator[str]:
    cost = cost_of(job, prices, now)
    if units_running(job):
        yield (
            f"The model is being stopped; until that is done it costs ${cost.per_hour_now:.2f} an hour, so "
            f"far about ${cost.running:.2f}."
        )
    elif job.latest(ModelStopped) is not None:
        yield f"The model is stopped; it ran for about ${cost.running:.2f} in all."
