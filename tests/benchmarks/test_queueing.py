"""Waiting for a quota, simulated."""

from math import factorial
from pathlib import Path
from random import Random

import pytest

from benchmarks.queueing import MONTH, arrivals, places_for, simulate, table, training_hours, waits


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - chance, not secrets


def served(coming: list[float], places: int, hours: float, tick: float = 1 / 60) -> list[float]:
    waited, _ = waits(coming, places, lambda _: hours, chance(1), tick)
    return waited


def test_whoever_finds_a_free_place_waits_for_nothing() -> None:
    assert served([0.1, 0.2], 2, 5) == [0, 0]


def test_whoever_finds_none_waits_for_the_tick_after_one_is_free() -> None:
    assert served([0.05, 0.15], 1, 1, tick=0.1) == pytest.approx([0, 1.1 - 0.15])


def test_nobody_is_overtaken() -> None:
    begun = [came + wait for came, wait in zip(range(20), served(list(range(20)), 2, 7), strict=True)]
    assert begun == sorted(begun)


def test_trainings_take_half_an_hour_to_a_day_and_two_hours_in_the_mean() -> None:
    of = chance(2)
    drawn = [training_hours(of) for _ in range(20_000)]
    assert (min(drawn), max(drawn)) == (0.5, 24)
    assert sum(drawn) / len(drawn) == pytest.approx(2.08, rel=0.02)


def test_the_mean_wait_is_that_of_erlangs_formula() -> None:
    # The only closed form there is: times to the next job and of the work both exponential.
    places, load = 3, 2.4
    over = load**places / factorial(places) / (1 - load / places)
    expected = over / (sum(load**n / factorial(n) for n in range(places)) + over) / (places - load)
    coming = arrivals(load * MONTH, 60_000, chance(3))
    waited, _ = waits(coming, places, lambda of: of.expovariate(1), chance(4), tick=1e-9)
    assert sum(waited) / len(waited) == pytest.approx(expected, rel=0.1)


def test_more_work_than_places_piles_up_and_less_does_not() -> None:
    assert simulate(1_000, 2, training_hours, months=6).late > 0.9
    assert simulate(100, 2, training_hours, months=6).late == 0


def test_as_many_places_are_found_as_are_needed_and_no_more() -> None:
    enough = places_for(1_000, training_hours, 4, 6)
    assert simulate(1_000, enough, training_hours, 6).p95 <= 4
    assert simulate(1_000, enough - 1, training_hours, 6).p95 > 4


def test_the_manual_shows_what_the_simulation_says() -> None:
    manual = Path("docs/scale.md").read_text(encoding="utf-8")
    assert "\n".join(table()) in manual
