"""Signs of life from long work."""

from datetime import timedelta

from services.dataset.heartbeat import Heartbeat
from tests.support.clock import ManualClock


def test_long_work_gives_a_sign_of_life_once_per_interval(clock: ManualClock) -> None:
    beats: list[object] = []
    heartbeat = Heartbeat(lambda: beats.append(clock.now), timedelta(seconds=15), clock)
    for _ in heartbeat.during(range(100)):
        clock.advance(seconds=1)
    assert len(beats) == 6


def test_quick_work_gives_none(clock: ManualClock) -> None:
    beats: list[object] = []
    heartbeat = Heartbeat(lambda: beats.append(clock.now), timedelta(seconds=15), clock)
    assert list(heartbeat.during(range(100))) == list(range(100))
    assert beats == []
