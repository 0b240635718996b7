"""What people who label do: take an image, answer, give it back, take an answer back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from zlib import crc32

from contracts.boxes import Box
from contracts.labelling_http import Answer, LabellingTask, Lease, Submitted
from contracts.names import images_prefix
from contracts.problems import INVALID_REQUEST, LEASE_LOST, NOTHING_TO_UNDO, FieldFault
from runtime.clock import Clock
from runtime.errors import Retryable
from runtime.problem_error import ProblemError
from services.labelling.boxes import Size
from services.labelling.console.images import Images, NotShowable
from services.labelling.console.round import Round
from services.labelling.console.rounds import Rounds
from services.labelling.console.rounds_table import Changed
from services.labelling.console.suggestions import Suggestions
from services.labelling.console.task import (
    LeaseLost,
    Move,
    NothingToUndo,
    Person,
    Task,
    give,
    give_up,
    involved,
    release,
    take,
    undo,
)
from services.labelling.storage import split

_TRIES = 8
_AT_ONCE = 8

T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """Hands images out, and takes answers in."""

    rounds: Rounds
    images: Images
    suggestions: Suggestions
    lease: timedelta
    clock: Clock

    def next(self, job_id: str, worker: str) -> LabellingTask | None:
        """Lease the next image to a person, or the one that they hold; ``None`` when none is left for them.

        Raises:
            ProblemError: the job is not labelled here, or takes no answers yet.
            Trouble: AWS did not answer as asked.
        """

        def attempt() -> LabellingTask | None:
            while (round_ := self.rounds.find_open(job_id)) is not None:
                taken = self._taken(round_, self.rounds.table.person(round_, worker))
                if taken is None:
                    return None
                shown = self._shown(round_, taken)
                if shown is not None:
                    return shown
            return None

        return until_nobody_interferes(attempt)

    def submit(
        self, job_id: str, task_id: str, worker: str, answer: Answer, of_attempt: int | None = None
    ) -> Submitted:
        """Count a person's answer; the same one again is the same, and another one takes its place.

        Args:
            job_id: the job.
            task_id: the image, by its number in one attempt; in another this is another image.
            worker: whoever answers.
            answer: what they say.
            of_attempt: the attempt in which they were handed the image; the present one when it is left out.

        Raises:
            ProblemError: others have labelled the image meanwhile, the answer does not fit it, or its attempt
                is over.
            Trouble: AWS did not answer as asked.
        """

        def attempt() -> Submitted:
            round_ = self.rounds.require_open(job_id, of_attempt)
            task = self.rounds.require_task(round_, task_id)
            _require_fitting(answer, task.size, round_)
            person = self.rounds.table.person(round_, worker)
            move = give(task, person, answer, self.clock(), needed=round_.workers_per_image)
            if move is not None:
                (task,) = self.rounds.table.write(round_, move).tasks
            return Submitted(task_id=task_id, done=task.state == "done")

        return until_nobody_interferes(attempt)

    def renew(self, job_id: str, task_id: str, worker: str) -> Lease:
        """Prolong a lease.

        Raises:
            ProblemError: the image is not this person's any more.
            Trouble: AWS did not answer as asked.
        """

        def attempt() -> Lease:
            round_ = self.rounds.require_open(job_id)
            task = self.rounds.require_task(round_, task_id)
            if task.hold is None or task.hold.worker != worker:
                raise LeaseLost("The image is not yours any more: ask for the next one.")
            now = self.clock()
            person = self.rounds.table.person(round_, worker)
            self.rounds.table.write(round_, take(task, person, now, now + self.lease))
            return Lease(task_id=task_id, lease_expires_at=now + self.lease)

        return until_nobody_interferes(attempt)

    def release(self, job_id: str, task_id: str, worker: str) -> None:
        """Give an image back; when it is not this person's, it is left as it is.

        Raises:
            ProblemError: there is no such image, or the labelling is over.
            Trouble: AWS did not answer as asked.
        """

        def attempt() -> None:
            round_ = self.rounds.require_open(job_id)
            task = self.rounds.require_task(round_, task_id)
            move = release(task, self.rounds.table.person(round_, worker))
            if move is not None:
                self.rounds.table.write(round_, move)

        until_nobody_interferes(attempt)

    def undo(self, job_id: str, worker: str) -> LabellingTask:
        """Take a person's last answer back, and lease its image to them again.

        Raises:
            ProblemError: there is nothing to take back, or the labelling is over.
            Trouble: AWS did not answer as asked.
        """

        def attempt() -> LabellingTask:
            round_ = self.rounds.require_open(job_id)
            table, now = self.rounds.table, self.clock()
            person = table.person(round_, worker)
            if not person.recent:
                raise NothingToUndo("You have answered nothing here that could be taken back.")
            task = self.rounds.require_task(round_, f"{person.recent[-1]:08}")
            held = table.task(round_, person.held.number) if person.held is not None else None
            others = {name: table.person(round_, name) for name in involved(task) if name != worker}
            written = table.write(round_, undo(task, held, person, others, now, now + self.lease))
            shown = self._shown(round_, written)
            if shown is None:
                raise NothingToUndo("The image was removed meanwhile.")
            return shown

        return until_nobody_interferes(attempt)

    def _taken(self, round_: Round, person: Person) -> Move | None:
        """Take the first image that can be had: the one held, those for this person, those left, those open.

        Raises:
            Changed: somebody wrote the person meanwhile.
        """
        now = self.clock()
        for task in self._for(round_, person):
            if not task.is_for(person.worker, now):
                continue
            try:
                return self.rounds.table.write(round_, take(task, person, now, now + self.lease))
            except Changed as changed:
                if not changed.tasks_alone:
                    raise
        return None

    def _for(self, round_: Round, person: Person) -> Iterator[Task]:
        table = self.rounds.table
        if person.held is not None:
            held = table.task(round_, person.held.number)
            if held is not None and held.hold is not None and held.hold.worker == person.worker:
                yield held
        yield from table.assigned(round_, person.worker)
        yield from table.expired(round_, person.worker, self.clock())
        if person.answers < round_.images:
            yield from _spread(table.open_tasks(round_, person.worker, person.cursor), person.worker)

    def _shown(self, round_: Round, taken: Move) -> LabellingTask | None:
        """Say what a person sees of the image they took; ``None`` when it turns out that nobody can."""
        (task, *_), person = taken.tasks, taken.people[0]
        try:
            task = self._measured(round_, task)
        except NotShowable as why:
            self.rounds.table.write(round_, give_up(task, person, str(why)))
            return None
        if task.size is None or task.hold is None:
            raise ValueError(f"image {task.number} of {round_.key} was taken by nobody")
        return LabellingTask(
            task_id=f"{task.number:08}",
            filename=filename_of(task, round_),
            image_url=self.images.url(task.image),
            width=task.size.width,
            height=task.size.height,
            labels=list(round_.labels),
            lease_expires_at=task.hold.until,
            suggestions=task.suggestions or (),
            attempt=round_.attempt,
            answer=task.taken_back_by(person.worker),
        )

    def _measured(self, round_: Round, task: Task) -> Task:
        """Find out what is to be known before somebody draws; once for each image, if all goes well."""
        size = task.size or self.images.size(task.image)
        found = task.suggestions
        if found is None and round_.suggestions_from is not None:
            found = self.suggestions.boxes(round_.suggestions_from, task.image, size, round_.labels)
        measured = task.changed(size=size, suggestions=found)
        return task if measured == task else self.rounds.table.write(round_, Move((measured,))).tasks[0]


def filename_of(task: Task, round_: Round) -> str:
    """Give the name under which an image was uploaded."""
    return split(task.image)[1].removeprefix(images_prefix(round_.job_id))


def until_nobody_interferes(attempt: Callable[[], T]) -> T:
    """Read and write again as long as others write between the two.

    Raises:
        ProblemError: it cannot be done as things stand now.
        Retryable: others kept writing.
    """
    for _ in range(_TRIES):
        try:
            return attempt()
        except Changed:
            continue
        except LeaseLost as error:
            raise ProblemError(LEASE_LOST, str(error)) from error
        except NothingToUndo as error:
            raise ProblemError(NOTHING_TO_UNDO, str(error)) from error
    raise Retryable("others kept writing the same images")


def _spread(tasks: Iterator[Task], worker: str) -> Iterator[Task]:
    """Give the first image first, and then each person others of the next few, so that a crowd scatters."""
    yield from _first(tasks, 1)
    while few := list(_first(tasks, _AT_ONCE)):
        start = crc32(worker.encode()) % len(few)
        yield from (*few[start:], *few[:start])


def _first(tasks: Iterator[Task], number: int) -> Iterator[Task]:
    for _, task in zip(range(number), tasks, strict=False):
        yield task


def _require_fitting(answer: Answer, size: Size | None, round_: Round) -> None:
    faults = [
        FieldFault(field=f"boxes.{number}", message=why)
        for number, box in enumerate(answer.boxes)
        if (why := _why_unfit(box, size, round_)) is not None
    ]
    if faults:
        told = "; ".join(f"{fault.field}: {fault.message}" for fault in faults)
        raise ProblemError(INVALID_REQUEST, f"Correct the request. {told}", faults)


def _why_unfit(box: Box, size: Size | None, round_: Round) -> str | None:
    if box.label not in round_.labels:
        return f"'{box.label[:64]}' is none of the job's labels: {', '.join(round_.labels)}."
    if size is not None and (box.left + box.width > size.width or box.top + box.height > size.height):
        return f"The box reaches beyond the image, which is {size.width} by {size.height} pixels."
    return None
