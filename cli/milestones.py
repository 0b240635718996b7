"""What a job has passed so far, in words: the same job always gives the same milestones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.http import DatasetResult, LabellingResult, ModelResult, StageTiming, TrainingJob
from contracts.stages import JobStatus, Stage

TITLES = {
    Stage.LABELLING: "Labelling",
    Stage.DATASET: "Dataset creation",
    Stage.TRAINING: "Training",
    Stage.DEPLOYMENT: "Deployment",
}


@dataclass(frozen=True)
class Milestone:
    """Something that happened to a job; `at` is missing where the API gives no time."""

    at: datetime | None
    text: str
    mark: str = "•"
    style: str = ""


def milestones(job: TrainingJob) -> list[Milestone]:
    """List what the job has passed, in order: show those not shown before and nothing is told twice."""
    passed = [Milestone(job.created_at, f"Job {job.job_id} created")]
    for timing in job.stages:
        passed.extend(_of_stage(job, timing))
    passed.extend(_of_end(job))
    return passed


def under_way(job: TrainingJob, now: datetime) -> str:
    """Say what the job does just now, and for how long it has."""
    if job.status is JobStatus.CREATED:
        return "Waiting for images and `ekyc start`"
    current = next((timing for timing in reversed(job.stages) if timing.started_at), None)
    if current is None or current.started_at is None:
        return job.status.replace("_", " ").capitalize()
    waiting = current.waiting_for or job.waiting_for
    since = duration(now - current.started_at)
    return f"{TITLES[current.stage]}: {since}" + (f", waiting for {waiting}" if waiting else "")


def duration(span: timedelta) -> str:
    """Write a length of time as a person would: `8.2 s`, `3 min 5 s`, `2 h 10 min`."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _of_stage(job: TrainingJob, timing: StageTiming) -> Iterator[Milestone]:
    title = TITLES[timing.stage]
    if timing.waiting_for:
        yield Milestone(None, f"{title} waits for {timing.waiting_for}", "…", "yellow")
    if timing.started_at:
        yield Milestone(timing.started_at, f"{title} began", "▸", "cyan")
    if timing.started_at and timing.ended_at and not (job.failure and job.failure.stage == timing.stage):
        took = duration(timing.ended_at - timing.started_at)
        outcome = _outcome(job, timing.stage)
        yield Milestone(
            timing.ended_at, f"{title} done in {took}" + (f": {outcome}" if outcome else ""), "✓", "green"
        )


def _outcome(job: TrainingJob, stage: Stage) -> str:
    match stage:
        case Stage.LABELLING:
            return _labelling_outcome(job.labelling)
        case Stage.DATASET:
            return _dataset_outcome(job.dataset)
        case Stage.TRAINING:
            return _model_outcome(job.model)
        case Stage.DEPLOYMENT:
            return ""


def _labelling_outcome(result: LabellingResult | None) -> str:
    if result is None:
        return ""
    parts = []
    if result.labels:
        parts.append(f"{result.labels.labelled} images labelled")
        parts += [f"{result.labels.failed} not labelled by anyone"] * bool(result.labels.failed)
        parts += [f"{result.labels.unlabelled} never reached"] * bool(result.labels.unlabelled)
    if result.images and result.images.refused:
        parts.append(f"{result.images.refused} refused as unusable")
    return ", ".join(parts)


def _dataset_outcome(result: DatasetResult | None) -> str:
    if result is None or result.train_entries is None:
        return ""
    left_out = sum(left.count for left in result.left_out)
    return f"{result.train_entries} images to train on, {result.test_entries} to test with" + (
        f", {left_out} left out" if left_out else ""
    )


def _model_outcome(result: ModelResult | None) -> str:
    return f"F1 {result.f1:.3f}" if result and result.f1 is not None else ""


def _of_end(job: TrainingJob) -> Iterator[Milestone]:
    model, failure = job.model, job.failure
    match job.status:
        case JobStatus.RUNNING:
            yield Milestone(model.running_since if model else None, _running(job), "✓", "bold green")
        case JobStatus.STOPPED:
            yield Milestone(model.stopped_at if model else None, "The model is stopped", "■")
        case JobStatus.STOPPING:
            yield Milestone(None, "The model is stopping", "▸", "cyan")
        case JobStatus.REJECTED:
            yield Milestone(None, _rejected(model), "✗", "bold yellow")
        case JobStatus.CANCELLED:
            cancellation = job.cancellation
            lasting = "".join(f"\n    {line}" for line in cancellation.lasting) if cancellation else ""
            at = cancellation.at if cancellation else None
            yield Milestone(at, f"Cancelled{lasting}", "✗", "bold yellow")
        case JobStatus.FAILED if failure:
            details = "".join(f"\n    {detail}" for detail in failure.details)
            text = f"{TITLES[failure.stage]} failed: {failure.reason} {failure.advice}{details}"
            yield Milestone(failure.at, text, "✗", "bold red")
        case JobStatus.FAILED:
            yield Milestone(None, "Failed", "✗", "bold red")
        case _:
            return


def _running(job: TrainingJob) -> str:
    price = f"; it costs ${job.cost.per_hour_now:.2f} an hour" if job.cost.per_hour_now else ""
    return f"The model is running{price} (stop it with `ekyc model stop {job.job_id}`)"


def _rejected(model: ModelResult | None) -> str:
    if model is None or model.f1 is None or model.min_f1 is None:
        return "The model misses the job's quality bar and was not deployed"
    return f"Not deployed: F1 {model.f1:.3f} is below the {model.min_f1:.3f} asked for"
