import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from contracts.envelope import Event
from contracts.events import DatasetReady, ModelTrained
from runtime.consume import Routes, consume
from runtime.errors import Retryable
from runtime.observe import get_logger
from tests.support.builders import JOB, OTHER_JOB, dataset_ready, model_trained
from tests.support.context import FakeContext
from tests.support.world import failed_messages, sqs_batch

if TYPE_CHECKING:
    from collections.abc import Callable


class Listener:
    """Remembers what it was given, and refuses what it is told to."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.refuses: Callable[[Any], bool] = lambda _: False

    @property
    def routes(self) -> Routes:
        return {DatasetReady: self.hear}

    def hear(self, thing: Any) -> None:
        if self.refuses(thing):
            raise Retryable("not now")
        self.heard.append(thing)

    def take(self, *bodies: Event | dict[str, Any] | str) -> list[str]:
        batch = sqs_batch(*bodies)
        return failed_messages(
            consume(batch, FakeContext(), self.routes, {"Something Changed": self.hear})  # type: ignore[arg-type]
        )


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "ekyc")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "tests")
    return Listener()


def test_each_event_goes_where_its_type_leads(listener: Listener) -> None:
    assert listener.take(dataset_ready(), dataset_ready(OTHER_JOB)) == []
    assert [event.job_id for event in listener.heard] == [JOB, OTHER_JOB]


def test_a_notice_goes_where_its_detail_type_leads(listener: Listener) -> None:
    notice = {"detail-type": "Something Changed", "resources": ["x"]}
    assert listener.take(notice) == []
    assert listener.heard == [notice]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param("{not json", id="no json"),
        pytest.param("", id="nothing"),
        pytest.param("[1]", id="a list"),
        pytest.param('"text"', id="a text"),
        pytest.param("null", id="null"),
        pytest.param("{}", id="an empty object"),
        pytest.param({"type": "ekyc.dataset.ready.v2"}, id="an unknown version"),
        pytest.param({"type": "ekyc.dataset.ready.v1"}, id="an event without its members"),
        pytest.param({"detail-type": "Something Else"}, id="an unknown notice"),
        pytest.param({"detail-type": None}, id="a notice of no type"),
        pytest.param(model_trained(), id="an event that is none of our business"),
    ],
)
def test_a_message_that_cannot_be_used_goes_back_alone(
    listener: Listener, bad: Event | dict[str, Any] | str
) -> None:
    assert listener.take(dataset_ready(), bad, dataset_ready(OTHER_JOB)) == ["m1"]
    assert [event.job_id for event in listener.heard] == [JOB, OTHER_JOB]


def test_an_event_whose_handling_fails_goes_back_alone(listener: Listener) -> None:
    listener.refuses = lambda event: event.job_id == JOB
    assert listener.take(dataset_ready(), dataset_ready(OTHER_JOB)) == ["m0"]
    assert [event.job_id for event in listener.heard] == [OTHER_JOB]


def test_a_batch_that_fails_whole_is_answered_message_by_message(listener: Listener) -> None:
    listener.refuses = lambda _: True
    assert listener.take(dataset_ready(), dataset_ready(OTHER_JOB), "{") == ["m0", "m1", "m2"]


def test_a_fault_of_ours_fails_its_message_only(listener: Listener) -> None:
    def divide(_: Event) -> None:
        raise ZeroDivisionError

    batch = sqs_batch(model_trained(), dataset_ready())
    routes: Routes = {ModelTrained: divide, DatasetReady: listener.hear}
    answer = consume(batch, FakeContext(), routes)  # type: ignore[arg-type]
    assert failed_messages(answer) == ["m0"]
    assert len(listener.heard) == 1


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr(get_logger().registered_handler, "stream", stream)
    return stream


def failures(log: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["message"] == "message failed"]


def test_a_failed_message_is_counted_for_the_alarm(
    listener: Listener, capsys: pytest.CaptureFixture[str]
) -> None:
    listener.take("{", "[]", dataset_ready())
    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["MessageFailed"] for line in counted] == [[1.0], [1.0]]


def test_a_failed_message_is_logged_with_its_job_and_trace(listener: Listener, log: io.StringIO) -> None:
    listener.refuses = lambda _: True
    listener.take(dataset_ready())
    [failure] = failures(log)
    assert (
        failure.items()
        >= {
            "job_id": JOB,
            "event_type": "ekyc.dataset.ready.v1",
            "message_id": "m0",
            "correlation_id": "0af7651916cd43dd8448eb211c80319c",
            "error_type": "Retryable",
            "reason": "not now",
        }.items()
    )


def test_an_event_that_breaks_its_contract_is_logged_with_its_trace(
    listener: Listener, log: io.StringIO
) -> None:
    listener.take(json.loads(dataset_ready().to_json()) | {"type": "ekyc.dataset.ready.v9"})
    [failure] = failures(log)
    assert failure["correlation_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert failure["reason"] == "unknown event type 'ekyc.dataset.ready.v9'"


@pytest.mark.parametrize("traceparent", ["x", 1, None, {"a": 1}, "00-" + "z" * 32 + "-" + "0" * 16 + "-01"])
def test_what_is_no_trace_is_not_logged_as_one(
    listener: Listener, log: io.StringIO, traceparent: object
) -> None:
    listener.take(json.loads(dataset_ready().to_json()) | {"type": "other", "traceparent": traceparent})
    [failure] = failures(log)
    assert "correlation_id" not in failure


def test_what_one_message_was_about_is_not_logged_with_the_next(listener: Listener, log: io.StringIO) -> None:
    listener.take(dataset_ready(), "{")
    [failure] = failures(log)
    assert "job_id" not in failure


def test_a_message_is_not_logged(listener: Listener, log: io.StringIO) -> None:
    event = json.loads(dataset_ready().to_json())
    listener.take(event | {"data": {"plan": {"labels": ["Jane Doe"]}, "datasets": "Jane Doe"}})
    assert len(failures(log)) == 1
    assert "Jane Doe" not in log.getvalue()
