"""How long jobs wait for a training, or for a place to run: ``python -m benchmarks.queueing``.

A quota is a number of places. Jobs come at random and are served in the order of arrival. That one is free
again is noticed at the next tick (the partition ``slot`` of `runtime/reconcile.py`).
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, exp
from random import Random

from benchmarks.pairs import percentile

MONTH = 730.0
"""Hours."""
TICK = 1 / 60
MONTHS = 12
"""Simulated: what piles up is seen after a year, what does not after less."""

_LARGEST = 4_000


@dataclass(frozen=True)
class Waits:
    """How long jobs waited, in hours.

    Attributes:
        median: Half of them waited no longer.
        p95: Nineteen of twenty waited no longer.
        late: Share of those that waited for more than a day.
        busy: Share of the places' time that was used, of the time in which jobs came.
    """

    median: float
    p95: float
    late: float
    busy: float


def training_hours(chance: Random) -> float:
    """Draw how long a training takes: half an hour to a day (training-model), two hours in the mean."""
    return min(max(1.5 * exp(chance.gauss(0, 0.8)), 0.5), 24)


def run_hours(hours: float) -> Callable[[Random], float]:
    """Give what says that each model runs for so long before somebody stops it."""
    return lambda _: hours


def arrivals(a_month: float, hours: float, chance: Random) -> Iterator[float]:
    """Let jobs come at random, so many a month in the mean, until the hours are over."""
    now = 0.0
    while (now := now + chance.expovariate(a_month / MONTH)) < hours:
        yield now


def waits(
    coming: Iterable[float], places: int, takes: Callable[[Random], float], chance: Random, tick: float = TICK
) -> tuple[list[float], float]:
    """Serve jobs in the order in which they come; give how long each waited, and the hours of places used.

    A place that is free when a job comes is taken at once; one that becomes free later, at the next tick.
    """
    free_at = [0.0] * places
    waited, used = [], 0.0
    for came in coming:
        free = heapq.heappop(free_at)
        begins = came if free <= came else ceil(free / tick) * tick
        duration = takes(chance)
        heapq.heappush(free_at, begins + duration)
        waited.append(begins - came)
        used += duration
    return waited, used


def simulate(a_month: float, places: int, takes: Callable[[Random], float], months: float = MONTHS) -> Waits:
    """Let a year go by; the same year each time."""
    chance, durations = Random(8), Random(9)  # noqa: S311 - chance, not secrets
    hours = months * MONTH
    waited, used = waits(arrivals(a_month, hours, chance), places, takes, durations)
    return Waits(
        median=percentile(waited, 0.5),
        p95=percentile(waited, 0.95),
        late=sum(one > 24 for one in waited) / len(waited),
        busy=used / (places * hours),
    )


def places_for(a_month: float, takes: Callable[[Random], float], most_hours: float, months: float) -> int:
    """Find how many places keep the 95th percentile of waiting within so many hours."""
    too_few, enough = 0, 1
    while simulate(a_month, enough, takes, months).p95 > most_hours:
        too_few, enough = enough, 2 * enough
        if enough > _LARGEST:
            raise ValueError(f"{a_month} jobs a month need more than {_LARGEST} places")
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if simulate(a_month, middle, takes, months).p95 > most_hours:
            too_few = middle
        else:
            enough = middle
    return enough


@dataclass(frozen=True)
class Question:
    """Something that the table answers: so many jobs a month, for so long each, at so many places."""

    what: str
    a_month: int
    places: int
    takes: Callable[[Random], float]


QUESTIONS = (
    Question("trainings", 100, 2, training_hours),
    Question("trainings", 500, 2, training_hours),
    Question("trainings", 700, 2, training_hours),
    Question("trainings", 1_000, 2, training_hours),
    Question("trainings", 1_000, 4, training_hours),
    Question("trainings", 10_000, 32, training_hours),
    Question("models, 8 hours each", 100, 2, run_hours(8)),
    Question("models, 24 hours each", 100, 2, run_hours(24)),
)


def table(questions: Sequence[Question] = QUESTIONS) -> list[str]:
    """Answer in Markdown."""
    lines = [
        "| what | jobs a month | at once | busy | waits, half | waits, 95 % | waits over a day |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for asked in questions:
        found = simulate(asked.a_month, asked.places, asked.takes)
        lines.append(
            f"| {asked.what} | {asked.a_month:,} | {asked.places} | {found.busy:.0%} | {_told(found.median)} "
            f"| {_told(found.p95)} | {found.late:.0%} |"
        )
    return lines


def _told(hours: float) -> str:
    """Say hours in the unit in which one would."""
    steps = (
        (0.01, "0", 1.0),
        (1, "{:.0f} min", 60.0),
        (48, "{:.1f} h", 1.0),
        (float("inf"), "{:.0f} d", 1 / 24),
    )
    return next(text.format(hours * factor) for below, text, factor in steps if hours < below)


if __name__ == "__main__":
    print("\n".join(table()))
