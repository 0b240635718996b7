"""Many people at once, in as many processes: each image is one person's at a time, and gets what it needs."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from typing import Any

import boto3
import pytest

from contracts.labelling_http import Answer
from runtime.errors import Retryable
from runtime.rows import RowTable
from services.labelling.console.desk import Desk
from services.labelling.console.images import Images
from services.labelling.console.round import round_key
from services.labelling.console.rounds import Rounds
from services.labelling.console.rounds_table import RoundsTable
from services.labelling.console.suggestions import Suggestions
from services.labelling.labelling_row import Labelling
from services.labelling.storage import Storage
from tests.integration.labelling.bench import Bench
from tests.integration.labelling.console_bench import begin
from tests.support.builders import JOB

NO_DOCUMENT = Answer(kind="no-document")
WORKERS = [f"worker-{number}" for number in range(8)]


class OneAtATime:
    """DynamoDB's client, each of whose calls happens at one moment: moto's transactions do not."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        self._moment = threading.Lock()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            with self._moment:
                return getattr(self._dynamodb, name)(**request)

        return call


class Watch:
    """Notes who holds what, and whether anybody ever held what another one did."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}
        self._lock = threading.Lock()
        self.doubled: list[tuple[str, str, str]] = []

    def takes(self, worker: str, task_id: str) -> None:
        with self._lock:
            if task_id in self._held:
                self.doubled.append((task_id, self._held[task_id], worker))
            self._held[task_id] = worker

    def lets_go(self, task_id: str) -> None:
        with self._lock:
            del self._held[task_id]


@pytest.fixture
def rounds(bench: Bench) -> Rounds:
    dynamodb: Any = OneAtATime(bench.world.dynamodb)
    return Rounds(
        RowTable(dynamodb, bench.world.table_name, Labelling),
        RoundsTable(dynamodb, bench.environment["TASKS_TABLE_NAME"], timedelta(days=1)),
    )


@pytest.fixture
def desk(bench: Bench, rounds: Rounds) -> Desk:
    s3 = boto3.client("s3")
    nobody: Any = None
    return Desk(rounds, Images(s3, Storage(s3)), Suggestions(nobody), timedelta(minutes=10), bench.clock)


@pytest.mark.parametrize("workers_per_image", [1, 3])
def test_nobody_ever_holds_what_another_one_does_and_every_image_gets_its_answers(
    bench: Bench, desk: Desk, rounds: Rounds, workers_per_image: int
) -> None:
    begin(bench, 12, workers=workers_per_image)
    watch = Watch()
    together = threading.Barrier(len(WORKERS))

    def label(worker: str) -> int:
        together.wait()
        answers, deadline = 0, time.monotonic() + 120
        for turn in count():
            assert time.monotonic() < deadline, f"{worker} never came to an end"
            try:
                task = desk.next(JOB, worker)
                if task is None:
                    if _all_done(rounds):
                        return answers
                    continue
                watch.takes(worker, task.task_id)
                desk.renew(JOB, task.task_id, worker)
                watch.lets_go(task.task_id)  # before it is let go in truth
                if turn % 5 == 4:
                    desk.release(JOB, task.task_id, worker)
                    continue
                desk.submit(JOB, task.task_id, worker, NO_DOCUMENT)
                desk.submit(JOB, task.task_id, worker, NO_DOCUMENT)
                answers += 1
            except Retryable:
                continue  # what the API answers 503 to, and a client sends again
        raise AssertionError("counting came to an end")

    with ThreadPoolExecutor(len(WORKERS)) as pool:
        answered = dict(zip(WORKERS, pool.map(label, WORKERS), strict=True))

    round_ = rounds.table.find(round_key(JOB, 1))
    assert round_ is not None
    tasks = list(rounds.table.tasks(round_))
    assert watch.doubled == []
    assert [len(task.given) for task in tasks] == [workers_per_image] * 12
    assert all(len({one.worker for one in task.given}) == workers_per_image for task in tasks)
    by_images = Counter(given.worker for task in tasks for given in task.given)
    counted = {person.worker: person.answers for person in rounds.table.people(round_)}
    assert counted == {worker: by_images[worker] for worker in counted}
    assert sum(answered.values()) == 12 * workers_per_image
    assert sum(person.finished for person in rounds.table.people(round_)) == 12


def test_one_persons_answer_from_two_windows_counts_once(bench: Bench, desk: Desk, rounds: Rounds) -> None:
    begin(bench, 1)
    task = desk.next(JOB, "ann")
    assert task is not None
    together = threading.Barrier(4)

    def submit(_: int) -> bool:
        together.wait()
        return desk.submit(JOB, task.task_id, "ann", NO_DOCUMENT).done

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(submit, range(4))) == [True] * 4
    round_ = rounds.table.find(round_key(JOB, 1))
    assert round_ is not None
    [person] = rounds.table.people(round_)
    assert (person.answers, person.finished) == (1, 1)


def _all_done(rounds: Rounds) -> bool:
    round_ = rounds.table.find(round_key(JOB, 1))
    assert round_ is not None
    return sum(person.finished for person in rounds.table.people(round_)) == round_.images
