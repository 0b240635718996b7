"""Where events leave a job, whatever their order; stored for real in tests/integration/job_api."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Event
from contracts.events import EVENTS
from contracts.stages import JobStatus, Stage
from services.job_api.job import Job
from services.job_api.projection import move_of
from services.job_api.view import view_of
from tests.support.builders import NOON, dataset_ready, model_trained
from tests.support.events import (
    dataset_creation_started,
    deployment_started,
    job_cancelled,
    job_retried,
    job_started,
    labelling_completed,
    labelling_started,
    labelling_stopped,
    model_deployed,
    model_discarded,
    model_rejected,
    model_stopped,
    one_of_each,
    stage_failed,
    stage_parked,
    start_requested,
    stop_requested,
    training_started,
    whole_job,
)
from tests.unit.job_api.jobs import PRICES, a_job, applied


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (job_started(), JobStatus.LABELLING),
        (labelling_started(), JobStatus.LABELLING),
        (labelling_stopped(), JobStatus.LABELLING),
        (labelling_completed(), JobStatus.CREATING_DATASET),
        (dataset_creation_started(), JobStatus.CREATING_DATASET),
        (dataset_ready(), JobStatus.TRAINING),
        (training_started(), JobStatus.TRAINING),
        (model_trained(), JobStatus.DEPLOYING),
        (model_discarded(), JobStatus.TRAINING),
        (model_rejected(), JobStatus.REJECTED),
        (deployment_started(), JobStatus.DEPLOYING),
        (model_deployed(), JobStatus.RUNNING),
        (stop_requested(), JobStatus.STOPPING),
        (model_stopped(), JobStatus.STOPPED),
        (start_requested(), JobStatus.DEPLOYING),
        (stage_failed(), JobStatus.FAILED),
        (job_cancelled(), JobStatus.CANCELLED),
        (job_retried(Stage.LABELLING), JobStatus.LABELLING),
        (job_retried(Stage.DATASET), JobStatus.CREATING_DATASET),
        (job_retried(Stage.TRAINING), JobStatus.TRAINING),
        (job_retried(Stage.DEPLOYMENT), JobStatus.DEPLOYING),
        (stage_parked(Stage.LABELLING), JobStatus.LABELLING),
        (stage_parked(Stage.DATASET), JobStatus.CREATING_DATASET),
        (stage_parked(Stage.TRAINING), JobStatus.TRAINING),
        (stage_parked(Stage.DEPLOYMENT, run=1), JobStatus.DEPLOYING),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Event) else str(value),
)
def test_an_event_leaves_its_job_in_a_state(event: Event, status: JobStatus) -> None:
    assert move_of(event).status is status


def test_every_event_there_is_has_its_place() -> None:
    assert {type(event) for event in one_of_each() if move_of(event).position > 0} == set(EVENTS)


def test_a_job_that_goes_well_only_ever_moves_on() -> None:
    events = [job_started(), *whole_job()]
    positions = [move_of(event).position for event in events]
    assert positions == sorted(positions)
    assert len(set(positions)) == len(positions)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        *pairwise([stage_failed(), job_started(attempt=2), labelling_started(attempt=2)]),
        (model_stopped(run=1), start_requested(run=2)),
        (stage_failed(Stage.DEPLOYMENT, run=1), start_requested(run=2)),
        (model_rejected(), start_requested(run=1)),
        (start_requested(run=2), stage_parked(Stage.DEPLOYMENT, run=2)),
        (stage_parked(Stage.DEPLOYMENT, run=2), deployment_started(run=2)),
        (model_deployed(), stop_requested()),
        (stop_requested(), model_stopped()),
        (model_stopped(), stage_failed(Stage.DEPLOYMENT, run=1)),  # hosting failed: both are said
        (model_trained(), stop_requested()),
        (model_stopped(run=99), job_started(attempt=2)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_comes_later_counts_for_more(earlier: Event, later: Event) -> None:
    assert move_of(earlier).position < move_of(later).position


# Nothing is said about a job before the API has started it.
LIVES: dict[str, list[Event]] = {
    "runs twice": [*whole_job(), stop_requested(), start_requested()],
    "has no dataset": [
        labelling_started(),
        stage_parked(Stage.LABELLING),
        labelling_completed(),
        stage_failed(Stage.DATASET),
    ],
    "is rejected and runs": [
        dataset_ready(),
        model_trained(f1=0.4),
        model_rejected(),
        start_requested(run=1),
        deployment_started(run=1),
    ],
    "cannot be hosted": [
        model_trained(),
        deployment_started(),
        model_stopped(),
        stage_failed(Stage.DEPLOYMENT, run=1),
        stop_requested(),
    ],
    "fails and is retried": [
        labelling_completed(),
        dataset_ready(),
        training_started(),
        stage_failed(),
        job_retried(Stage.TRAINING),
        training_started(attempt=2),
        model_trained(attempt=2),
        deployment_started(attempt=2),
    ],
    "is stopped at labelling, retried and cancelled": [
        labelling_started(),
        labelling_stopped(),
        stage_failed(Stage.LABELLING),
        job_retried(Stage.LABELLING),
        labelling_started(attempt=2),
        job_cancelled(attempt=2),
        labelling_stopped(attempt=2),
    ],
    "waits and is cancelled": [
        stage_parked(Stage.TRAINING),
        stage_parked(Stage.DEPLOYMENT, run=1),
        model_trained(),
        job_cancelled(),
    ],
}


@given(st.data())
def test_any_order_and_any_repetition_of_a_jobs_events_tells_the_same(data: st.DataObject) -> None:
    life = data.draw(st.sampled_from(sorted(LIVES)).map(LIVES.__getitem__))
    jumbled = data.draw(st.permutations(life + data.draw(st.lists(st.sampled_from(life), max_size=5))))
    in_order, anyhow = applied(a_job(), life), applied(a_job(), jumbled)
    assert (anyhow.status, anyhow.position, anyhow.run) == (in_order.status, in_order.position, in_order.run)
    assert shown(anyhow) == shown(in_order)


def shown(job: Job) -> object:
    return view_of(job, PRICES, NOON).model_dump(exclude={"updated_at"})


def test_the_order_does_not_matter_but_the_events_do() -> None:
    told = [shown(applied(a_job(), life)) for life in LIVES.values()]
    assert all(one not in told[:number] for number, one in enumerate(told))
