"""The moves of images and people: a few by hand, and what holds after any number of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.boxes import Box
from contracts.labelling_http import Answer
from services.labelling.boxes import Size
from services.labelling.console.task import (
    LeaseLost,
    Move,
    NothingToUndo,
    Person,
    Task,
    assign,
    give,
    give_up,
    involved,
    release,
    reopen,
    take,
    undo,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=10)
BOX = Box(label="passport", left=1, top=2, width=3, height=4)
BOXES = Answer(kind="boxes", boxes=(BOX,))
NO_DOCUMENT = Answer(kind="no-document")
ANN, BOB = Person(worker="ann"), Person(worker="bob")


def a_task(number: int = 0) -> Task:
    return Task(number=number, image=f"s3://bucket/images/job/{number}.jpg", size=Size(width=64, height=64))


def taken(task: Task, person: Person, now: datetime = NOW) -> tuple[Task, Person]:
    move = take(task, person, now, now + LEASE)
    return move.tasks[0], move.people[0]


def given(task: Task, person: Person, answer: Answer = BOXES, *, needed: int = 1) -> tuple[Task, Person]:
    move = give(task, person, answer, NOW, needed=needed)
    assert move is not None
    return move.tasks[0], move.people[0]


def test_an_image_that_somebody_holds_is_not_handed_out() -> None:
    held, _ = taken(a_task(), ANN)
    with pytest.raises(LeaseLost):
        take(held, BOB, NOW, NOW + LEASE)


def test_an_expired_lease_is_anybodys() -> None:
    held, _ = taken(a_task(), ANN)
    later = NOW + LEASE + timedelta(seconds=1)
    assert taken(held, BOB, later)[0].hold is not None


def test_an_answer_after_the_lease_still_counts_while_nobody_else_has_the_image() -> None:
    held, ann = taken(a_task(), ANN)
    move = give(held, ann, BOXES, NOW + 2 * LEASE, needed=1)
    assert move is not None
    assert move.tasks[0].state == "done"


def test_an_answer_after_somebody_else_has_taken_the_image_is_refused() -> None:
    held, ann = taken(a_task(), ANN)
    later = NOW + 2 * LEASE
    held_by_bob, _ = taken(held, BOB, later)
    with pytest.raises(LeaseLost):
        give(held_by_bob, ann, BOXES, later, needed=1)


def test_an_answer_to_an_image_that_was_never_handed_out_is_refused() -> None:
    with pytest.raises(LeaseLost):
        give(a_task().changed(size=None), ANN, BOXES, NOW, needed=1)


def test_the_same_answer_again_changes_nothing() -> None:
    done, ann = given(*taken(a_task(), ANN))
    assert give(done, ann, BOXES, NOW, needed=1) is None


def test_another_answer_takes_the_place_of_the_first_and_counts_once() -> None:
    done, ann = given(*taken(a_task(), ANN))
    corrected, ann_after = given(done, ann, NO_DOCUMENT)
    assert [one.answer for one in corrected.given] == [NO_DOCUMENT]
    assert (ann_after.answers, ann_after.finished) == (1, 1)


def test_an_image_is_done_when_as_many_as_it_needs_have_answered() -> None:
    once, _ = given(*taken(a_task(), ANN), needed=2)
    assert once.state == "open"
    assert not once.is_for("ann", NOW)
    twice, bob = given(*taken(once, BOB), needed=2)
    assert (twice.state, twice.finished_by, bob.finished) == ("done", "bob", 1)


def test_taking_an_answer_back_makes_the_image_undone_even_if_another_completed_it() -> None:
    once, ann = given(*taken(a_task(), ANN), needed=2)
    twice, bob = given(*taken(once, BOB), needed=2)
    move = undo(twice, None, ann, {"bob": bob}, NOW, NOW + LEASE)
    ann_after, bob_after = move.people
    assert (move.tasks[0].state, move.tasks[0].finished_by) == ("leased", None)
    assert (ann_after.answers, bob_after.answers, bob_after.finished) == (0, 1, 0)


def test_taking_an_answer_back_lets_go_of_the_image_held_meanwhile() -> None:
    done, ann = given(*taken(a_task(0), ANN))
    second, ann = taken(a_task(1), ann)
    again, let_go = undo(done, second, ann, {}, NOW, NOW + LEASE).tasks
    assert (again.number, again.state, let_go.number, let_go.state) == (0, "leased", 1, "open")


def taken_back(task: Task, person: Person) -> tuple[Task, Person]:
    move = undo(task, None, person, {}, NOW, NOW + LEASE)
    return move.tasks[0], move.people[0]


def test_an_answer_that_was_taken_back_stays_with_the_image_for_whoever_gave_it() -> None:
    again, ann = taken_back(*given(*taken(a_task(), ANN)))
    assert (again.taken_back_by("ann"), again.taken_back_by("bob"), again.given) == (BOXES, None, ())
    move = release(again, ann)
    assert move is not None
    with_bob, _ = taken(move.tasks[0], BOB)
    assert with_bob.taken_back_by("ann") == BOXES


def test_a_new_answer_takes_the_place_of_the_one_taken_back() -> None:
    again, ann = taken_back(*given(*taken(a_task(), ANN), needed=2))
    anew, _ = given(again, ann, NO_DOCUMENT, needed=2)
    assert (anew.taken_back, [one.answer for one in anew.given]) == ((), [NO_DOCUMENT])


def test_an_answer_taken_back_is_kept_while_others_answer_and_until_they_complete_the_image() -> None:
    again, ann = taken_back(*given(*taken(a_task(), ANN), needed=2))
    move = release(again, ann)
    assert move is not None
    by_bob, _ = given(*taken(move.tasks[0], BOB), NO_DOCUMENT, needed=2)
    assert by_bob.taken_back_by("ann") == BOXES
    done, _ = given(*taken(by_bob, Person(worker="eve")), needed=2)
    assert (done.state, done.taken_back) == ("done", ())


def test_a_lead_who_reopens_an_image_throws_away_what_was_taken_back_too() -> None:
    again, ann = taken_back(*given(*taken(a_task(), ANN)))
    assert reopen(again, {"ann": ann}).tasks[0].taken_back == ()


def test_an_image_keeps_what_the_last_few_people_took_back_so_that_it_stays_small() -> None:
    task = a_task()
    for number in range(20):
        back, person = taken_back(*given(*taken(task, Person(worker=f"p{number}")), needed=2))
        move = release(back, person)
        assert move is not None
        task = move.tasks[0]
    assert [one.worker for one in task.taken_back] == [f"p{number}" for number in range(10, 20)]


def test_an_image_that_was_written_before_answers_were_kept_is_read_as_one_without_any() -> None:
    body = a_task().model_dump(mode="json", exclude={"taken_back"})
    assert Task.model_validate(body).taken_back == ()


def test_an_answer_cannot_be_taken_back_while_somebody_else_is_at_the_image() -> None:
    once, ann = given(*taken(a_task(), ANN), needed=2)
    with_bob, bob = taken(once, BOB)
    with pytest.raises(NothingToUndo):
        undo(with_bob, None, ann, {"bob": bob}, NOW, NOW + LEASE)


def test_an_assigned_image_is_for_one_person_alone() -> None:
    waiting = assign(a_task(), "bob", {}).tasks[0]
    assert waiting.state == "assigned"
    assert not waiting.is_for("ann", NOW)
    assert waiting.is_for("bob", NOW)


def test_assigning_an_image_takes_it_from_whoever_holds_it() -> None:
    held, ann = taken(a_task(), ANN)
    move = assign(held, "bob", {"ann": ann})
    assert (move.tasks[0].hold, move.people[0].held) == (None, None)
    with pytest.raises(LeaseLost):
        give(move.tasks[0], move.people[0], BOXES, NOW, needed=1)


def test_a_done_image_is_not_assigned_before_it_is_reopened() -> None:
    done, ann = given(*taken(a_task(), ANN))
    with pytest.raises(LeaseLost):
        assign(done, "bob", {"ann": ann})
    assert assign(reopen(done, {"ann": ann}).tasks[0], "bob", {}).tasks[0].assigned == "bob"


def test_giving_back_what_one_does_not_hold_does_nothing() -> None:
    held, _ = taken(a_task(), ANN)
    assert release(held, BOB) is None


NEEDED = 2
WORKERS = st.sampled_from(["ann", "bob", "eve"])
NUMBERS = st.integers(0, 3)


class Labelling(RuleBasedStateMachine):
    """Three people, four images, two answers for each, in any order and at any time."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.tasks = {number: a_task(number) for number in range(4)}
        self.people: dict[str, Person] = {}

    def person(self, worker: str) -> Person:
        return self.people.get(worker, Person(worker=worker))

    def write(self, move: Move | None) -> None:
        for task in move.tasks if move else ():
            self.tasks[task.number] = task
        for person in move.people if move else ():
            self.people[person.worker] = person

    def shares(self, task: Task) -> dict[str, Person]:
        return {worker: self.person(worker) for worker in involved(task)}

    @rule(minutes=st.integers(1, 15))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(worker=WORKERS, number=NUMBERS)
    def somebody_takes(self, worker: str, number: int) -> None:
        person = self.person(worker)
        held = self.tasks[person.held.number] if person.held else None
        if (
            held is not None
            and held.hold is not None
            and held.hold.worker == worker
            and held.number != number
        ):
            return  # the desk hands out what is held before anything else
        try:
            self.write(take(self.tasks[number], person, self.now, self.now + LEASE))
        except LeaseLost:
            assert not self.tasks[number].is_for(worker, self.now)

    @rule(worker=WORKERS, number=NUMBERS, answer=st.sampled_from([BOXES, NO_DOCUMENT]))
    def somebody_answers(self, worker: str, number: int, answer: Answer) -> None:
        try:
            self.write(give(self.tasks[number], self.person(worker), answer, self.now, needed=NEEDED))
        except LeaseLost:
            assert self.tasks[number].answer_of(worker) is None

    @rule(worker=WORKERS, number=NUMBERS)
    def somebody_gives_back(self, worker: str, number: int) -> None:
        self.write(release(self.tasks[number], self.person(worker)))

    @rule(worker=WORKERS, number=NUMBERS)
    def somebody_finds_it_unreadable(self, worker: str, number: int) -> None:
        task = self.tasks[number]
        if task.hold is not None and task.hold.worker == worker and task.finished_by is None:
            self.write(give_up(task, self.person(worker), "gone"))

    @precondition(lambda self: any(person.recent for person in self.people.values()))
    @rule(worker=WORKERS)
    def somebody_takes_back(self, worker: str) -> None:
        person = self.person(worker)
        if not person.recent:
            return
        task = self.tasks[person.recent[-1]]
        held = self.tasks[person.held.number] if person.held else None
        try:
            self.write(undo(task, held, person, self.shares(task), self.now, self.now + LEASE))
        except NothingToUndo:
            assert task.answer_of(worker) is None or task.is_held_by_other(worker, self.now)

    @rule(number=NUMBERS)
    def a_lead_reopens(self, number: int) -> None:
        self.write(reopen(self.tasks[number], self.shares(self.tasks[number])))

    @rule(number=NUMBERS, worker=WORKERS)
    def a_lead_assigns(self, number: int, worker: str) -> None:
        try:
            self.write(assign(self.tasks[number], worker, self.shares(self.tasks[number])))
        except LeaseLost:
            assert self.tasks[number].finished_by or self.tasks[number].answer_of(worker)

    @invariant()
    def peoples_counts_are_those_of_the_images(self) -> None:
        for worker, person in self.people.items():
            assert person.answers == sum(task.answer_of(worker) is not None for task in self.tasks.values())
            assert person.finished == sum(task.finished_by == worker for task in self.tasks.values())

    @invariant()
    def an_image_is_done_with_its_last_answer_and_not_before(self) -> None:
        for task in self.tasks.values():
            assert len(task.given) <= NEEDED
            assert len({one.worker for one in task.given}) == len(task.given)
            assert (task.finished_by is not None) == (
                len(task.given) == NEEDED or task.unreadable is not None
            )

    @invariant()
    def what_was_taken_back_is_kept_for_those_who_have_no_answer_in_an_image_that_is_not_done(self) -> None:
        for task in self.tasks.values():
            assert not {one.worker for one in task.taken_back} & {one.worker for one in task.given}
            assert not (task.finished_by and task.taken_back)

    @invariant()
    def nobody_holds_two_images(self) -> None:
        holders = [
            task.hold.worker
            for task in self.tasks.values()
            if task.hold is not None and task.hold.until > self.now
        ]
        assert len(holders) == len(set(holders))


Labelling.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLabelling = Labelling.TestCase
