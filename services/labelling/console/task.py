"""Images that people label one by one, the people, and the moves between them; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.boxes import Box
from contracts.ids import S3Uri
from contracts.labelling_http import Answer, TaskState
from services.labelling.boxes import Size

_REMEMBERED = 50
"""How many answers somebody can take back, one after the other."""

_TAKEN_BACK_KEPT = 10
"""How many people's answers that were taken back stay with an image: 50 boxes of each are 7 kB, and DynamoDB
takes 400 kB in an item."""


class LeaseLost(Exception):
    """The image is somebody else's, or done; the message says so to the user."""


class NothingToUndo(Exception):
    """The last answer cannot be taken back; the message says why."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)

    def changed(self, **members: object) -> Self:
        """Give a copy with these members changed."""
        return self.model_copy(update=members)


class _Versioned(_Kept):
    """Written only as it was read: ``revision`` counts the writes, 0 is what was never written."""

    revision: int = 0


class Hold(_Kept):
    """That an image is somebody's for a while."""

    worker: str
    until: AwareDatetime


class Given(_Kept):
    """An answer; ``suggested`` tells that it began with a model's boxes."""

    worker: str
    answer: Answer
    at: AwareDatetime
    suggested: bool = False


class Task(_Versioned):
    """An image to label, known by the number of its line.

    ``size`` and ``suggestions`` are found out when it is first handed out. ``finished_by`` gave the last of
    the answers that it needs, or found it ``unreadable``. ``taken_back`` is what people said and took back:
    it counts for nothing, and is theirs to begin with when the image comes to them again.
    """

    number: int
    image: S3Uri
    assigned: str | None = None
    hold: Hold | None = None
    size: Size | None = None
    suggestions: tuple[Box, ...] | None = None
    given: tuple[Given, ...] = ()
    finished_by: str | None = None
    unreadable: str | None = None
    taken_back: tuple[Given, ...] = ()

    @property
    def state(self) -> TaskState:
        """Where it stands; a lease counts until somebody else takes the image."""
        if self.finished_by is not None:
            return "done"
        if self.hold is not None:
            return "leased"
        return "open" if self.assigned is None else "assigned"

    def answer_of(self, worker: str) -> Given | None:
        """Give what a person has said of it."""
        return next((given for given in self.given if given.worker == worker), None)

    def taken_back_by(self, worker: str) -> Answer | None:
        """Give what a person had said of it and took back, as long as they have not answered anew."""
        return next((given.answer for given in self.taken_back if given.worker == worker), None)

    def is_held_by_other(self, worker: str, now: datetime) -> bool:
        """Tell whether it is somebody else's at the moment."""
        return self.hold is not None and self.hold.worker != worker and self.hold.until > now

    def is_for(self, worker: str, now: datetime) -> bool:
        """Tell whether it may be handed to this person."""
        return (
            self.finished_by is None
            and self.assigned in {None, worker}
            and not self.is_held_by_other(worker, now)
            and self.answer_of(worker) is None
        )

    def taking_back(self, answer: Given) -> Self:
        """Give it without this answer, and so not done; the answer is kept aside for whoever gave it."""
        given = tuple(one for one in self.given if one is not answer)
        kept = (*_of_others(self.taken_back, answer.worker), answer)[-_TAKEN_BACK_KEPT:]
        return self.changed(given=given, finished_by=None, unreadable=None, taken_back=kept)


def _of_others(given: tuple[Given, ...], worker: str) -> tuple[Given, ...]:
    return tuple(one for one in given if one.worker != worker)


class Held(_Kept):
    """Which image a person holds."""

    number: int
    until: AwareDatetime


class Person(_Versioned):
    """Somebody who labels in a round.

    Their answers can be counted without reading the images: ``answers`` are theirs, ``finished`` are the
    images that an answer of theirs completed. ``recent`` are the last images they answered, ``cursor`` the
    last one they were handed, beyond which their next one is looked for.
    """

    worker: str
    held: Held | None = None
    answers: int = 0
    finished: int = 0
    recent: tuple[int, ...] = ()
    cursor: int = -1

    def letting_go(self, number: int) -> Self:
        """Give the person who does not hold this image any more."""
        return self.changed(held=None) if self.held is not None and self.held.number == number else self

    def holding(self, number: int, until: datetime) -> Self:
        """Give the person who holds this image."""
        return self.changed(held=Held(number=number, until=until))


People = Mapping[str, Person]


@dataclass(frozen=True)
class Move:
    """Images and people as they are after a step, to be written together or not at all."""

    tasks: tuple[Task, ...]
    people: tuple[Person, ...] = field(default=())


def take(task: Task, person: Person, now: datetime, until: datetime) -> Move:
    """Hand an image to a person, or once more to the one who holds it.

    Raises:
        LeaseLost: it is not for this person, or not any more.
    """
    if not task.is_for(person.worker, now):
        raise LeaseLost("The image is somebody else's by now: ask for the next one.")
    held = task.changed(hold=Hold(worker=person.worker, until=until))
    return Move((held,), (person.holding(task.number, until).changed(cursor=task.number),))


