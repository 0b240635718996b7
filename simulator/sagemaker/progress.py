"""The stages of a labelling job, as tasks: begin, label, write, tell."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.core.options import Durations
from simulator.core.regions import Regions
from simulator.core.tasks import Task, Work
from simulator.core.wire import Caller
from simulator.core.world import Wait, World, caller_of_task
from simulator.sagemaker.checks import MAX_AVAILABILITY_SECONDS
from simulator.sagemaker.consolidation import consolidate
from simulator.sagemaker.events import EmitEvent
from simulator.sagemaker.inputs import BadInputError, JobInput, read_input
from simulator.sagemaker.models import (
    FAILED,
    LABELLED,
    DataObject,
    LabellingJob,
    SageMakerState,
    WorkerAnswer,
)
from simulator.sagemaker.output import manifest_place, output_files
from simulator.sagemaker.timeline import EXPIRED, advance, end_of, is_over, reached_stopping_condition
from simulator.sagemaker.workforce import Workforce

log = logging.getLogger(__name__)

START, TURNS, WRITE, EVENT = "labelling-start", "labelling-turns", "labelling-write", "labelling-event"
SERVICE_TROUBLE = "InternalServerError: We encountered an internal error. Please try again."


class Progress:
    """Moves labelling jobs along."""

    def __init__(self, world: World, regions: Regions[SageMakerState], workforce: Workforce) -> None:
        self._world = world
        self._regions = regions
        self._workforce = workforce
        world.tasks.register(START, _Initialise(world, self))
        world.tasks.register(TURNS, Wait(self._look))
        world.tasks.register(WRITE, _WriteOutput(world, self))
        world.tasks.register(EVENT, EmitEvent(world.aws))

    def initialise(self, job: LabellingJob, caller: Caller, at: datetime) -> None:
        """Begin reading the input."""
        self._world.schedule(START, caller, job.arn, start=at, seconds=self._durations.labelling_start)

    def offer(self, job: LabellingJob, given: JobInput, caller: Caller, at: datetime) -> None:
        """Offer the objects to the workers."""
        job.labels, job.objects = given.labels, given.objects
        job.began = at
        job.move("InProgress", at)
        self._plan(job, caller, at)

    def fail(self, job: LabellingJob, reason: str, caller: Caller, at: datetime) -> None:
        """End the job as Failed."""
        job.failure_reason = reason[:1024]
        self._settle(job, "Failed", caller, at)

    def stop(self, job: LabellingJob, caller: Caller, at: datetime) -> None:
        """Begin to stop: what was labelled so far will be written."""
        job.move("Stopping", at)
        self._write(job, "Stopped", self._durations.labelling_stop, caller, at)

    def catch_up(self, job: LabellingJob, now: datetime) -> None:
        """Decide every object whose turn has come."""
        if job.status == "InProgress" and not job.outcome:
            advance(
                job,
                now,
                present=self._workforce.present,
                pace=self._pace,
                lifetime=self._lifetime(job),
                decide=lambda index, item, at: self._decide(job, index, item, at),
            )

    def workers_arrived(self) -> None:
        """Tell the jobs that somebody came to work."""
        now = self._world.clock.now()
        for caller, state in self._regions.items():
            for job in state.jobs.values():
                if job.status == "InProgress" and not job.outcome and job.next_turn is None:
                    self._plan(job, caller, now)

    def require(self, task: Task) -> LabellingJob:
        """Return the job a task is about."""
        name = task.subject.rpartition("/")[2]
        return self._regions.at(caller_of_task(task)).jobs[name]

    def written(self, job: LabellingJob, caller: Caller, at: datetime) -> None:
        """End the job: its output is in S3."""
        job.output_uri = manifest_place(job).uri
        self._settle(job, job.outcome, caller, at)

    @property
    def _durations(self) -> Durations:
        return self._world.options.durations

    @property
    def _pace(self) -> timedelta:
        return self._world.options.lasting(self._durations.labelling_per_object)

    def _lifetime(self, job: LabellingJob) -> timedelta:
        seconds = job.human_task.get("TaskAvailabilityLifetimeInSeconds", MAX_AVAILABILITY_SECONDS)
        return self._world.options.lasting(seconds)

    def _look(self, task: Task, at: datetime) -> None:
        self._plan(self.require(task), caller_of_task(task), at)

    def _plan(self, job: LabellingJob, caller: Caller, at: datetime) -> None:
        """Decide what is due; then either write the output or look again when more will be."""
        self.catch_up(job, at)
        self._world.tasks.cancel(job.arn, TURNS)
        if is_over(job):
            self._write(job, "Completed", self._durations.labelling_write, caller, at)
        elif reached_stopping_condition(job):
            job.move("Stopping", at)
            self._write(job, "Stopped", self._durations.labelling_stop, caller, at)
        else:
            due = end_of(job, pace=self._pace, lifetime=self._lifetime(job))
            self._world.tasks.add(Task(TURNS, caller.account, caller.region, job.arn, due, due))

    def _write(self, job: LabellingJob, outcome: str, seconds: float, caller: Caller, at: datetime) -> None:
        self._world.tasks.cancel(job.arn)
        job.outcome = outcome
        self._world.schedule(WRITE, caller, job.arn, start=at, seconds=seconds, work_at_end=True)

    def _settle(self, job: LabellingJob, status: str, caller: Caller, at: datetime) -> None:
        job.move(status, at)
        faults = job.faults
        copies = 0 if "event-lost" in faults else 2 if "event-doubled" in faults else 1
        late = float(faults.get("event-late", {}).get("seconds", 60)) if "event-late" in faults else 0.0
        due = at + timedelta(seconds=late)
        for _ in range(copies):
            data = {"status": status, "time": at.isoformat()}
            self._world.tasks.add(Task(EVENT, caller.account, caller.region, job.arn, due, due, data))

    def _decide(self, job: LabellingJob, index: int, item: DataObject, at: datetime) -> None:
        if item.blocked:
            log.warning("%s, %s: nobody can label it: %s", job.name, item.source_ref, item.blocked)
        if item.blocked or not self._workforce.knows(item.source_ref):
            item.state, item.reason = FAILED, EXPIRED
            return
        accepted = at - self._pace
        for worker in range(job.workers):
            boxes = self._workforce.draw(job.arn, index, item, job.labels, worker)
            item.answers.append(WorkerAnswer(f"private.worker.{worker + 1}", accepted, at, boxes))
        item.boxes = consolidate([answer.boxes for answer in item.answers])
        item.state = LABELLED


class _Initialise:
    """Reads the input; a job on bad input fails."""

    def __init__(self, world: World, progress: Progress) -> None:
        self._world = world
        self._progress = progress

    def begin(self, task: Task) -> Work:
        request = self._progress.require(task).request
        buckets = self._world.aws.buckets(caller_of_task(task))
        quotas, choices = self._world.options.quotas, self._world.options.choices

        def read() -> JobInput | str:
            try:
                return read_input(
                    buckets,
                    manifest=request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"],
                    categories=request["LabelCategoryConfigS3Uri"],
                    attribute=request["LabelAttributeName"],
                    limits=(quotas.objects_per_labelling_job, quotas.labels_per_labelling_job),
                    cors=choices.require_cors,
                )
            except BadInputError as error:
                return str(error)

        return read

    def end(self, task: Task, result: JobInput | str, at: datetime) -> None:
        job, caller = self._progress.require(task), caller_of_task(task)
        fault = job.faults.get("labelling-fails")
        if fault is not None:
            message = fault.get("message", "ClientError: The labeling job failed (simulated fault).")
            self._progress.fail(job, message, caller, at)
        elif isinstance(result, str):
            self._progress.fail(job, result, caller, at)
        else:
            self._progress.offer(job, result, caller, at)

    def crash(self, task: Task, error: BaseException, at: datetime) -> None:
        self._progress.fail(self._progress.require(task), SERVICE_TROUBLE, caller_of_task(task), at)


class _WriteOutput:
    """Writes the output tree."""

    def __init__(self, world: World, progress: Progress) -> None:
        self._world = world
        self._progress = progress

    def begin(self, task: Task) -> Callable[[], str]:
        job = self._progress.require(task)
        buckets = self._world.aws.buckets(caller_of_task(task))
        files = output_files(job, task.due)
        key = job.request["OutputConfig"].get("KmsKeyId", "")

        def write() -> str:
            buckets.write_all(files, kms_key=key)
            return ""

        return write

    def end(self, task: Task, result: str, at: datetime) -> None:
        self._progress.written(self._progress.require(task), caller_of_task(task), at)

    def crash(self, task: Task, error: BaseException, at: datetime) -> None:
        reason = f"ClientError: The output could not be written to S3: {error}"
        self._progress.fail(self._progress.require(task), reason, caller_of_task(task), at)
