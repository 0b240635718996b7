"""How labelling in the console ends: by itself, by a lead, with the job; and what is on its way meanwhile."""

from collections.abc import Callable
from datetime import timedelta

import boto3
import pytest

from contracts.events import (
    LabellingCompleted,
    LabellingStopped,
    StageFailed,
    TrainingJobCancelled,
    TrainingJobCancelledData,
    TrainingJobRetried,
    TrainingJobRetriedData,
)
from contracts.stages import Stage
from services.labelling.backend import LabellingOrder, Progress
from services.labelling.console.backend import Console
from services.labelling.console.round import Round, round_key
from services.labelling.console.rounds_table import Changed, RoundsTable
from services.labelling.console.task import Move, Person, Task, undo
from services.labelling.storage import Storage
from tests.integration.labelling.bench import Bench
from tests.integration.labelling.console_bench import NO_DOCUMENT, Labeller, begin, console_plan
from tests.support.builders import JOB, NOON, types_of
from tests.support.http_face import assert_problem

KEPT = timedelta(days=1)


class WatchedTable(RoundsTable):
    """Lets a test act just before or just after the people of a closing round are sealed."""

    before_sealing: Callable[[], None] = staticmethod(lambda: None)
    after_sealing: Callable[[], None] = staticmethod(lambda: None)

    def seal(self, round_: Round) -> list[Person]:
        self.before_sealing()
        people = super().seal(round_)
        self.after_sealing()
        return people


@pytest.fixture
def ann(bench: Bench) -> Labeller:
    return Labeller(bench.face(), "ann")


@pytest.fixture
def table(bench: Bench) -> WatchedTable:
    return WatchedTable(bench.world.dynamodb, bench.environment["TASKS_TABLE_NAME"], KEPT)


@pytest.fixture
def console(bench: Bench, table: WatchedTable) -> Console:
    return Console(table, Storage(boto3.client("s3")), "ekyc", bench.clock)


def order(attempt: int = 1, workers: int = 1) -> LabellingOrder:
    folder = f"s3://ekyc-images/labelling/{JOB}/{attempt}/"
    return LabellingOrder(JOB, attempt, ("passport", "id-card"), workers, f"{folder}input.manifest", folder)


def keep() -> None:
    """Nobody else is after the row."""


def an_undo_on_its_way(bench: Bench, table: WatchedTable) -> Callable[[], None]:
    """Give what a process has still to write that read everything before the round closed."""
    round_ = table.find(round_key(JOB, 1))
    assert round_ is not None
    ann = table.person(round_, "ann")
    task = table.task(round_, ann.recent[-1])
    assert task is not None
    move = undo(task, None, ann, {}, bench.clock(), bench.clock() + timedelta(minutes=10))
    return lambda: _write(table, round_, move)


def _write(table: WatchedTable, round_: Round, move: Move) -> None:
    table.write(round_, move)


def test_an_answer_that_is_taken_back_while_the_round_closes_keeps_it_open(
    bench: Bench, ann: Labeller, table: WatchedTable, console: Console
) -> None:
    begin(bench, 1)
    ann.label()
    table.before_sealing = an_undo_on_its_way(bench, table)
    assert console.look(order()).progress is Progress.UNDER_WAY
    assert ann.progress()["state"] == "open"
    table.before_sealing = lambda: None
    ann.label(NO_DOCUMENT)
    state = console.look(order())
    assert (state.progress, state.counts.labelled) == (Progress.COMPLETED, 1)


def test_what_is_still_on_its_way_once_the_people_are_sealed_is_refused(
    bench: Bench, ann: Labeller, table: WatchedTable, console: Console
) -> None:
    begin(bench, 1)
    ann.label()
    late = an_undo_on_its_way(bench, table)
    refused = []

    def try_late() -> None:
        with pytest.raises(Changed):
            late()
        refused.append(True)

    table.after_sealing = try_late
    state = console.look(order())
    assert refused
    assert (state.progress, state.counts.labelled) == (Progress.COMPLETED, 1)