def release(task: Task, person: Person) -> Move | None:
    """Take an image back from the person who holds it; ``None`` when it is not theirs anyway."""
    if task.hold is None or task.hold.worker != person.worker:
        return None
    return Move((task.changed(hold=None),), (person.letting_go(task.number),))


def give(task: Task, person: Person, answer: Answer, now: datetime, *, needed: int) -> Move | None:
    """Count an answer; ``None`` when the very same was counted before. Another one takes its place.

    Raises:
        LeaseLost: others have labelled the image meanwhile, or hold it.
    """
    given = Given(worker=person.worker, answer=answer, at=now, suggested=bool(task.suggestions))
    earlier = task.answer_of(person.worker)
    if earlier is not None:
        if earlier.answer == answer:
            return None
        replaced = tuple(given if one is earlier else one for one in task.given)
        return Move((task.changed(given=replaced),), (person,))
    if task.finished_by is not None:
        raise LeaseLost("Others have labelled this image meanwhile: your answer is not needed any more.")
    if not task.is_for(person.worker, now) or task.size is None:
        raise LeaseLost("The image is somebody else's by now: your answer was not taken.")
    complete = len(task.given) + 1 >= needed
    answered = task.changed(
        given=(*task.given, given),
        hold=None,
        assigned=None,
        finished_by=person.worker if complete else None,
        taken_back=() if complete else _of_others(task.taken_back, person.worker),
    )
    counted = person.letting_go(task.number).changed(
        answers=person.answers + 1,
        finished=person.finished + complete,
        recent=(*person.recent, task.number)[-_REMEMBERED:],
    )
    return Move((answered,), (counted,))


def give_up(task: Task, person: Person, why: str) -> Move:
    """Settle that an image cannot be shown to anybody."""
    settled = task.changed(hold=None, assigned=None, finished_by=person.worker, unreadable=why, taken_back=())
    return Move((settled,), (person.letting_go(task.number).changed(finished=person.finished + 1),))


def undo(
    task: Task, held: Task | None, person: Person, people: People, now: datetime, until: datetime
) -> Move:
    """Take a person's last answer back, and hand its image to them again; it keeps the answer for them.

    Args:
        task: the image that the person answered last.
        held: the image that they hold meanwhile, which goes back.
        person: the person.
        people: others who have a share in the image.
        now: the time.
        until: when the new lease ends.

    Raises:
        NothingToUndo: somebody is at the image, or a lead has thrown the answer away.
    """
    answer = task.answer_of(person.worker)
    if answer is None:
        raise NothingToUndo("A lead has given that image out anew: there is nothing of yours to take back.")
    if task.is_held_by_other(person.worker, now):
        raise NothingToUndo("Somebody else is at that image just now: try again in a while.")
    finisher = task.finished_by
    again = task.taking_back(answer).changed(hold=Hold(worker=person.worker, until=until), assigned=None)
    taken_back = person.holding(task.number, until).changed(
        answers=person.answers - 1,
        finished=person.finished - (finisher == person.worker),
        recent=person.recent[:-1],
        cursor=task.number,
    )
    changed_tasks, changed_people = [again], [taken_back]
    if held is not None and held.number != task.number and held.hold and held.hold.worker == person.worker:
        changed_tasks.append(held.changed(hold=None))
    if finisher is not None and finisher != person.worker:
        other = people[finisher]
        changed_people.append(other.changed(finished=other.finished - 1))
    return Move(tuple(changed_tasks), tuple(changed_people))


def reopen(task: Task, people: People) -> Move:
    """Throw an image's answers away and give it out again; ``people`` have a share in it."""
    afresh = task.changed(
        given=(), hold=None, assigned=None, finished_by=None, unreadable=None, taken_back=()
    )
    changed = [
        person.letting_go(task.number).changed(
            answers=person.answers - (task.answer_of(worker) is not None),
            finished=person.finished - (task.finished_by == worker),
        )
        for worker, person in people.items()
    ]
    return Move((afresh,), tuple(changed))


def assign(task: Task, worker: str, people: People) -> Move:
    """Let an image wait for one person; ``people`` have a share in it, and another one holds it no more.

    Raises:
        LeaseLost: it is done, or this person has answered it.
    """
    if task.finished_by is not None:
        raise LeaseLost("The image is done: reopen it first, which throws its answers away.")
    if task.answer_of(worker) is not None:
        raise LeaseLost(f"{worker} has answered this image: choose somebody else, or reopen it.")
    if task.hold is None or task.hold.worker == worker:
        return Move((task.changed(assigned=worker),))
    return Move(
        (task.changed(assigned=worker, hold=None),), (people[task.hold.worker].letting_go(task.number),)
    )


def involved(task: Task) -> set[str]:
    """Name the people whose counts an image has a part in."""
    holders = {task.hold.worker} if task.hold is not None else set()
    finishers = {task.finished_by} if task.finished_by is not None else set()
    return {given.worker for given in task.given} | holders | finishers
