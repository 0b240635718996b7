"""Why a message became a dead letter, as the logs of the function that got it tell."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from cli.operations.dead_letter import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_FAILED = "message failed"  # runtime/consume.py
_RECEIVED = "event received"
# What Lambda itself writes when a call does not come to its end.
_BROKEN_OFF = (
    "Task timed out",
    "Runtime exited",
    "Process exited",
    "Runtime.ExitError",
    "Runtime.OutOfMemory",
)
_UNHANDLED = "[ERROR]"
_TRACEBACK = "Traceback"
_LONGEST_CALL = timedelta(minutes=15)
_MANY = 1000


class Told(StrEnum):
    """Whose words a reason is in, and how sure it is that they are about this message."""

    SERVICE = "service"
    LAMBDA = "lambda"
    EVENTBRIDGE = "eventbridge"
    SNS = "sns"
    GUESS = "guess"


@dataclass(frozen=True)
class Why:
    """Why a message failed, the last time that it did."""

    reason: str
    told_by: Told
    error_type: str | None = None
    at: datetime | None = None
    correlation_id: str | None = None
    log_group: str | None = None
    log_stream: str | None = None


_OF_THE_TOPIC = Why(
    "the topic could not hand it over: the service's queue or the key refused, or was gone; SNS says no more",
    Told.SNS,
)
"""SNS leaves no reason with what it puts into a dead-letter queue (sns-dead-letter-queues)."""


@dataclass(frozen=True)
class _Line:
    """A line of the log, and what it says if it is ours."""

    at: datetime
    stream: str
    text: str
    members: Mapping[str, Any] = field(default_factory=dict)


def explain_letters(
    logs: "CloudWatchLogsClient", log_group: str | None, letters: Sequence[DeadLetter]
) -> dict[str, Why]:
    """Give the reasons that can be found, by message id.

    A service logs each failure with message id and correlation id. Where it could not, because Lambda ended
    the call or the function never got to the message, Lambda's own words are looked for. What no queue gave
    up never got that far: SNS put it here.
    """
    found = {letter.message_id: why for letter in letters if (why := _undelivered(letter))}
    unexplained = [letter for letter in letters if letter.message_id not in found]
    if log_group is None or not unexplained:
        return found | {
            letter.message_id: _OF_THE_TOPIC for letter in unexplained if not letter.given_up_by_queue
        }
    since = min((letter.sent_at for letter in unexplained if letter.sent_at), default=None)
    failures = list(_lines(logs, log_group, f'"{_FAILED}"', since))
    for letter in unexplained:
        line = _last_about(failures, letter)
        if line is not None:
            found[letter.message_id] = _of_service(line, log_group)
        elif not letter.given_up_by_queue:
            found[letter.message_id] = _OF_THE_TOPIC
        elif why := _of_lambda(logs, log_group, letter):
            found[letter.message_id] = why
    return found


def _undelivered(letter: DeadLetter) -> Why | None:
    """EventBridge puts what a queue did not take here itself and says why in the message's attributes."""
    texts = {name: value.get("StringValue", "") for name, value in letter.attributes.items()}
    if "ERROR_CODE" not in texts:
        return None
    return Why(texts.get("ERROR_MESSAGE") or texts["ERROR_CODE"], Told.EVENTBRIDGE, texts["ERROR_CODE"])


def _last_about(failures: Sequence[_Line], letter: DeadLetter) -> _Line | None:
    subject = letter.subject
    same = [line for line in failures if line.members.get("message_id") == letter.message_id]
    if not same and subject.event_id is not None:
        # Given back once before, a message has another id, and its event is the same.
        same = [line for line in failures if line.members.get("event_id") == subject.event_id]
    return same[-1] if same else None


def _of_service(line: _Line, log_group: str) -> Why:
    members = line.members
    # Functions of before there was a reason end the traceback with it.
    reason = members.get("reason") or str(members.get("exception", "")).strip().rsplit("\n", 1)[-1]
    return Why(
        reason or "no reason was logged",
        Told.SERVICE,
        members.get("error_type"),
        line.at,
        members.get("correlation_id"),
        log_group,
        line.stream,
    )


def _of_lambda(logs: "CloudWatchLogsClient", log_group: str, letter: DeadLetter) -> Why | None:
    subject = letter.subject
    if subject.correlation_id is not None:
        traced = _lines(logs, log_group, f'"{subject.correlation_id}"', letter.sent_at)
        begun = [
            line
            for line in traced
            if line.members.get("message") == _RECEIVED and line.members.get("event_id") == subject.event_id
        ]
        if begun:
            last = begun[-1]
            after = _lines(logs, log_group, "", last.at, last.at + _LONGEST_CALL, last.stream)
            ended = next((line for line in after if any(word in line.text for word in _BROKEN_OFF)), None)
            return _in_its_words(ended, Told.LAMBDA, log_group) if ended else None
    error = _last_unhandled(logs, log_group, letter.sent_at)
    return _in_its_words(error, Told.GUESS, log_group) if error else None


def _last_unhandled(logs: "CloudWatchLogsClient", log_group: str, since: datetime | None) -> _Line | None:
    """The last error that no code of ours could log: Lambda writes it in one piece, an emulator in lines."""
    found = _lines(logs, log_group, f'"{_UNHANDLED}"', since)
    errors = [line for line in found if line.text.startswith(_UNHANDLED)]
    if errors:
        return errors[-1]
    begun = [line for line in _lines(logs, log_group, _TRACEBACK, since) if line.text.startswith(_TRACEBACK)]
    if not begun:
        return None
    below = _lines(logs, log_group, "", begun[-1].at, begun[-1].at + _LONGEST_CALL, begun[-1].stream)
    traceback = dropwhile(lambda line: not line.text.startswith(_TRACEBACK), below)
    return next((line for line in traceback if not line.text.startswith((_TRACEBACK, " "))), None)


def _in_its_words(line: _Line, told_by: Told, log_group: str) -> Why:
    return Why(
        line.text.strip().splitlines()[0], told_by, at=line.at, log_group=log_group, log_stream=line.stream
    )


def _lines(
    logs: "CloudWatchLogsClient",
    log_group: str,
    pattern: str,
    since: datetime | None,
    until: datetime | None = None,
    stream: str | None = None,
) -> Iterator[_Line]:
    asked: dict[str, Any] = {"logGroupName": log_group}
    if pattern:
        asked["filterPattern"] = pattern
    if since is not None:
        asked["startTime"] = int(since.timestamp() * 1000)
    if until is not None:
        asked["endTime"] = int(until.timestamp() * 1000)
    if stream is not None:
        asked["logStreamNames"] = [stream]
    pages = logs.get_paginator("filter_log_events").paginate(**asked, PaginationConfig={"MaxItems": _MANY})
    for page in pages:
        for event in page["events"]:
            text = event.get("message", "")
            yield _Line(
                datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
                event.get("logStreamName", ""),
                text,
                _members(text),
            )


def _members(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
