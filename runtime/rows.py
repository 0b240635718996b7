"""What a service waits for: one row per job, found again through a sparse index."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from botocore.exceptions import ClientError
from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.envelope import Event
from contracts.ids import JobId
from contracts.model import Contract
from runtime.clock import to_text
from runtime.errors import AwsError, Retryable, error_code, trouble_from
from runtime.publish import OutgoingEvent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

WAITING_INDEX = "waiting"
OUTBOX = "outbox"
"""Index partition of rows that wait for nothing but still have events to publish."""


class StaleRow(Retryable):
    """Somebody else changed the row meanwhile: what was read must not be written back."""


class Row(BaseModel):
    """A service's knowledge of one job.

    A row stands in the index while ``waiting`` names what it waits for, and is due there from ``due`` on.
    ``revision`` guards every write: of two writers who read the same revision one wins.
    """

    model_config = ConfigDict(frozen=True)

    job_id: JobId
    attempt: int
    revision: int = 0
    traceparent: str | None = None
    waiting: str | None = None
    due: AwareDatetime | None = None
    parked_since: AwareDatetime | None = None
    tries: int = 0
    failed: bool = False
    outbox: tuple[OutgoingEvent, ...] = ()

    def changed(self, **members: Any) -> Self:
        """Give a copy with these members changed."""
        return self.model_copy(update=members)

    def telling(
        self, event: type[Event], data: Contract, *, time: datetime, source: str | None = None
    ) -> Self:
        """Give a copy that has an event to publish."""
        said = event.about(
            self.job_id, self.attempt, data, time=time, source=source, traceparent=self.traceparent
        )
        return self.changed(outbox=(*self.outbox, OutgoingEvent.of(said)))


R = TypeVar("R", bound=Row)


class RowTable(Generic[R]):
    """A service's DynamoDB table."""

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str, row_type: type[R]) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._row_type = row_type

    def find(self, job_id: str) -> R | None:
        """Read a job's row as it is now, or ``None``."""
        try:
            answer = self._dynamodb.get_item(
                TableName=self._table_name, Key={"job_id": {"S": job_id}}, ConsistentRead=True
            )
        except AwsError as error:
            raise trouble_from(error, "read a row") from error
        item = answer.get("Item")
        return None if item is None else self._row_type.model_validate_json(item["body"]["S"])

    def begin(self, row: R) -> R:
        """Write the first row of a job's attempt; give back the row that stands, this one or an earlier."""
        try:
            return self._put(
                row,
                "attribute_not_exists(job_id) OR attempt < :attempt",
                {":attempt": {"N": str(row.attempt)}},
            )
        except StaleRow:
            standing = self.find(row.job_id)
            if standing is None:
                raise
            return standing

    def save(self, row: R) -> R:
        """Write a changed row; give it back with its new revision.

        Raises:
            StaleRow: the row was changed by somebody else since it was read.
        """
        return self._put(row, "revision = :read", {":read": {"N": str(row.revision)}})

    def postpone(self, row: R, due: datetime) -> None:
        """Move a waiting row's turn without touching anything else, so that a long step keeps its claim."""
        try:
            self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"job_id": {"S": row.job_id}},
                UpdateExpression="SET due = :due",
                ConditionExpression="revision = :read AND attribute_exists(waiting)",
                ExpressionAttributeValues={":due": {"S": to_text(due)}, ":read": {"N": str(row.revision)}},
            )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                raise StaleRow(f"job {row.job_id} was changed meanwhile") from error
            raise trouble_from(error, "write a row") from error

    def waiting(self, partition: str, *, until: datetime | None = None) -> Iterator[str]:
        """Give the ids of the jobs in a partition of the index, the longest due first, page by page.

        ``until`` leaves out those whose turn comes later. The index lags a little behind the table, so what
        it names must be read again before anything is done about it.
        """
        condition, values = "waiting = :partition", {":partition": {"S": partition}}
        if until is not None:
            condition, values[":until"] = condition + " AND due <= :until", {"S": to_text(until)}
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table_name,
            IndexName=WAITING_INDEX,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ProjectionExpression="job_id",
        )
        try:
            for page in pages:
                for item in page["Items"]:
                    yield item["job_id"]["S"]
        except AwsError as error:
            raise trouble_from(error, "read the waiting index") from error

    def _put(self, row: R, condition: str, values: dict[str, Any]) -> R:
        written = row.changed(revision=row.revision + 1)
        item: dict[str, Any] = {
            "job_id": {"S": written.job_id},
            "attempt": {"N": str(written.attempt)},
            "revision": {"N": str(written.revision)},
            "body": {"S": written.model_dump_json(exclude_none=True)},
        }
        partition = written.waiting or (OUTBOX if written.outbox else None)
        if partition is not None:
            item["waiting"] = {"S": partition}
            item["due"] = {"S": to_text(written.due) if written.due else "0"}
        try:
            self._dynamodb.put_item(
                TableName=self._table_name,
                Item=item,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                raise StaleRow(f"job {row.job_id} was changed meanwhile") from error
            raise trouble_from(error, "write a row") from error
        return written
