"""A service's dead-letter queue: looked into, given back to the service, or emptied into a file.

Whatever is done, a message leaves the queue only after it lies somewhere else.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cli.exits import CliError, ExitCode
from cli.operations.dead_letter import DeadLetter

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Clock = Callable[[], datetime]

_BATCH = 10  # SQS hands out and takes back ten messages a call at most.
_HOLD_SECONDS = 60
# What emulators that lack StartMessageMoveTask answer, and SQS about a queue that it moves nothing out of.
_NOT_MOVED = frozenset(
    {
        "AWS.SimpleQueueService.UnsupportedOperation",
        "InvalidAction",
        "InvalidParameterValue",
        "UnknownOperationException",
        "UnsupportedOperation",
    }
)


@dataclass(frozen=True)
class Moved:
    """How a redrive ended; when it is not `done`, SQS goes on with it by itself."""

    messages: int
    done: bool = True


class DeadLetterQueue:
    """The dead-letter queue of one service."""

    def __init__(self, sqs: "SQSClient", prefix: str, service: str) -> None:
        """Find the queue.

        Raises:
            CliError: the service has none.
        """
        self.service = service
        self._sqs = sqs
        try:
            self._url = sqs.get_queue_url(QueueName=f"{prefix}-{service}-dlq")["QueueUrl"]
            self._source = sqs.get_queue_url(QueueName=f"{prefix}-{service}")["QueueUrl"]
        except sqs.exceptions.QueueDoesNotExist as error:
            raise CliError(
                f"{prefix}-{service} has no dead-letter queue; `ekyc ops dlq list` names those that have.",
                code="no-such-service",
            ) from error

    @property
    def source_arn(self) -> str:
        """ARN of the queue that the service reads."""
        return self._arn(self._source)

    def depth(self) -> int:
        """How many messages there are, those included that somebody holds; approximate, as SQS counts."""
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])["Attributes"]
        held = found["ApproximateNumberOfMessagesNotVisible"]
        return int(found["ApproximateNumberOfMessages"]) + int(held)

    def peek(self, limit: int) -> list[DeadLetter]:
        """Look at up to so many messages, the oldest first, and give all of them back at once.

        Each look adds to their receive count, which means nothing here: this queue moves nothing on.
        """
        with self._holding() as held:
            while len(held) < limit and self._receive(held, limit - len(held)):
                pass
            return sorted(held.values(), key=lambda letter: letter.system.get("SentTimestamp", ""))

    def redrive(self, *, sleep: Callable[[float], None], patience: float) -> Moved:
        """Give every message back to the service, by a task of SQS, and by hand what that does not move.

        SQS promises to move only what one of its queues gave up. What EventBridge or SNS put here may
        end its task [API_StartMessageMoveTask].

        Args:
            sleep: waits between two looks at the task.
            patience: how many seconds to wait for the task; it goes on without us.
        """
        arn = self._arn(self._url)
        try:
            # Named, for what EventBridge or SNS put here has no queue of origin.
            self._sqs.start_message_move_task(SourceArn=arn, DestinationArn=self.source_arn)
        except ClientError as error:
            if error.response["Error"].get("Code") not in _NOT_MOVED:
                raise
            return Moved(self._move_by_hand())
        while True:
            task = self._sqs.list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"][0]
            moved = task.get("ApproximateNumberOfMessagesMoved", 0)
            match task["Status"]:
                case "COMPLETED":
                    return Moved(moved)
                case "FAILED":
                    return Moved(moved + self._move_by_hand())
                case "CANCELLED":
                    raise CliError(
                        f"SQS moved {moved} messages, then the move was cancelled. "
                        "The others are where they were.",
                        exit_code=ExitCode.REFUSED,
                        code="redrive-failed",
                    )
            if patience <= 0:
                return Moved(moved, done=False)
            sleep(1)
            patience -= 1

    def redrive_one(self, message_id: str) -> None:
        """Give one message back to the service.

        Raises:
            CliError: it is not there.
        """
        with self._holding() as held:
            letter = self._find(held, message_id)
            self._move(letter)
            del held[message_id]

    def discard(self, file: Path, now: Clock, *, message_id: str | None = None) -> int:
        """Append messages to a file as JSON Lines, then delete them; tell how many.

        The file is on the disk before a message is deleted. Should the deletion fail, the message is in both;
        run again, it is in the file twice.

        Raises:
            CliError: the one message asked for is not there.
            OSError: the file cannot be written; nothing was deleted.
        """
        kept = 0
        while True:
            with self._holding() as held:
                if message_id is not None:
                    chosen = [self._find(held, message_id)]
                else:
                    self._receive(held, _BATCH)
                    chosen = list(held.values())
                if not chosen:
                    return kept
                self._keep(file, chosen, now)
                for letter in chosen:
                    self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
                    del held[letter.message_id]
                kept += len(chosen)
            if message_id is not None:
                return kept

    def _keep(self, file: Path, letters: Sequence[DeadLetter], now: Clock) -> None:
        # Bodies name images and jobs: for the owner's eyes, like the queue itself.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
            for letter in letters:
                line = {"service": self.service, "discardedAt": now().isoformat(), **letter.to_keep()}
                stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def _move_by_hand(self) -> int:
        # What fails again comes back here: no more than there are now, or it would never end.
        left = self.depth()
        moved = 0
        while moved < left:
            with self._holding() as held:
                if not self._receive(held, min(_BATCH, left - moved)):
                    break
                for letter in list(held.values()):
                    self._move(letter)
                    del held[letter.message_id]
                    moved += 1
        return moved

    def _move(self, letter: DeadLetter) -> None:
        """Send before deleting: a crash in between doubles the message, which every service bears."""
        self._sqs.send_message(QueueUrl=self._source, **letter.to_send())
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    def _find(self, held: dict[str, DeadLetter], message_id: str) -> DeadLetter:
        while message_id not in held:
            if not self._receive(held, _BATCH):
                raise CliError(
                    f"No message {message_id} lies there, or somebody else holds it just now; "
                    f"`ekyc ops dlq show {self.service}` names those that do.",
                    exit_code=ExitCode.REFUSED,
                    code="no-such-message",
                )
        return held[message_id]

    def _receive(self, held: dict[str, DeadLetter], most: int) -> bool:
        """Take hold of more messages; tell whether there were any that were not held yet."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=min(_BATCH, most),
            VisibilityTimeout=_HOLD_SECONDS,
            WaitTimeSeconds=1,  # without waiting, SQS asks only some of its servers
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        before = len(held)
        held.update({letter.message_id: letter for letter in map(DeadLetter.of, answer.get("Messages", []))})
        return len(held) > before

    @contextmanager
    def _holding(self) -> Iterator[dict[str, DeadLetter]]:
        """Hold messages; whatever happens, those that are still held at the end are given back."""
        held: dict[str, DeadLetter] = {}
        try:
            yield held
        finally:
            letters = list(held.values())
            for start in range(0, len(letters), _BATCH):
                self._sqs.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(number), "ReceiptHandle": letter.receipt, "VisibilityTimeout": 0}
                        for number, letter in enumerate(letters[start : start + _BATCH])
                    ],
                )

    def _arn(self, url: str) -> str:
        return self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
