"""A process may die anywhere, and two may be at the same job."""

from collections.abc import Callable
from datetime import datetime

import pytest

from contracts.dataset_creation import WAITING_FOR_DATASETS
from contracts.ids import new_job_id
from tests.integration.dataset.conftest import Bench, ten_lines
from tests.support.builders import JOB, NOON, types_of
from tests.support.clock import ManualClock
from tests.support.manifest_lines import a_line
from tests.support.world import World


class ProcessDied(BaseException):
    """What ends a process; nothing catches it."""


class DiesAt:
    """Ends the process at one of the moments before and after its calls to AWS."""

    def __init__(self) -> None:
        self.moment, self.seen = 0, 0

    def __call__(self) -> None:
        self.seen += 1
        if self.seen == self.moment:
            raise ProcessDied


@pytest.mark.parametrize("redelivered", [True, False], ids=["redelivered", "ticks-alone"])
def test_a_process_that_dies_anywhere_leaves_one_project_and_one_pair(
    bench: Bench, redelivered: bool
) -> None:
    dies = DiesAt()
    bench.around_each_call(dies)
    dataset, watcher = bench.restarted(), bench.watcher()
    moment, died = 0, True
    while died:
        moment += 1
        job_id = new_job_id(NOON.replace(microsecond=moment * 1000), bytes(10))
        event = bench.complete(*ten_lines(), "{broken", job_id=job_id)
        dies.moment, dies.seen = moment, 0
        died = dies_in(lambda: dataset.begin(event))  # noqa: B023 - called at once
        dies.moment = 0
        if redelivered or bench.row(job_id) is None:
            dataset.begin(event)
        bench.tick()
        # It also tells what dataset did not come to tell after it had handed over.
        watcher.tick((WAITING_FOR_DATASETS,), seconds_left=lambda: 60)
        assert_whole(bench, job_id)
    assert moment > 25


def dies_in(work: Callable[[], None]) -> bool:
    try:
        work()
    except ProcessDied:
        return True
    return False


def assert_whole(bench: Bench, job_id: str) -> None:
    project = bench.rekognition.projects[f"ekyc-{job_id}-1"]
    assert list(project.datasets) == ["TRAIN", "TEST"]
    assert len(bench.manifest("train", job_id=job_id)) == 8
    assert len(bench.manifest("test", job_id=job_id)) == 2
    row = bench.row(job_id)
    assert row is not None
    assert (row["waiting"], row["outbox"]) == (WAITING_FOR_DATASETS, [])
    told = bench.world.published()
    assert set(types_of(told)) == {"DatasetCreationStarted"}
    assert len({event.id for event in told}) == 1


class PassingClock(ManualClock):
    """Moves by a second whenever it is looked at."""

    def __call__(self) -> datetime:
        self.advance(seconds=1)
        return self.now


def test_a_long_preparation_keeps_its_claim(world: Callable[[str], World]) -> None:
    bench = Bench(world("dataset"), PassingClock())
    event = bench.complete(*[a_line(f"{n}.jpg") for n in range(9_000)])  # the clock is not looked at for each
    left: list[float] = []
    bench.on_call("s3.PutObject", lambda: left.append((bench.due() - bench.clock.now).total_seconds()))
    begun = bench.clock.now
    bench.restarted().begin(event)
    assert (bench.clock.now - begun).total_seconds() > 1000
    assert len(left) == 2
    assert all(seconds > 30 for seconds in left)


@pytest.mark.parametrize("clock", [ManualClock(), PassingClock()], ids=["at-once", "by-and-by"])
def test_a_process_whose_job_was_begun_anew_stops(world: Callable[[str], World], clock: ManualClock) -> None:
    bench = Bench(world("dataset"), clock)
    first, second = bench.complete(*[a_line(f"{n}.jpg") for n in range(100)]), bench.complete(attempt=2)
    other = bench.dataset
    bench.on_call("s3.GetObject", lambda: other.begin(second))
    bench.restarted().begin(first)
    assert list(bench.rekognition.projects) == [f"ekyc-{JOB}-2"]
    assert [event.attempt for event in bench.world.published()] == [2]
