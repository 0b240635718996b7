"""Creating, starting, showing and commanding training jobs."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from contracts.envelope import Event
from contracts.events import (
    ModelStartRequested,
    ModelStartRequestedData,
    ModelStopRequested,
    ModelStopRequestedData,
    TrainingJobCancelled,
    TrainingJobCancelledData,
    TrainingJobRetried,
    TrainingJobStarted,
    TrainingJobStartedData,
)
from contracts.http import (
    CreateTrainingJob,
    History,
    HistoryEntry,
    RetryTrainingJob,
    StartedTrainingJob,
    TrainingJob,
    TrainingJobList,
)
from contracts.ids import JOB_ID_PATTERN, new_job_id
from contracts.names import images_prefix, labelling_job_arn, labelling_job_name
from contracts.plan import LabellingBackendName, TrainingPlan
from contracts.problems import (
    IDEMPOTENCY_KEY_REUSED,
    INVALID_REQUEST,
    JOB_NOT_FOUND,
    NO_ANNOTATIONS,
    NO_IMAGES,
    TRY_AGAIN,
    WRONG_STATE,
)
from contracts.stages import JobStatus
from runtime.clock import Clock
from runtime.errors import Trouble
from runtime.observe import get_logger
from runtime.problem_error import ProblemError
from runtime.publish import OutgoingEvent
from services.job_api.job import Job
from services.job_api.jobs_table import JobChanged, JobsTable, KeyTaken
from services.job_api.labelling_choice import labelling_plan
from services.job_api.outbox import Outbox
from services.job_api.projection import move_of
from services.job_api.retrying import data_for_retry
from services.job_api.rules import is_to_cancel, run_to_start, run_to_stop
from services.job_api.settings import JobApiSettings
from services.job_api.uploads import Uploads
from services.job_api.view import summary_of, view_of

_ATTEMPTS = 5


@dataclass(frozen=True)
class TrainingJobs:
    """The use cases of the HTTP API that concern a job as a whole."""

    settings: JobApiSettings
    jobs: JobsTable
    outbox: Outbox
    uploads: Uploads
    clock: Clock

    def create(
        self, request: CreateTrainingJob, *, idempotency_key: str | None, traceparent: str
    ) -> TrainingJob:
        """Create a job, or give the one that the same request with the same key created before.

        Raises:
            ProblemError: the key was used for a different request, or no boxes can be had as wanted.
        """
        now = self.clock()
        labels = request.labels or self.settings.default_labels
        job = Job(
            job_id=new_job_id(now, secrets.token_bytes(10)),
            name=request.name,
            plan=TrainingPlan(
                labels=labels,
                labelling=labelling_plan(
                    request.labelling, labels, self.settings.default_labelling_backend, self.require
                ),
                options=request.options,
            ),
            traceparent=traceparent,
            created_at=now,
            updated_at=now,
        )
        request_hash = _hashed(request.model_dump_json())
        try:
            self.jobs.create(job, (_hashed(idempotency_key), request_hash) if idempotency_key else None)
        except KeyTaken as known:
            if known.request_hash != request_hash:
                raise ProblemError(
                    IDEMPOTENCY_KEY_REUSED,
                    "This Idempotency-Key created a job from a different body: use a new key for a new job.",
                ) from known
            return self.show(known.job_id)
        return self._view(job)

    def start(self, job_id: str) -> StartedTrainingJob:
        """Start a job; a job that has started gives the same answer again.

        Raises:
            ProblemError: the job is unknown, was cancelled, or has no images, or no labels to import.
        """
        started = self._command(job_id, self._start_event)
        if started.plan.labelling.backend is not LabellingBackendName.GROUND_TRUTH:
            return StartedTrainingJob(job_id=job_id, status=started.status)
        name = labelling_job_name(self.settings.name_prefix, job_id, 1)
        return StartedTrainingJob(
            job_id=job_id,
            status=started.status,
            labelling_job_arn=labelling_job_arn(
                self.settings.partition, self.settings.aws_region, self.settings.account, name
            ),
        )

    def cancel(self, job_id: str, reason: str | None) -> TrainingJob:
        """Cancel a job for good; a job that is cancelled gives the same answer again.

        Raises:
            ProblemError: the job is unknown, or it is over and nothing of it runs.
        """

        def event_for(job: Job) -> Event | None:
            if not is_to_cancel(job):
                return None
            data = TrainingJobCancelledData(reason=reason)
            return TrainingJobCancelled.about(
                job.job_id, job.attempt, data, time=self.clock(), traceparent=job.traceparent
            )

        return self._view(self._command(job_id, event_for))

    def retry(self, job_id: str, request: RetryTrainingJob) -> TrainingJob:
        """Begin the job's next attempt; while it is under way, the same request gives the same answer.

        Raises:
            ProblemError: the job is unknown, its state does not allow it, or the stage to begin with has
                nothing to begin with.
        """

        def event_for(job: Job) -> Event | None:
            data = data_for_retry(job, request, self._images(job.job_id))
            if data is None:
                return None
            return TrainingJobRetried.about(
                job.job_id, job.attempt + 1, data, time=self.clock(), traceparent=job.traceparent
            )

        return self._view(self._command(job_id, event_for))

    def start_model(self, job_id: str) -> TrainingJob:
        """Ask for the model to be started.

        Raises:
            ProblemError: the job is unknown or its state does not allow it.
        """
        return self._view(self._command(job_id, self._start_model_event))

    def stop_model(self, job_id: str) -> TrainingJob:
        """Ask for the model to be stopped.

        Raises:
            ProblemError: the job is unknown or has no model.
        """
        return self._view(self._command(job_id, self._stop_model_event))

    def show(self, job_id: str) -> TrainingJob:
        """Give everything known about a job.

        Raises:
            ProblemError: the job is unknown.
        """
        return self._view(self.require(job_id))

    def list(self, status: JobStatus | None, limit: int, after: str | None) -> TrainingJobList:
        """Give a page of jobs, newest first.

        Raises:
            ProblemError: ``after`` is not a token of ours.
        """
        if after is not None and not re.fullmatch(JOB_ID_PATTERN, after):
            raise ProblemError(
                INVALID_REQUEST, "nextToken: pass the nextToken of the page before, or leave it out."
            )
        jobs, next_token = self.jobs.page(status, limit, after)
        now = self.clock()
        lines = [summary_of(job, self.settings.prices, now) for job in jobs]
        return TrainingJobList(jobs=lines, next_token=next_token)

    def history(self, job_id: str) -> History:
        """Give the job's events in the order in which they happened.

        Raises:
            ProblemError: the job is unknown.
        """
        self.require(job_id)
        entries = [HistoryEntry.model_validate_json(body) for body in self.jobs.history(job_id)]
        return History(job_id=job_id, events=sorted(entries, key=lambda entry: (entry.time, entry.id)))

    def require(self, job_id: str) -> Job:
        """Read a job.

        Raises:
            ProblemError: the job is unknown.
        """
        job = self.jobs.find(job_id) if re.fullmatch(JOB_ID_PATTERN, job_id) else None
        if job is None:
            raise ProblemError(
                JOB_NOT_FOUND, "There is no training job with this id: check it, or create a job first."
            )
        return job

    def _command(self, job_id: str, event_for: Callable[[Job], Event | None]) -> Job:
        """Record what the user wants, then publish it; only the first can fail the request."""
        for _ in range(_ATTEMPTS):
            job = self.require(job_id)
            event = event_for(job)
            if event is None:
                return job
            try:
                self.jobs.command(job, event, move_of(event), self.clock())
            except JobChanged:
                continue
            self._send(event)
            return self.require(job_id)
        raise ProblemError(TRY_AGAIN, "The job is changing quickly just now: ask again in a moment.")

    def _send(self, event: Event) -> None:
        try:
            self.outbox.send(event.job_id, event.id, OutgoingEvent.of(event))
        except Trouble as trouble:
            get_logger().warning("left in the outbox for the tick", reason=str(trouble), job_id=event.job_id)

    def _start_event(self, job: Job) -> Event | None:
        if job.status is JobStatus.CANCELLED:
            raise ProblemError(WRONG_STATE, "The job was cancelled: create a new one.")
        if job.status is not JobStatus.CREATED:
            return None
        if not self.uploads.any_arrived(job.job_id):
            raise ProblemError(
                NO_IMAGES,
                "No image has been uploaded: ask for an upload URL for each image, PUT it there, then start.",
            )
        if job.plan.labelling.backend is LabellingBackendName.IMPORT and not self.uploads.has_annotations(
            job.job_id
        ):
            raise ProblemError(
                NO_ANNOTATIONS,
                "No labels have been uploaded: POST to the job's annotations for a URL, PUT the file there, "
                "then start.",
            )
        data = TrainingJobStartedData(plan=job.plan, images=self._images(job.job_id))
        return TrainingJobStarted.about(
            job.job_id, job.attempt, data, time=self.clock(), traceparent=job.traceparent
        )

    def _start_model_event(self, job: Job) -> Event | None:
        run = run_to_start(job)
        if run is None:
            return None
        return ModelStartRequested.about(
            job.job_id,
            job.attempt,
            ModelStartRequestedData(run=run),
            time=self.clock(),
            traceparent=job.traceparent,
        )

    def _stop_model_event(self, job: Job) -> Event | None:
        run = run_to_stop(job)
        if run is None:
            return None
        return ModelStopRequested.about(
            job.job_id,
            job.attempt,
            ModelStopRequestedData(run=run),
            time=self.clock(),
            traceparent=job.traceparent,
        )

    def _images(self, job_id: str) -> str:
        return f"s3://{self.settings.bucket}/{images_prefix(job_id)}"

    def _view(self, job: Job) -> TrainingJob:
        return view_of(job, self.settings.prices, self.clock())


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