def test_a_process_that_dies_while_closing_is_followed_by_one_that_goes_on(
    bench: Bench, ann: Labeller, table: WatchedTable, console: Console
) -> None:
    begin(bench, 1)
    ann.label()

    def die() -> None:
        raise KeyboardInterrupt

    table.after_sealing = die
    with pytest.raises(KeyboardInterrupt):
        console.look(order())
    assert ann.progress()["state"] == "closing"
    assert_problem(ann.post("undo"), 409, "labelling-over")
    bench.world.published()
    bench.tick()
    assert types_of(bench.world.published()) == ["LabellingCompleted"]


def test_two_processes_that_make_the_tasks_make_each_once(bench: Bench, console: Console) -> None:
    manifest = "".join(f'{{"source-ref": "s3://ekyc-images/images/{JOB}/{n}.jpg"}}\n' for n in range(250))
    bench.s3.put_object(Bucket="ekyc-images", Key=f"labelling/{JOB}/1/input.manifest", Body=manifest.encode())

    class Interrupted(RoundsTable):
        """Has another process make all tasks after the first ones."""

        def add(self, round_: Round, tasks: list[Task]) -> Round:  # type: ignore[override] # a list is what comes
            added = super().add(round_, tasks)
            if added.images == 99:
                console.start(order(), keep)
            return added

    interrupted = Interrupted(bench.world.dynamodb, bench.environment["TASKS_TABLE_NAME"], KEPT)
    with pytest.raises(Changed):
        Console(interrupted, Storage(boto3.client("s3")), "ekyc", bench.clock).start(order(), keep)
    round_ = interrupted.find(round_key(JOB, 1))
    assert round_ is not None
    assert (round_.state, round_.images) == ("open", 250)
    assert [task.number for task in interrupted.tasks(round_)] == list(range(250))
    console.start(order(), keep)
    assert interrupted.find(round_key(JOB, 1)) == round_


def test_making_tasks_goes_on_where_a_dying_process_left_it(bench: Bench, console: Console) -> None:
    manifest = "".join(f'{{"source-ref": "s3://ekyc-images/images/{JOB}/{n}.jpg"}}\n' for n in range(150))
    bench.s3.put_object(Bucket="ekyc-images", Key=f"labelling/{JOB}/1/input.manifest", Body=manifest.encode())

    class Dying(RoundsTable):
        def add(self, round_: Round, tasks: list[Task]) -> Round:  # type: ignore[override] # a list is what comes
            if round_.images:
                raise KeyboardInterrupt
            return super().add(round_, tasks)

    dying = Dying(bench.world.dynamodb, bench.environment["TASKS_TABLE_NAME"], KEPT)
    with pytest.raises(KeyboardInterrupt):
        Console(dying, Storage(boto3.client("s3")), "ekyc", bench.clock).start(order(), keep)
    assert console.look(order()).progress is Progress.UNDER_WAY
    console.start(order(), keep)
    round_ = dying.find(round_key(JOB, 1))
    assert round_ is not None
    images = [task.image.rsplit("/", 1)[1] for task in dying.tasks(round_)]
    assert images == [f"{number}.jpg" for number in range(150)]


def test_a_lead_ends_the_labelling_and_what_is_labelled_goes_on(bench: Bench, ann: Labeller) -> None:
    begin(bench, 3)
    ann.label()
    held = ann.next()["taskId"]
    finished = ann.post("finish")
    assert (finished.status, finished.json["state"]) == (202, "closing")
    assert_problem(ann.submit(held), 409, "labelling-over")
    bench.world.published()
    bench.tick()
    [event] = bench.world.published()
    assert isinstance(event, LabellingCompleted)
    assert event.data.counts.model_dump() == {"labelled": 1, "failed": 0, "unlabelled": 2}
    unreached = bench.lines("console/output.manifest")[1:]
    assert unreached == [{"source-ref": f"s3://ekyc-images/images/{JOB}/{n:03}.jpg"} for n in (1, 2)]


def test_an_image_with_fewer_answers_than_asked_for_counts_when_the_labelling_is_ended(
    bench: Bench, ann: Labeller
) -> None:
    begin(bench, 2, workers=3)
    ann.label()
    ann.post("finish")
    bench.world.published()
    bench.tick()
    [event] = bench.world.published()
    assert isinstance(event, LabellingCompleted)
    assert event.data.counts.model_dump() == {"labelled": 1, "failed": 0, "unlabelled": 1}


