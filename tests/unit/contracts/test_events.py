import json
from traceback import format_exception
from typing import Any

import pytest

from contracts.envelope import Event
from contracts.events import (
    EVENTS,
    ContractError,
    StageFailed,
    StageFailedData,
    event_type,
    parse_event,
)
from contracts.facts import MAX_LISTED
from contracts.stages import Stage
from tests.support.builders import JOB, NOON, OTHER_JOB, dataset_ready, model_trained
from tests.support.events import (
    deployment_started,
    model_stopped,
    one_of_each,
    stage_failed,
    stage_parked,
    start_requested,
)

each_event = pytest.mark.parametrize("event", one_of_each(), ids=lambda event: type(event).__name__)


def document(event: Event) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(event.to_json())
    return read


def test_there_is_an_example_of_every_event() -> None:
    assert {type(event) for event in one_of_each()} == set(EVENTS)


@each_event
def test_an_event_is_read_as_it_was_written(event: Event) -> None:
    assert parse_event(document(event)) == event


@each_event
def test_an_event_is_a_cloud_event_on_the_wire(event: Event) -> None:
    written = document(event)
    assert {
        "specversion": "1.0",
        "subject": JOB,
        "datacontenttype": "application/json",
        "attempt": 1,
    }.items() <= (written.items())
    assert written["type"] == event_type(type(event))
    assert written["source"].startswith("/ekyc/")
    assert written["time"].endswith("Z")


@each_event
def test_members_nobody_knows_yet_are_ignored(event: Event) -> None:
    written = document(event)
    written["sometime"] = 1
    written["data"]["newMember"] = {"x": [1]}
    assert parse_event(written) == event


@each_event
def test_data_that_does_not_keep_the_contract_is_refused_by_name(event: Event) -> None:
    written = document(event)
    written["data"] = "nonsense"
    with pytest.raises(ContractError, match=rf"not a valid {event_type(type(event))}: data: "):
        parse_event(written)


def test_a_refusal_names_the_field() -> None:
    written = document(dataset_ready())
    written["data"]["datasets"]["projectArn"] = "no arn"
    with pytest.raises(ContractError, match=r"data\.datasets\.projectArn: String should match"):
        parse_event(written)


def test_a_refusal_does_not_repeat_what_was_sent() -> None:
    written = document(dataset_ready()) | {"subject": "somebody"}
    with pytest.raises(ContractError) as caught:
        parse_event(written)
    assert "somebody" not in "".join(format_exception(caught.value))


@pytest.mark.parametrize("attribute", ["id", "source", "subject", "time", "attempt", "data"])
def test_an_envelope_lacking_an_attribute_is_refused(attribute: str) -> None:
    written = document(stage_failed())
    del written[attribute]
    with pytest.raises(ContractError, match=f"{attribute}: Field required"):
        parse_event(written)


def test_an_event_in_the_name_of_another_service_is_refused() -> None:
    with pytest.raises(ContractError, match="source"):
        parse_event(document(dataset_ready()) | {"source": "/ekyc/trainer"})


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ContractError, match=r"time: .*timezone"):
        parse_event(document(dataset_ready()) | {"time": "2026-11-22T12:00:00"})


@pytest.mark.parametrize("type_", ["ekyc.dataset.ready.v2", "", None, 7, ["ekyc.dataset.ready.v1"]])
def test_an_unknown_type_is_refused(type_: object) -> None:
    with pytest.raises(ContractError, match="unknown event type"):
        parse_event(document(dataset_ready()) | {"type": type_})


@each_event
def test_stating_a_fact_twice_gives_one_id(event: Event) -> None:
    again = type(event).about(
        event.job_id, event.attempt, event.data, time=NOON.replace(year=2027), source=event.source
    )
    assert again.id == event.id


@each_event
def test_the_same_of_another_job_or_attempt_is_another_fact(event: Event) -> None:
    def stated(job_id: str, attempt: int) -> str:
        return type(event).about(job_id, attempt, event.data, time=NOON, source=event.source).id

    assert len({event.id, stated(OTHER_JOB, 1), stated(JOB, 2)}) == 3


def test_ids_differ_between_types() -> None:
    assert len({event.id for event in one_of_each()}) == len(EVENTS)


def test_ids_tell_runs_apart() -> None:
    for event in (start_requested, deployment_started, model_stopped):
        assert event(run=1).id != event(run=2).id


def test_ids_tell_stages_apart() -> None:
    for event in (stage_failed, stage_parked):
        ids = {event(stage).id for stage in Stage} | {event(Stage.DEPLOYMENT, run=run).id for run in (1, 2)}
        assert len(ids) == len(Stage) + 2


def test_no_event_holds_more_single_faults_than_sns_could_carry() -> None:
    with pytest.raises(ValueError, match="at most 100"):
        StageFailedData(
            stage=Stage.DATASET, code="c", reason="r", advice="a", details=["line"] * (MAX_LISTED + 1)
        )


def test_an_event_of_several_services_names_the_one_that_speaks() -> None:
    with pytest.raises(ValueError, match="source"):
        StageFailed.about(JOB, 1, stage_failed().data, time=NOON)


def test_an_event_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        model_trained().attempt = 2
