"""The deployer's next step, as a table of what is wanted and what Rekognition says."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events import StopCause
from services.deployer.deployment import Deployment
from services.deployer.rules import Patience, Step, misses_the_bar, next_step
from services.deployer.stage import deployment_of
from tests.support.builders import NOON, a_plan, model_trained

# Every status of botocore's ProjectVersionStatus, and none at all.
STATUSES = [
    None,
    "TRAINING_IN_PROGRESS",
    "TRAINING_COMPLETED",
    "TRAINING_FAILED",
    "STARTING",
    "RUNNING",
    "FAILED",
    "STOPPING",
    "STOPPED",
    "DELETING",
    "COPYING_IN_PROGRESS",
    "COPYING_COMPLETED",
    "COPYING_FAILED",
    "DEPRECATED",
    "EXPIRED",
]
PATIENCE = Patience(to_show=timedelta(minutes=3), to_run=timedelta(hours=1))
LONG_AGO = NOON - timedelta(minutes=30)


def a_deployment(**members: Any) -> Deployment:
    event = model_trained()
    return deployment_of(event, event.data).changed(**members)


def step(status: str | None, now: datetime = NOON, **members: Any) -> Step:
    return next_step(a_deployment(**members), status, now, PATIENCE)


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [
        ("trained", "TRAINING_COMPLETED", Step.START),
        ("trained", "STOPPED", Step.START),
        ("trained", "COPYING_COMPLETED", Step.START),
        ("trained", "FAILED", Step.START),  # whether AWS restarts such a model is not documented: it is asked
        ("trained", "STARTING", Step.NOTE_STARTING),  # the answer to an earlier start was lost
        ("trained", "RUNNING", Step.NOTE_STARTING),
        ("trained", "STOPPING", Step.WAIT),
        ("trained", None, Step.NOTE_FAILED),
        ("starting", "STARTING", Step.WAIT),
        ("starting", "RUNNING", Step.NOTE_RUNNING),
        ("starting", "FAILED", Step.NOTE_FAILED),
        ("starting", "STOPPING", Step.WAIT),
        ("starting", "STOPPED", Step.NOTE_STOPPED),
        ("starting", "TRAINING_COMPLETED", Step.NOTE_STOPPED),
        ("starting", "DELETING", Step.NOTE_FAILED),
        ("starting", None, Step.NOTE_FAILED),
        ("running", "RUNNING", Step.WAIT),
        ("running", "STARTING", Step.WAIT),
        ("running", "STOPPING", Step.WAIT),
        ("running", "STOPPED", Step.NOTE_STOPPED),
        ("running", "COPYING_COMPLETED", Step.NOTE_STOPPED),
        ("running", "FAILED", Step.NOTE_FAILED),
        ("running", "EXPIRED", Step.NOTE_FAILED),
        ("running", None, Step.NOTE_FAILED),
    ],
)
def test_towards_a_running_model(state: str, status: str | None, expected: Step) -> None:
    assert step(status, state=state, paid_since=None if state == "trained" else LONG_AGO) is expected


@pytest.mark.parametrize("state", ["trained", "rejected", "starting", "running", "stopping", "stopped"])
@pytest.mark.parametrize("status", STATUSES)
def test_towards_a_stopped_model_whatever_was_known_of_it(state: str, status: str | None) -> None:
    expected = {"RUNNING": Step.STOP, "STARTING": Step.WAIT, "STOPPING": Step.WAIT}
    assert step(status, state=state, wanted="stopped") is expected.get(str(status), Step.NOTE_STOPPED)


def test_a_running_model_is_stopped_at_the_planned_moment() -> None:
    for late, expected in ((-1, Step.WAIT), (0, Step.STOP_AS_PLANNED), (1, Step.STOP_AS_PLANNED)):
        now = NOON + timedelta(seconds=late)
        assert step("RUNNING", now, state="running", auto_stop_at=NOON) is expected


def test_a_model_that_runs_without_a_plan_runs_on() -> None:
    assert step("RUNNING", NOON + timedelta(days=999), state="running") is Step.WAIT


def test_starting_is_given_up_past_its_deadline_only() -> None:
    starting = {"state": "starting", "paid_since": NOON}
    deadline = NOON + timedelta(hours=1)
    assert step("STARTING", deadline, **starting) is Step.WAIT
    assert step("STARTING", deadline + timedelta(seconds=1), **starting) is Step.GIVE_UP_STARTING
    assert step("RUNNING", deadline + timedelta(days=1), **starting) is Step.NOTE_RUNNING


def test_a_model_that_has_run_may_be_started_anew_by_somebody_else_however_long_it_has_run() -> None:
    for hours in (1, 2, 999):
        now = NOON + timedelta(hours=hours)
        assert step("STARTING", now, state="running", paid_since=NOON) is Step.WAIT


@pytest.mark.parametrize("wanted", ["running", "stopped"])
@pytest.mark.parametrize("status", ["TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"])
def test_an_answer_from_before_the_start_is_not_taken_for_a_stop(status: str, wanted: str) -> None:
    for minutes in (0, 3):
        now = NOON + timedelta(minutes=minutes)
        assert step(status, now, state="starting", wanted=wanted, paid_since=NOON) is Step.WAIT
    late = NOON + timedelta(minutes=3, seconds=1)
    assert step(status, late, state="starting", wanted=wanted, paid_since=NOON) is not Step.WAIT


DEPLOYMENTS = st.builds(
    a_deployment,
    wanted=st.sampled_from(["running", "stopped"]),
    state=st.sampled_from(["trained", "rejected", "starting", "running", "stopping", "stopped"]),
    auto_stop_at=st.none() | st.just(NOON),
    paid_since=st.none() | st.just(NOON),
    stop_cause=st.none() | st.sampled_from(StopCause),
)
MOMENTS = st.integers(min_value=-100, max_value=100).map(lambda minutes: NOON + timedelta(minutes=minutes))


@given(DEPLOYMENTS, st.sampled_from(STATUSES), MOMENTS)
def test_money_is_spent_only_on_what_is_wanted(row: Deployment, status: str | None, now: datetime) -> None:
    taken = next_step(row, status, now, PATIENCE)
    if taken in {Step.START, Step.NOTE_STARTING, Step.NOTE_RUNNING}:
        assert row.wanted == "running"
    if taken is Step.START:
        assert status not in {"STARTING", "RUNNING", "STOPPING", None}
    if taken is Step.STOP:
        assert status == "RUNNING"  # StopProjectVersion takes no other state
    if taken in {Step.NOTE_STOPPED, Step.NOTE_FAILED}:
        assert status not in {"STARTING", "RUNNING", "STOPPING"}  # what may cost money is not lost sight of
    if status == "STOPPING":
        assert taken is Step.WAIT


@pytest.mark.parametrize(
    ("min_f1", "f1", "misses"),
    [(None, 0.0, False), (0.8, 0.79999, True), (0.8, 0.8, False), (0.8, 0.9, False), (0.0, 0.0, False)],
)
def test_a_model_misses_the_bar_only_below_it(min_f1: float | None, f1: float, misses: bool) -> None:
    assert misses_the_bar(a_plan(min_f1=min_f1), f1) is misses


def test_unit_seconds_add_up_over_runs() -> None:
    row = a_deployment(plan=a_plan(inference_units=2), unit_seconds=100)
    assert row.unit_seconds_until(NOON) == 100
    started = row.changed(paid_since=NOON)
    assert started.unit_seconds_until(NOON + timedelta(seconds=30.4)) == 161
    assert started.unit_seconds_until(NOON - timedelta(seconds=5)) == 100  # clocks of two processes differ
