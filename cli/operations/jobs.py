"""Which jobs are under way and what each waits for, as the API tells it."""

from collections.abc import Iterator
from datetime import datetime

from cli.client import PipelineApi
from cli.milestones import duration
from cli.operations.checkup import Check
from contracts.http import TrainingJob
from contracts.stages import JobStatus

_WAITS_FOR = {
    JobStatus.LABELLING: "people to label the images",
    JobStatus.CREATING_DATASET: "Rekognition to create the datasets",
    JobStatus.TRAINING: "the training",
    JobStatus.DEPLOYING: "the model to start",
    JobStatus.STOPPING: "the model to stop",
}


def job_check(api: PipelineApi, now: datetime) -> Check:
    """Say what is under way; what takes too long fails by itself, so none of it needs a person."""
    jobs = list(_under_way(api))
    facts = [
        {
            "jobId": job.job_id,
            "status": job.status,
            "waitsFor": _waits_for(job),
            "since": _since(job).isoformat(),
        }
        for job in jobs
    ]
    lines = [
        f"{job.job_id} {job.status} for {duration(now - _since(job))}: waits for {_waits_for(job)}"
        for job in jobs
    ]
    return Check("jobs", f"{len(jobs)} under way", facts, lines)


def _under_way(api: PipelineApi) -> Iterator[TrainingJob]:
    for status in _WAITS_FOR:
        page = api.jobs(status=status)
        while True:
            yield from (api.job(summary.job_id) for summary in page.jobs)
            if page.next_token is None:
                break
            page = api.jobs(status=status, next_token=page.next_token)


def _waits_for(job: TrainingJob) -> str:
    return job.waiting_for or _WAITS_FOR.get(job.status, "nothing any more")


def _since(job: TrainingJob) -> datetime:
    begun = [stage.started_at for stage in job.stages if stage.started_at and not stage.ended_at]
    return max(begun, default=job.updated_at)