def test_a_labelling_without_any_answer_is_not_ended(bench: Bench, ann: Labeller) -> None:
    begin(bench, 1)
    ann.next()
    assert_problem(ann.post("finish"), 409, "wrong-state")


def test_a_cancelled_job_takes_no_more_answers_and_keeps_those_it_has(bench: Bench, ann: Labeller) -> None:
    begin(bench, 2)
    ann.label()
    held = ann.next()["taskId"]
    bench.world.published()
    bench.deliver(TrainingJobCancelled.about(JOB, 1, TrainingJobCancelledData(), time=NOON))
    assert_problem(ann.submit(held), 409, "labelling-over")
    assert ann.ask("GET", "jobs").json == {"jobs": []}
    bench.tick()
    [event] = bench.world.published()
    assert isinstance(event, LabellingStopped)
    assert event.data.counts.model_dump() == {"labelled": 1, "failed": 0, "unlabelled": 1}
    assert len(bench.lines("console/output.manifest")) == 2


def test_past_its_deadline_the_job_fails_and_a_retry_keeps_what_was_labelled(
    bench: Bench, ann: Labeller
) -> None:
    begin(bench, 3)
    kept = ann.label()
    bench.world.published()
    bench.tick(days=32)
    [failed] = bench.world.published()
    assert isinstance(failed, StageFailed)
    assert failed.data.code == "deadline-passed"
    assert ann.next() is None
    assert_problem(ann.post("undo"), 409, "labelling-over")
    retried = TrainingJobRetriedData(
        stage=Stage.LABELLING, plan=console_plan(), images=f"s3://ekyc-images/images/{JOB}/"
    )
    assert bench.deliver(TrainingJobRetried.about(JOB, 2, retried, time=NOON)) == []
    assert_problem(ann.post("next"), 409, "wrong-state")
    bench.tick()
    assert ann.progress()["images"] == 2
    again = [task["filename"] for task in iter(lambda: _answered(ann), None)]
    assert f"{int(kept):03}.jpg" not in again
    bench.tick()
    event = bench.world.published()[-1]
    assert isinstance(event, LabellingCompleted)
    assert (event.data.counts.labelled, event.data.kept) == (3, 1)
    lines = bench.text("labels.manifest", attempt=2).splitlines()
    assert len(lines) == 3


def test_an_answer_of_an_earlier_attempt_does_not_become_that_of_another_photo_with_its_number(
    bench: Bench, ann: Labeller
) -> None:
    begin(bench, 2)
    ann.label()
    late = ann.next()
    bench.tick(days=32)
    retried = TrainingJobRetriedData(
        stage=Stage.LABELLING, plan=console_plan(), images=f"s3://ekyc-images/images/{JOB}/", relabel=True
    )
    assert bench.deliver(TrainingJobRetried.about(JOB, 2, retried, time=NOON)) == []
    answer = f"{JOB}/tasks/{late['taskId']}?attempt={late['attempt']}"
    assert_problem(ann.ask("PUT", answer, NO_DOCUMENT), 409, "labelling-over")
    bench.tick()
    present = ann.next()
    assert present["attempt"] == 2
    ann.submit(present["taskId"])
    assert ann.next()["taskId"] == late["taskId"]
    assert_problem(ann.ask("PUT", answer, NO_DOCUMENT), 409, "labelling-over")
    assert ann.progress()["answers"] == 1
    of_now = f"{JOB}/tasks/{late['taskId']}?attempt=2"
    assert ann.ask("PUT", of_now, NO_DOCUMENT).status == 200
    assert_problem(
        ann.ask("PUT", f"{JOB}/tasks/{late['taskId']}?attempt=x", NO_DOCUMENT), 422, "invalid-request"
    )


def _answered(labeller: Labeller) -> dict[str, str] | None:
    task = labeller.next()
    if task is not None:
        labeller.submit(task["taskId"])
    return task  # type: ignore[no-any-return] # what JSON holds
