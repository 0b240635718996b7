"""Dead letters: looked at, given back, put away, and never lost on the way."""

import json
import os
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from cli.exits import CliError
from cli.operations.dead_letter import DeadLetter, Subject
from cli.operations.dead_letters import DeadLetterQueue, Moved
from tests.cli.operating import PREFIX, Queues, Unwilling, a_letter
from tests.support.builders import JOB, dataset_ready
from tests.support.rekognition import refusal
from tests.support.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOST = refusal("InternalError", status=500)


@pytest.fixture
def queues(world: Callable[[str], World]) -> Queues:
    return Queues()


def unasked(seconds: float) -> None:
    raise AssertionError(f"nothing to wait {seconds} s for")


# ---- looking


def test_looking_takes_nothing_away(queues: Queues) -> None:
    queues.died(*(f"message {number:02}" for number in range(23)))
    assert len(queues.queue.peek(100)) == 23
    assert len(queues.bodies(queues.dead)) == 23


def test_looking_goes_no_further_than_asked_and_gives_back_what_it_held(queues: Queues) -> None:
    queues.died(*(f"message {number:02}" for number in range(23)))
    assert len(queues.queue.peek(12)) == 12
    assert len(queues.bodies(queues.dead)) == 23


def test_a_look_that_breaks_off_gives_back_what_it_held(queues: Queues) -> None:
    queues.died(*(f"message {number:02}" for number in range(15)))
    queues.sqs.refusals["receive_message"] = [None, LOST]
    with pytest.raises(ClientError):
        queues.queue.peek(100)
    assert len(queues.bodies(queues.dead)) == 15


def test_a_service_without_a_queue_is_named(queues: Queues) -> None:
    with pytest.raises(CliError, match="ekyc-nobody has no dead-letter queue"):
        DeadLetterQueue(queues.sqs.client, PREFIX, "nobody")


# ---- giving back


def test_given_back_a_message_is_what_it_was(queues: Queues) -> None:
    attributes = {"type": {"DataType": "String", "StringValue": "ekyc.dataset.ready.v1"}}
    queues.died("body", MessageAttributes=attributes)
    assert queues.queue.redrive(sleep=unasked, patience=0) == Moved(1)
    [message] = queues.sqs.client.receive_message(QueueUrl=queues.source, MessageAttributeNames=["All"])[
        "Messages"
    ]
    assert message["Body"] == "body"
    assert message["MessageAttributes"]["type"]["StringValue"] == "ekyc.dataset.ready.v1"
    assert queues.bodies(queues.dead) == []


def test_a_message_that_could_not_be_sent_stays(queues: Queues) -> None:
    queues.died("a", "b", "c")
    queues.sqs.refusals["send_message"] = [None, LOST]
    with pytest.raises(ClientError):
        queues.queue.redrive(sleep=unasked, patience=0)
    left, given_back = queues.bodies(queues.dead), queues.bodies(queues.source)
    assert sorted(left + given_back) == ["a", "b", "c"]
    assert len(given_back) == 1


def test_a_message_whose_deletion_failed_is_in_both_queues_rather_than_in_none(queues: Queues) -> None:
    queues.died("a")
    queues.sqs.refusals["delete_message"] = [LOST]
    with pytest.raises(ClientError):
        queues.queue.redrive(sleep=unasked, patience=0)
    assert queues.bodies(queues.dead) == queues.bodies(queues.source) == ["a"]


def test_what_dies_again_at_once_is_not_given_back_for_ever(queues: Queues) -> None:
    queues.died("a", "b")

    class Boomerang(Unwilling):
        def send_message(self, **arguments: Any) -> Any:
            return self.client.send_message(**{**arguments, "QueueUrl": queues.dead})

    sqs = Boomerang(queues.sqs.client, queues.sqs.refusals)
    queue = DeadLetterQueue(sqs, PREFIX, "trainer")  # type: ignore[arg-type]
    assert queue.redrive(sleep=unasked, patience=0) == Moved(2)
    assert queues.bodies(queues.dead) == ["a", "b"]


def test_one_message_is_given_back_and_the_others_stay(queues: Queues) -> None:
    ids = queues.died(*(f"message {number:02}" for number in range(15)))
    queues.queue.redrive_one(ids[13])
    assert queues.bodies(queues.source) == ["message 13"]
    assert len(queues.bodies(queues.dead)) == 14


