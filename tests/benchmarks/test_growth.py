"""Growth, from what was measured of few jobs and of many."""

from benchmarks.pairs import Pair
from benchmarks.rows.growth import Ticks, growth


def ticks(jobs: int, *ratios: float, peak: float = 100.0) -> Ticks:
    return Ticks(jobs, [Pair(ours=ratio * 0.01, baseline=0.01) for ratio in ratios], peak)


def test_what_the_emulator_takes_longer_for_is_not_growth_of_ours() -> None:
    few = Ticks(10, [Pair(ours=0.012, baseline=0.01)] * 3, 100.0)
    many = Ticks(1_000, [Pair(ours=0.024, baseline=0.02)] * 3, 100.0)
    time, memory = growth(few, many)
    assert (round(time.measured.median, 6), time.met) == (1.0, True)
    assert (memory.measured.median, memory.met) == (1.0, True)


def test_growth_is_against_the_usual_of_the_few() -> None:
    time, memory = growth(ticks(10, 1.0, 1.2, 9.0), ticks(1_000, 2.4, 2.4, 1.2, peak=300.0))
    assert (round(time.measured.median, 6), time.met) == (2.0, False)
    assert (memory.measured.median, memory.met) == (3.0, False)
