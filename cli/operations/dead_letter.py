"""A message that a service could not work with, and what can be read off it."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from contracts.ids import JOB_ID_PATTERN

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# contracts/names.py: a labelling job is named after its job and attempt.
_LABELLING_JOB = re.compile(rf"-({JOB_ID_PATTERN.strip('^$')})-(\d+)$")


@dataclass(frozen=True)
class Subject:
    """What a message is about, as far as its body tells; nothing of it is certain to be there.

    Attributes:
        type: the event's type, or the `detail-type` of an EventBridge notice.
        correlation_id: the trace id that every log line of the job has.
    """

    type: str | None = None
    job_id: str | None = None
    attempt: int | None = None
    event_id: str | None = None
    correlation_id: str | None = None

    @classmethod
    def of_body(cls, body: str) -> Self:
        """Read a body leniently: dead letters are those that something was wrong with."""
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(document, dict):
            return cls()
        if "detail-type" in document:
            return cls._of_notice(document)
        attempt = document.get("attempt")
        return cls(
            type=_text(document.get("type")),
            job_id=_text(document.get("subject")),
            attempt=attempt if isinstance(attempt, int) else None,
            event_id=_text(document.get("id")),
            correlation_id=_trace_id(document.get("traceparent")),
        )

    @classmethod
    def _of_notice(cls, document: dict[str, Any]) -> Self:
        resources = document.get("resources")
        arn = str(resources[0]) if isinstance(resources, list) and resources else ""
        named = _LABELLING_JOB.search(arn)
        return cls(
            type=_text(document["detail-type"]),
            job_id=named.group(1) if named else None,
            attempt=int(named.group(2)) if named else None,
            event_id=_text(document.get("id")),
        )


@dataclass(frozen=True)
class DeadLetter:
    """A message of a dead-letter queue; `receipt` is good for as long as it is held."""

    message_id: str
    receipt: str
    body: str
    attributes: Mapping[str, Any]
    system: Mapping[str, str]

    @classmethod
    def of(cls, message: "MessageTypeDef") -> Self:
        """Take what ReceiveMessage gave."""
        return cls(
            message["MessageId"],
            message["ReceiptHandle"],
            message.get("Body", ""),
            message.get("MessageAttributes", {}),
            {str(name): value for name, value in message.get("Attributes", {}).items()},
        )

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return Subject.of_body(self.body)

    @property
    def sent_at(self) -> datetime | None:
        """When it was first sent; a move to the dead-letter queue does not change that."""
        return _moment(self.system.get("SentTimestamp"))

    @property
    def first_received_at(self) -> datetime | None:
        """When it was first received by anybody."""
        return _moment(self.system.get("ApproximateFirstReceiveTimestamp"))

    @property
    def given_up_by_queue(self) -> bool:
        """Whether a queue gave it up after too many receives; if not, it never was in that queue."""
        return "DeadLetterQueueSourceArn" in self.system

    @property
    def receives(self) -> int:
        """How often it was received, looks into the dead-letter queue included."""
        return int(self.system.get("ApproximateReceiveCount", 0))

    def to_send(self) -> dict[str, Any]:
        """Arguments of SendMessage for the same message again: body, attributes, trace header."""
        names = ("DataType", "StringValue", "BinaryValue")
        attributes = {
            name: {member: value[member] for member in names if member in value}
            for name, value in self.attributes.items()
        }
        trace = self.system.get("AWSTraceHeader")
        header = {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}} if trace else {}
        return {
            "MessageBody": self.body,
            **({"MessageAttributes": attributes} if attributes else {}),
            **({"MessageSystemAttributes": header} if header else {}),
        }

    def to_keep(self) -> dict[str, Any]:
        """Everything there is of it, for a file."""
        return {
            "messageId": self.message_id,
            "body": self.body,
            "messageAttributes": _plain(self.attributes),
            "attributes": dict(self.system),
        }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return {name: _plain(member) for name, member in value.items()} if isinstance(value, Mapping) else value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _trace_id(value: object) -> str | None:
    parts = value.split("-") if isinstance(value, str) else []
    return parts[1] if len(parts) == 4 and re.fullmatch(r"[0-9a-f]{32}", parts[1]) else None


def _moment(milliseconds: str | None) -> datetime | None:
    return (
        datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
        if milliseconds and milliseconds != "0"
        else None
    )
