"""Ours and the baseline in turn, so that whatever else the machine does falls upon both."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Spread:
    """A median, and between what the values lay."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Sum up values, of which there is at least one."""
        several = list(values)
        return cls(statistics.median(several), min(several), max(several))


@dataclass(frozen=True)
class Pair:
    """What ours and the baseline took, one right after the other, in one unit."""

    ours: float
    baseline: float

    @property
    def ratio(self) -> float:
        """How many times the baseline ours took."""
        return self.ours / self.baseline


def interleaved(
    ours: Callable[[], float], baseline: Callable[[], float], pairs: int, *, warm_up: int = 1
) -> list[Pair]:
    """Let both measure themselves in turn, and change who goes first with each pair.

    Args:
        ours: Does our work once and gives what it took.
        baseline: Does the least that the work needs once and gives what that took, in the same unit.
        pairs: How many of them count.
        warm_up: How many come before and do not count.
    """
    return [_pair(ours, baseline, turn % 2 == 0) for turn in range(warm_up + pairs)][warm_up:]


def _pair(ours: Callable[[], float], baseline: Callable[[], float], ours_first: bool) -> Pair:
    if ours_first:
        first = ours()
        return Pair(first, baseline())
    first = baseline()
    return Pair(ours(), first)


def wall_seconds(work: Callable[[], object]) -> Callable[[], float]:
    """Give work as something that measures itself by the clock on the wall."""
    return _measured(work, time.perf_counter)


def cpu_seconds(work: Callable[[], object]) -> Callable[[], float]:
    """Give work as something that measures itself by the CPU time of this process."""
    return _measured(work, time.process_time)


def _measured(work: Callable[[], object], clock: Callable[[], float]) -> Callable[[], float]:
    def measure() -> float:
        began = clock()
        work()
        return clock() - began

    return measure


def percentile(values: Sequence[float], share: float) -> float:
    """Give the value that this share of the values does not exceed (the nearest rank)."""
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]
