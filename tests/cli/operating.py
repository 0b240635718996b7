"""A deployment in moto's AWS, as far as an operator sees it, and clients that fail when a test says so."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import boto3

from cli.operations.dead_letter import DeadLetter
from cli.operations.dead_letters import DeadLetterQueue
from tests.support.rekognition import refusal

PREFIX = "ekyc"
LOG_GROUP = "/aws/lambda/ekyc-trainer-events"
NOT_THERE = refusal("AWS.SimpleQueueService.UnsupportedOperation", "StartMessageMoveTask")


@dataclass
class Unwilling:
    """A client that answers like another, but for the operations whose next errors a test has chosen."""

    client: Any
    refusals: dict[str, list[Exception | None]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self.client, name)
        if not callable(operation) or name in {"get_paginator", "get_waiter"}:
            return operation

        def call(**arguments: Any) -> Any:
            self.calls.append(name)
            error = self.refusals[name].pop(0) if self.refusals.get(name) else None
            if error is not None:
                raise error
            return operation(**arguments)

        return call


class Queues:
    """The queue of the trainer and its dead-letter queue."""

    def __init__(self) -> None:
        sqs = boto3.client("sqs")
        self.source = sqs.create_queue(QueueName=f"{PREFIX}-trainer")["QueueUrl"]
        self.dead = sqs.create_queue(QueueName=f"{PREFIX}-trainer-dlq")["QueueUrl"]
        # moto has no StartMessageMoveTask, as MiniStack has none
        self.sqs = Unwilling(sqs, {"start_message_move_task": [NOT_THERE] * 9})
        self.queue = DeadLetterQueue(self.sqs, PREFIX, "trainer")  # type: ignore[arg-type]

    def died(self, *bodies: str, **arguments: Any) -> list[str]:
        """Put messages into the dead-letter queue; gives their ids."""
        return [
            self.sqs.client.send_message(QueueUrl=self.dead, MessageBody=body, **arguments)["MessageId"]
            for body in bodies
        ]

    def bodies(self, url: str) -> list[str]:
        """The bodies of all messages that anybody could receive now."""
        found: list[str] = []
        while batch := self.sqs.client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=3600
        ).get("Messages"):
            found += [message["Body"] for message in batch]
        return sorted(found)


class Log:
    """The log group of the trainer's consumer."""

    def __init__(self) -> None:
        self.logs = boto3.client("logs")
        self.logs.create_log_group(logGroupName=LOG_GROUP)
        self._streams: set[str] = set()

    def write(self, *lines: str, at: datetime, stream: str = "a") -> None:
        """Write lines as of a moment."""
        if stream not in self._streams:
            self.logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
            self._streams.add(stream)
        moment = int(at.timestamp() * 1000)
        events: Any = [{"timestamp": moment + number, "message": line} for number, line in enumerate(lines)]
        self.logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=events)


def a_letter(
    body: str,
    *,
    message_id: str = "m1",
    sent_at: datetime | None = None,
    attributes: dict[str, Any] | None = None,
    given_up: bool = True,
) -> DeadLetter:
    sent = sent_at or datetime.now(UTC)
    system = {"SentTimestamp": str(int(sent.timestamp() * 1000)), "ApproximateReceiveCount": "5"}
    if given_up:
        system["DeadLetterQueueSourceArn"] = f"arn:aws:sqs:eu-west-1:123456789012:{PREFIX}-trainer"
    return DeadLetter(message_id, "receipt", body, attributes or {}, system)
