"""What a job has cost so far, by list price."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, NonNegativeFloat

from contracts.events import (
    LabellingCompleted,
    LabellingStopped,
    ModelDeploymentStarted,
    ModelDiscarded,
    ModelStopped,
    ModelTrained,
)
from contracts.http import Cost
from contracts.plan import LabellingBackendName
from services.job_api.job import Job


class Prices(BaseModel):
    """List prices in US dollars."""

    model_config = ConfigDict(frozen=True)

    labelled_image: NonNegativeFloat
    training_hour: NonNegativeFloat
    inference_unit_hour: NonNegativeFloat


def cost_of(job: Job, prices: Prices, now: datetime) -> Cost:
    """Estimate a job's cost up to now."""
    labelling = _images_labelled(job) * prices.labelled_image
    training = _training_seconds(job) / 3600 * prices.training_hour
    running = _unit_seconds(job, now) / 3600 * prices.inference_unit_hour
    return Cost(
        labelling=round(labelling, 2),
        training=round(training, 2),
        running=round(running, 2),
        total=round(labelling + training + running, 2),
        per_hour_now=units_running(job) * prices.inference_unit_hour,
    )


def units_running(job: Job) -> int:
    """Tell how many inference units the job pays for now: from the start of a run to its end."""
    started, stopped = job.latest(ModelDeploymentStarted), job.latest(ModelStopped)
    if started is None:
        return 0
    if stopped is not None and (stopped.attempt, stopped.data.run) >= (started.attempt, started.data.run):
        return 0
    return started.data.inference_units


def _images_labelled(job: Job) -> int:
    """Count what people in Ground Truth labelled in all attempts, an image as often as it was labelled."""
    if job.plan.labelling.backend is not LabellingBackendName.GROUND_TRUTH:
        return 0
    completed, stopped = job.each(LabellingCompleted), job.each(LabellingStopped)
    return sum(event.data.counts.labelled - event.data.kept for event in completed) + sum(
        event.data.counts.labelled for event in stopped
    )


def _training_seconds(job: Job) -> int:
    events = (*job.each(ModelTrained), *job.each(ModelDiscarded))
    return sum(event.data.billable_training_seconds for event in events)


def _unit_seconds(job: Job, now: datetime) -> float:
    started, stopped = job.latest(ModelDeploymentStarted), job.latest(ModelStopped)
    before = stopped.data.unit_seconds if stopped else 0
    if started is None or units_running(job) == 0:
        return before
    return before + started.data.inference_units * max((now - started.data.started_at).total_seconds(), 0)
