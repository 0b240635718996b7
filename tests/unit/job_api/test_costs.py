from datetime import timedelta

import pytest

from contracts.events import ModelTrained
from contracts.stages import Stage
from services.job_api.costs import cost_of
from tests.support.builders import NOON, model_trained
from tests.support.events import (
    deployment_started,
    labelling_completed,
    model_deployed,
    model_stopped,
    stage_failed,
    start_requested,
    stop_requested,
)
from tests.unit.job_api.jobs import PRICES, a_job, applied


def test_a_new_job_costs_nothing() -> None:
    cost = cost_of(a_job(), PRICES, NOON)
    assert (cost.labelling, cost.training, cost.running, cost.total, cost.per_hour_now) == (0, 0, 0, 0, 0)


def test_labelled_images_and_billed_training_time_are_paid() -> None:
    job = applied(a_job(), [labelling_completed(labelled=100, failed=50), model_trained()])
    cost = cost_of(job, PRICES, NOON)
    assert (cost.labelling, cost.training, cost.running, cost.total) == (8.0, 1.0, 0, 9.0)


@pytest.mark.parametrize(("hours", "running"), [(-1, 0), (0, 0), (0.5, 6.0), (24, 288.0)])
def test_a_model_is_paid_by_unit_and_hour_from_its_start(hours: float, running: float) -> None:
    job = applied(a_job(), [deployment_started(at=NOON, units=3)])
    cost = cost_of(job, PRICES, NOON + timedelta(hours=hours))
    assert (cost.running, cost.per_hour_now) == (running, 12.0)


def test_a_model_that_stops_is_paid_until_it_has_stopped() -> None:
    events = [deployment_started(at=NOON), model_deployed(), stop_requested()]
    stopping = cost_of(applied(a_job(), events), PRICES, NOON + timedelta(hours=2))
    assert (stopping.running, stopping.per_hour_now) == (8.0, 4.0)
    stopped = applied(a_job(), [*events, model_stopped(unit_seconds=9000)])
    cost = cost_of(stopped, PRICES, NOON + timedelta(hours=99))
    assert (cost.running, cost.per_hour_now) == (10.0, 0)


def test_a_second_run_is_paid_besides_the_first() -> None:
    job = applied(
        a_job(),
        [
            deployment_started(),
            model_stopped(unit_seconds=3600),
            start_requested(),
            deployment_started(run=2, at=NOON),
        ],
    )
    cost = cost_of(job, PRICES, NOON + timedelta(hours=1))
    assert (cost.running, cost.per_hour_now) == (8.0, 4.0)


def test_a_model_whose_hosting_failed_costs_nothing_more() -> None:
    job = applied(
        a_job(),
        [
            deployment_started(at=NOON),
            model_stopped(unit_seconds=1800),
            stage_failed(Stage.DEPLOYMENT, run=1),
        ],
    )
    cost = cost_of(job, PRICES, NOON + timedelta(hours=99))
    assert (cost.running, cost.per_hour_now) == (2.0, 0)


def test_a_given_up_model_is_paid_until_it_is_down() -> None:
    job = applied(a_job(), [deployment_started(at=NOON), stage_failed(Stage.DEPLOYMENT, run=1)])
    assert cost_of(job, PRICES, NOON + timedelta(hours=1)).per_hour_now == 4.0


def test_cents_are_rounded_but_small_parts_count_in_the_total() -> None:
    data = model_trained().data.model_copy(update={"billable_training_seconds": 15})
    trained = ModelTrained.about(a_job().job_id, 1, data, time=NOON)
    job = applied(a_job(), [trained, deployment_started(at=NOON)])
    cost = cost_of(job, PRICES, NOON + timedelta(seconds=3.6))
    assert (cost.training, cost.running, cost.total) == (0.0, 0.0, 0.01)
