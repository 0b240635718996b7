"""The arithmetic of the benchmarks, and in what order they measure."""

import pytest

from benchmarks.pairs import Pair, Spread, interleaved, percentile


def test_a_spread_is_the_median_and_the_extremes() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(median=2.0, lowest=1.0, highest=3.0)
    assert Spread.of([1.0, 2.0, 4.0, 9.0]).median == 3.0


def test_who_goes_first_changes_with_each_pair() -> None:
    order: list[str] = []

    def log(name: str, took: float) -> float:
        order.append(name)
        return took

    pairs = interleaved(lambda: log("ours", 3.0), lambda: log("baseline", 2.0), 4, warm_up=0)

    assert order == ["ours", "baseline", "baseline", "ours", "ours", "baseline", "baseline", "ours"]
    assert pairs == [Pair(ours=3.0, baseline=2.0)] * 4


def test_pairs_of_the_warm_up_do_not_count() -> None:
    took = iter([100.0, 1.0, 2.0])
    pairs = interleaved(lambda: next(took), lambda: 1.0, 2, warm_up=1)
    assert [pair.ratio for pair in pairs] == [1.0, 2.0]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1.0, 20), (0.0, 1)])
def test_a_percentile_is_a_value_that_was_seen(share: float, expected: float) -> None:
    assert percentile(list(range(20, 0, -1)), share) == expected
