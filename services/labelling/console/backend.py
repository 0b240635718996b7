"""Labelling in our own page as a way of getting boxes, beside Ground Truth."""

import json
from collections.abc import Callable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO

from contracts.facts import LabelCounts
from contracts.names import labelling_job_name
from runtime.clock import Clock
from runtime.observe import get_logger
from services.labelling.backend import LabellingOrder, LabellingState, NoLabelling, Progress
from services.labelling.console.outcome import line_of
from services.labelling.console.round import Round, round_key
from services.labelling.console.rounds_table import TASKS_AT_ONCE, RoundsTable
from services.labelling.console.task import Person, Task
from services.labelling.lines import Signature
from services.labelling.storage import Storage

CONSOLE = "console"
"""The name under which rows remember this backend."""

_IN_MEMORY = 1024 * 1024
_JSON_LINES = "application/x-ndjson"


class Console:
    """Gives images out to people and puts their answers together; nothing is waited for in line."""

    slot = None

    def __init__(self, rounds: RoundsTable, storage: Storage, name_prefix: str, clock: Clock) -> None:
        self._rounds = rounds
        self._storage = storage
        self._name_prefix = name_prefix
        self._clock = clock

    def start(self, order: LabellingOrder, keep: Callable[[], None]) -> None:
        """Make a task of each image; what a broken attempt had made of them is gone on with.

        Raises:
            Retryable: another process is at it.
            Trouble: S3 or DynamoDB did not answer as asked.
        """
        round_ = self._rounds.find(_key(order)) or self._begun(order)
        while round_.state == "making":
            tasks = self._tasks(order, round_.images)
            while batch := list(islice(tasks, TASKS_AT_ONCE)):
                keep()
                round_ = self._rounds.add(round_, batch)
            round_ = self._rounds.save(round_.changed(state="open"))
        get_logger().info("images given to the console", images=round_.images)

    def look(self, order: LabellingOrder) -> LabellingState:
        """Tell how it stands; put the answers together once it takes no more.

        Raises:
            NoLabelling: it was never begun.
            Trouble: S3 or DynamoDB did not answer as asked.
        """
        round_ = self._require(order)
        done = _done(self._rounds.people(round_))
        if round_.state == "open" and done >= round_.images:
            round_ = self._rounds.save(round_.closing("all-done", self._clock()))
        if round_.state == "closing":
            round_ = self._close(round_, order)
        if round_.counts is not None:
            progress = Progress.STOPPED if round_.ending == "stopped" else Progress.COMPLETED
            return LabellingState(None, progress, round_.counts, round_.manifest)
        counts = LabelCounts(labelled=done, failed=0, unlabelled=max(0, round_.images - done))
        return LabellingState(None, Progress.UNDER_WAY, counts)

    def stop(self, order: LabellingOrder) -> None:
        """Take no more answers; the next look puts together what was answered by then.

        Raises:
            NoLabelling: it was never begun.
            Trouble: DynamoDB did not answer as asked.
        """
        round_ = self._require(order)
        if round_.state in {"making", "open"}:
            self._rounds.save(round_.closing("stopped", self._clock()))

    def _begun(self, order: LabellingOrder) -> Round:
        return self._rounds.save(
            Round(
                job_id=order.job_id,
                attempt=order.attempt,
                labels=order.labels,
                workers_per_image=order.workers_per_image,
                suggestions_from=order.suggestions_from,
                created_at=self._clock(),
            )
        )

    def _tasks(self, order: LabellingOrder, made: int) -> Iterator[Task]:
        lines = islice(enumerate(self._storage.lines(order.manifest)), made, None)
        return (Task(number=number, image=json.loads(line)["source-ref"]) for number, line in lines)

    def _require(self, order: LabellingOrder) -> Round:
        round_ = self._rounds.find(_key(order))
        if round_ is None:
            raise NoLabelling(
                "labelling-job-gone",
                f"Nothing was given out to label for attempt {order.attempt} of this job.",
                "Retry the job; its images are labelled anew.",
            )
        return round_

    def _close(self, round_: Round, order: LabellingOrder) -> Round:
        """See that nothing changes any more, and write the labels; every process writes the same."""
        people = self._rounds.seal(round_)
        if round_.ending == "all-done" and _done(people) < round_.images:
            get_logger().info("an answer was taken back while the labelling was closing")
            return self._rounds.save(round_.going_on())
        manifest = f"{order.folder}console/output.manifest"
        with SpooledTemporaryFile(_IN_MEMORY) as lines:
            counts = self._put_together(round_, lines)
            lines.seek(0)
            self._storage.write(manifest, lines, _JSON_LINES)
        return self._rounds.save(round_.changed(state="over", counts=counts, manifest=manifest))

    def _put_together(self, round_: Round, lines: IO[bytes]) -> LabelCounts:
        signature = Signature(
            labels=round_.labels,
            created=round_.closed_at or self._clock(),
            job_name=labelling_job_name(self._name_prefix, round_.job_id, round_.attempt),
        )
        outcomes = {"labelled": 0, "failed": 0, "unlabelled": 0}
        for task in self._rounds.tasks(round_):
            outcome, line = line_of(task, signature, round_.suggestions_from)
            outcomes[outcome] += 1
            lines.write(line)
        return LabelCounts(**outcomes)


def _key(order: LabellingOrder) -> str:
    return round_key(order.job_id, order.attempt)


def _done(people: list[Person]) -> int:
    return sum(person.finished for person in people)