def test_a_message_that_is_not_there_is_not_found_and_nothing_is_held(queues: Queues) -> None:
    queues.died("a", "b")
    with pytest.raises(CliError, match="No message nobody lies there"):
        queues.queue.redrive_one("nobody")
    assert queues.bodies(queues.dead) == ["a", "b"]


class Tasks:
    """SQS moving messages by itself: a task that has these states one after the other."""

    def __init__(self, queues: Queues, *states: dict[str, Any]) -> None:
        self.started: list[dict[str, str]] = []
        self._client = queues.sqs.client
        self._states = list(states)

    def start_message_move_task(self, **arguments: str) -> None:
        self.started.append(arguments)

    def list_message_move_tasks(self, **_: Any) -> dict[str, Any]:
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        return {"Results": [state]}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def redriven(tasks: Tasks, patience: float = 9) -> Moved:
    queue = DeadLetterQueue(tasks, PREFIX, "trainer")  # type: ignore[arg-type]
    return queue.redrive(sleep=lambda _: None, patience=patience)


def test_sqs_moves_the_messages_itself_where_it_can(queues: Queues) -> None:
    running = {"Status": "RUNNING", "ApproximateNumberOfMessagesMoved": 3}
    tasks = Tasks(queues, running, {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 7})
    assert redriven(tasks) == Moved(7)
    [started] = tasks.started
    assert started["SourceArn"].endswith(":ekyc-trainer-dlq")
    # Without a destination it would refuse what the topic or EventBridge put there.
    assert started["DestinationArn"].endswith(":ekyc-trainer")


def test_a_move_that_takes_long_goes_on_without_us(queues: Queues) -> None:
    tasks = Tasks(queues, {"Status": "RUNNING", "ApproximateNumberOfMessagesMoved": 3})
    assert redriven(tasks) == Moved(3, done=False)


def test_a_move_that_failed_is_finished_by_hand(queues: Queues) -> None:
    # AWS promises a move for what a queue gave up alone: a dead letter of the topic's may stop it.
    attributes = {"type": {"DataType": "String", "StringValue": "ekyc.dataset.ready.v1"}}
    queues.died("of the topic", "too", MessageAttributes=attributes)
    failed = {
        "Status": "FAILED",
        "FailureReason": "CouldNotDetermineMessageSource",
        "ApproximateNumberOfMessagesMoved": 3,
    }
    assert redriven(Tasks(queues, failed)) == Moved(5)
    given_back = queues.sqs.client.receive_message(
        QueueUrl=queues.source, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )["Messages"]
    assert sorted(message["Body"] for message in given_back) == ["of the topic", "too"]
    assert all(message["MessageAttributes"] for message in given_back)
    assert queues.bodies(queues.dead) == []


def test_a_move_that_somebody_cancelled_is_not_finished_by_hand(queues: Queues) -> None:
    queues.died("a")
    tasks = Tasks(queues, {"Status": "CANCELLED", "ApproximateNumberOfMessagesMoved": 3})
    with pytest.raises(CliError, match=r"moved 3 messages, then the move was cancelled"):
        redriven(tasks)
    assert queues.bodies(queues.dead) == ["a"]


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.UnsupportedOperation", "InvalidParameterValue"])
def test_what_sqs_does_not_move_is_moved_by_hand(queues: Queues, code: str) -> None:
    queues.died("a")
    queues.sqs.refusals["start_message_move_task"] = [refusal(code)]
    assert queues.queue.redrive(sleep=unasked, patience=0) == Moved(1)
    assert queues.bodies(queues.source) == ["a"]


def test_a_refused_move_is_not_done_by_hand(queues: Queues) -> None:
    queues.died("a")
    queues.sqs.refusals["start_message_move_task"] = [refusal("AccessDenied")]
    with pytest.raises(ClientError):
        queues.queue.redrive(sleep=unasked, patience=0)
    assert queues.bodies(queues.dead) == ["a"]


# ---- putting away


