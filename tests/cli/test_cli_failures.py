"""Why a message became a dead letter: whose words are found, and whose are not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.operations.dead_letter import DeadLetter
from cli.operations.failures import Told, Why, explain_letters
from tests.cli.operating import LOG_GROUP, Log, a_letter
from tests.support.builders import OTHER_JOB, dataset_ready
from tests.support.world import World

SENT = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
TRACE = "0af7651916cd43dd8448eb211c80319c"
EVENT = dataset_ready()


@pytest.fixture
def log(world: Callable[[str], World]) -> Log:
    return Log()


def failed(message_id: str, reason: str | None = "no table", **members: Any) -> str:
    line = {"message": "message failed", "message_id": message_id, "error_type": "Permanent", **members}
    return json.dumps(line | ({"reason": reason} if reason else {}))


def why(log: Log, letter: DeadLetter) -> Why | None:
    return explain_letters(log.logs, LOG_GROUP, [letter]).get(letter.message_id)


def test_the_last_failure_of_the_message_is_the_reason(log: Log) -> None:
    log.write(failed("m1", "first"), failed("m2", "another's"), failed("m1", "last"), at=SENT)
    found = why(log, a_letter("{", sent_at=SENT))
    assert found is not None
    assert (found.reason, found.error_type, found.told_by) == ("last", "Permanent", Told.SERVICE)
    assert (found.log_group, found.log_stream) == (LOG_GROUP, "a")


def test_given_back_before_a_message_is_known_by_its_event(log: Log) -> None:
    log.write(failed("the id it had", event_id=EVENT.id, correlation_id=TRACE), at=SENT)
    found = why(log, a_letter(EVENT.to_json(), sent_at=SENT))
    assert found is not None
    assert (found.reason, found.correlation_id) == ("no table", TRACE)


def test_another_messages_failure_is_not_its_reason(log: Log) -> None:
    log.write(failed("m2", event_id=dataset_ready(OTHER_JOB).id), at=SENT)
    assert why(log, a_letter(EVENT.to_json(), sent_at=SENT)) is None


def test_failures_of_before_it_was_sent_are_not_read(log: Log) -> None:
    log.write(failed("m1"), at=SENT - timedelta(minutes=1))
    assert why(log, a_letter("{", sent_at=SENT)) is None


def test_without_a_reason_the_end_of_the_traceback_is_one(log: Log) -> None:
    log.write(failed("m1", None, exception="Traceback\n  File x\nKeyError: 'plan'"), at=SENT)
    found = why(log, a_letter("{", sent_at=SENT))
    assert found is not None
    assert found.reason == "KeyError: 'plan'"


def test_where_lambda_ended_the_call_its_words_are_given(log: Log) -> None:
    received = json.dumps({"message": "event received", "event_id": EVENT.id, "correlation_id": TRACE})
    log.write("START RequestId: r", received, "r Task timed out after 30.00 seconds", at=SENT)
    log.write("r Task timed out after 1.00 seconds", at=SENT, stream="of another call")
    found = why(log, a_letter(EVENT.to_json(), sent_at=SENT))
    assert found is not None
    assert (found.reason, found.told_by) == ("r Task timed out after 30.00 seconds", Told.LAMBDA)


def test_eventbridge_says_itself_what_it_could_not_deliver(log: Log) -> None:
    attributes = {
        "ERROR_CODE": {"StringValue": "NO_PERMISSIONS"},
        "ERROR_MESSAGE": {"StringValue": "not allowed to send"},
    }
    found = why(log, a_letter("{}", attributes=attributes))
    assert found == Why("not allowed to send", Told.EVENTBRIDGE, "NO_PERMISSIONS")


def test_what_no_queue_gave_up_is_the_topics_whatever_else_failed_then(log: Log) -> None:
    log.write("[ERROR] KeyError: 'BUCKET'", failed("another"), at=SENT)
    letter = a_letter(EVENT.to_json(), sent_at=SENT, given_up=False)
    for found in (why(log, letter), explain_letters(log.logs, None, [letter])[letter.message_id]):
        assert found is not None
        assert found.told_by is Told.SNS
        assert "the topic could not hand it over" in found.reason


def test_what_the_service_logged_of_a_message_outranks_how_it_came_here(log: Log) -> None:
    log.write(failed("m1"), at=SENT)
    found = why(log, a_letter("{", sent_at=SENT, given_up=False))
    assert found is not None
    assert found.told_by is Told.SERVICE


def test_a_function_that_could_not_begin_is_a_guess_and_said_to_be_one(log: Log) -> None:
    log.write("[ERROR] SettingsError: the environment is not usable\nTraceback", at=SENT)
    found = why(log, a_letter(EVENT.to_json(), sent_at=SENT))
    assert found is not None
    assert (found.reason, found.told_by) == (
        "[ERROR] SettingsError: the environment is not usable",
        Told.GUESS,
    )


def test_a_traceback_in_lines_is_read_to_its_end(log: Log) -> None:
    log.write("START", "Traceback (most recent call last):", "  File x", "ValueError: no", "END", at=SENT)
    found = why(log, a_letter("{", sent_at=SENT))
    assert found is not None
    assert found.reason == "ValueError: no"


def test_where_the_logs_tell_nothing_nothing_is_told(log: Log) -> None:
    log.write("START RequestId: r", "END RequestId: r", at=SENT)
    assert why(log, a_letter(EVENT.to_json(), sent_at=SENT)) is None


def test_without_a_function_there_is_nothing_to_read(log: Log) -> None:
    assert explain_letters(log.logs, None, [a_letter("{")]) == {}
