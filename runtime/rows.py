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
from runtime.errors import AwsError, Retryable, Trouble, error_code, trouble_from
from runtime.publish import OutgoingEvent

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

WAITING_INDEX = "waiting"
OUTBOX = "outbox"
"""Index partition of rows that wait for nothing but still have events to publish."""

_AT_ONCE = "0"  # sorts before every moment
_AS_READ = "revision = :read AND attempt = :of"  # each attempt counts its revisions anew
_BODY = "body"


class StaleRow(Retryable):
    """Somebody else changed the row meanwhile: what was read must not be written back."""


class Row(BaseModel):
    """A service's knowledge of one job.

    A row stands in the index while ``waiting`` names what it waits for, and is due there from ``due`` on.
    ``revision`` guards every write: of two writers who read the same revision of an attempt one wins.
    A row that was cancelled stays for ever: no later attempt takes its place.
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
    cancelled_at: AwareDatetime | None = None
    outbox: tuple[OutgoingEvent, ...] = ()

    @property
    def partition(self) -> str | None:
        """Where in the index the row stands; ``None`` when nothing has to be done about it."""
        return self.waiting or (OUTBOX if self.outbox else None)

    def changed(self, **members: Any) -> Self:
        """Give a copy with these members changed."""
        return self.model_copy(update=members)

    def telling(
        self,
        event: type[Event],
        data: Contract,
        *,
        time: datetime,
        source: str | None = None,
        attempt: int | None = None,
    ) -> Self:
        """Give a copy that has an event to publish, about the row's attempt or an earlier one."""
        said = event.about(
            self.job_id,
            attempt or self.attempt,
            data,
            time=time,
            source=source,
            traceparent=self.traceparent,
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
        """Read a job's row as it is now, or ``None``; a tombstone is no row."""
        item = self._read(job_id)
        if item is None or _BODY not in item:
            return None
        row = self._row_type.model_validate_json(item["body"]["S"])
        due = item.get("due", {"S": _AT_ONCE})["S"]
        return row.changed(due=None if due == _AT_ONCE else datetime.fromisoformat(due))

    def begin(self, row: R) -> R | None:
        """Write a job's first row; ``None`` when it has one, or a tombstone."""
        try:
            return self._put(row, "attribute_not_exists(job_id)", {})
        except StaleRow:
            return None

    def succeed(self, earlier: R, row: R) -> R:
        """Write the first row of a later attempt in the place of an earlier one's.

        Raises:
            StaleRow: the earlier row was changed by somebody else since it was read.
        """
        return self._put(row, _AS_READ, _as_read(earlier))

    def bury(self, job_id: str) -> bool:
        """Set a tombstone for a job that has no row, so that it never gets one; ``False`` when it has one."""
        try:
            self._dynamodb.put_item(
                TableName=self._table_name,
                Item={"job_id": {"S": job_id}, "cancelled": {"BOOL": True}},
                ConditionExpression="attribute_not_exists(body)",
            )
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise trouble_from(error, "write a tombstone") from error
        except AwsError as error:
            raise trouble_from(error, "write a tombstone") from error
        return True

    def is_buried(self, job_id: str) -> bool:
        """Tell whether the job was cancelled before it came here."""
        item = self._read(job_id)
        return item is not None and _BODY not in item

    def save(self, row: R) -> R:
        """Write a changed row; give it back with its new revision.

        Raises:
            StaleRow: the row was changed by somebody else since it was read.
        """
        return self._put(row, _AS_READ, _as_read(row))

    def postpone(self, row: R, due: datetime) -> None:
        """Move a waiting row's turn without touching anything else, so that a long step keeps its claim.

        Raises:
            StaleRow: the row was changed by somebody else since it was read, or waits no more.
        """
        try:
            self._dynamodb.update_item(
                TableName=self._table_name,
                Key={"job_id": {"S": row.job_id}},
                UpdateExpression="SET due = :due",
                ConditionExpression=f"{_AS_READ} AND attribute_exists(waiting)",
                ExpressionAttributeValues={":due": {"S": to_text(due)}, **_as_read(row)},
            )
        except AwsError as error:
            raise _not_written(row, error) from error

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

    def _read(self, job_id: str) -> "dict[str, AttributeValueTypeDef] | None":
        try:
            return self._dynamodb.get_item(
                TableName=self._table_name, Key={"job_id": {"S": job_id}}, ConsistentRead=True
            ).get("Item")
        except AwsError as error:
            raise trouble_from(error, "read a row") from error

    def _put(self, row: R, condition: str, values: dict[str, Any]) -> R:
        written = row.changed(revision=row.revision + 1)
        item: dict[str, Any] = {
            "job_id": {"S": written.job_id},
            "attempt": {"N": str(written.attempt)},
            "revision": {"N": str(written.revision)},
            _BODY: {"S": written.model_dump_json(exclude_none=True)},
        }
        if written.cancelled_at is not None:
            item["cancelled"] = {"BOOL": True}
        if written.partition is not None:
            item["waiting"] = {"S": written.partition}
            item["due"] = {"S": to_text(written.due) if written.due else _AT_ONCE}
        request: Any = {"TableName": self._table_name, "Item": item, "ConditionExpression": condition}
        if values:
            request["ExpressionAttributeValues"] = values
        try:
            self._dynamodb.put_item(**request)
        except AwsError as error:
            raise _not_written(row, error) from error
        return written


def _as_read(row: Row) -> "dict[str, AttributeValueTypeDef]":
    return {":read": {"N": str(row.revision)}, ":of": {"N": str(row.attempt)}}


def _not_written(row: Row, error: Exception) -> Trouble:
    if isinstance(error, ClientError) and error_code(error) == "ConditionalCheckFailedException":
        return StaleRow(f"job {row.job_id} was changed meanwhile")
    return trouble_from(error, "write a row")