def test_put_away_messages_are_in_the_file_whole_and_not_in_the_queue(queues: Queues, tmp_path: Path) -> None:
    attributes = {
        "type": {"DataType": "String", "StringValue": "t"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    ids = queues.died(*(f"häß\n{number:02}" for number in range(12)), MessageAttributes=attributes)
    file = tmp_path / "kept.jsonl"
    assert queues.queue.discard(file, lambda: NOW) == 12
    kept = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {line["messageId"] for line in kept} == set(ids)
    assert kept[0]["body"].startswith("häß\n")
    assert kept[0]["messageAttributes"]["raw"]["BinaryValue"] == "AP8="
    assert kept[0]["discardedAt"] == "2026-11-22T12:00:00+00:00"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert queues.bodies(queues.dead) == []


def test_what_a_file_holds_is_never_written_over(queues: Queues, tmp_path: Path) -> None:
    file = tmp_path / "kept.jsonl"
    file.write_text("earlier\n")
    [kept, _] = queues.died("a", "b")
    assert queues.queue.discard(file, lambda: NOW, message_id=kept) == 1
    earlier, line = file.read_text().splitlines()
    assert (earlier, json.loads(line)["body"]) == ("earlier", "a")
    assert queues.bodies(queues.dead) == ["b"]


def test_nothing_is_deleted_that_could_not_be_written(queues: Queues, tmp_path: Path) -> None:
    queues.died("a", "b")
    with pytest.raises(OSError, match="Is a directory"):
        queues.queue.discard(tmp_path, lambda: NOW)
    assert queues.bodies(queues.dead) == ["a", "b"]


def test_a_message_is_on_the_disk_before_it_is_deleted(
    queues: Queues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues.died("a")
    file, synced = tmp_path / "kept.jsonl", []
    fsync = os.fsync

    def remembering(descriptor: int) -> None:
        fsync(descriptor)
        synced.append((file.read_text() != "", "delete_message" in queues.sqs.calls))

    monkeypatch.setattr(os, "fsync", remembering)
    queues.queue.discard(file, lambda: NOW)
    assert synced == [(True, False)]
    assert "delete_message" in queues.sqs.calls


def test_a_message_whose_deletion_failed_is_in_the_file_and_in_the_queue(
    queues: Queues, tmp_path: Path
) -> None:
    queues.died("a")
    queues.sqs.refusals["delete_message"] = [LOST]
    with pytest.raises(ClientError):
        queues.queue.discard(tmp_path / "kept", lambda: NOW)
    assert json.loads((tmp_path / "kept").read_text())["body"] == "a"
    assert queues.bodies(queues.dead) == ["a"]


# ---- what a message is about


def test_an_event_tells_its_job_its_attempt_and_its_trace() -> None:
    event = dataset_ready(attempt=3)
    subject = a_letter(event.to_json()).subject
    assert (subject.type, subject.job_id, subject.attempt) == ("ekyc.dataset.ready.v1", JOB, 3)
    assert (subject.event_id, subject.correlation_id) == (event.id, "0af7651916cd43dd8448eb211c80319c")


def test_a_notice_of_ground_truth_tells_its_job() -> None:
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/ekyc-{JOB}-2"
    subject = Subject.of_body(json.dumps({"detail-type": "State Change", "id": "e", "resources": [arn]}))
    assert (subject.type, subject.job_id, subject.attempt) == ("State Change", JOB, 2)


@pytest.mark.parametrize("body", ["[" * 100_000, "9" * 100_000, "\x00", ""])
def test_a_body_that_is_meant_to_hurt_tells_nothing(body: str) -> None:
    assert a_letter(body).subject == Subject()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
MEMBERS = st.sampled_from(["type", "subject", "attempt", "id", "traceparent", "detail-type", "resources"])


@given(st.text() | JSON_VALUES.map(json.dumps) | st.dictionaries(MEMBERS, JSON_VALUES).map(json.dumps))
def test_whatever_lies_there_can_be_shown_and_kept(body: str) -> None:
    letter = DeadLetter("m", "r", body, {}, {})
    subject = letter.subject
    assert all(value is None or isinstance(value, str) for value in (subject.type, subject.job_id))
    assert json.loads(json.dumps(letter.to_keep()))["body"] == body
    assert (letter.sent_at, letter.receives) == (None, 0)
