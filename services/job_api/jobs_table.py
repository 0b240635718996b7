"""The jobs, their histories, and the commands that are recorded before they are published.

One table: a job's items share the partition ``job_id`` and differ in ``item``: ``job``, ``event#<id>``,
``outbox#<id>``, ``image#<filename>``. An ``Idempotency-Key`` has a partition of its own.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from contracts.envelope import Event
from contracts.stages import JobStatus
from runtime.clock import to_text
from runtime.errors import AwsError, Retryable, error_code, trouble_from
from runtime.publish import OutgoingEvent
from runtime.transactions import ConditionsFailed, write_together
from services.job_api.items import LISTING, event_item, fact_name, fact_value, job_item, job_of, key
from services.job_api.job import Job
from services.job_api.projection import Move

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_IDEMPOTENCY_SECONDS = 24 * 3600


class JobChanged(Exception):
    """The job moved on between reading it and writing to it."""


class KeyTaken(Exception):
    """The Idempotency-Key was used before; carries what it was used for."""

    def __init__(self, job_id: str, request_hash: str) -> None:
        super().__init__(job_id)
        self.job_id = job_id
        self.request_hash = request_hash


class JobsTable:
    """Reads and writes jobs."""

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name

    def create(self, job: Job, idempotency: tuple[str, str] | None) -> None:
        """Write a new job, and with it what its Idempotency-Key (hashed key, hashed request) stands for.

        Raises:
            KeyTaken: a request with this key has been answered before.
        """
        puts = [self._put(job_item(job))]
        if idempotency is not None:
            hashed_key, request_hash = idempotency
            expires_at = int(job.created_at.timestamp()) + _IDEMPOTENCY_SECONDS
            puts.append(
                self._put(
                    key(f"idempotency#{hashed_key}", "idempotency")
                    | {
                        "created_job_id": {"S": job.job_id},
                        "request_hash": {"S": request_hash},
                        "expires_at": {"N": str(expires_at)},
                    }
                )
            )
        try:
            write_together(self._dynamodb, puts, "create the job")
        except ConditionsFailed as failed:
            known = self._get(f"idempotency#{idempotency[0]}", "idempotency") if idempotency else None
            if known is None:
                raise Retryable("the Idempotency-Key has just expired") from failed
            raise KeyTaken(known["created_job_id"]["S"], known["request_hash"]["S"]) from failed

    def find(self, job_id: str) -> Job | None:
        """Read a job as it is now, or ``None``."""
        item = self._get(job_id, "job")
        return None if item is None else job_of(item)

    def page(self, status: JobStatus | None, limit: int, after: str | None) -> tuple[list[Job], str | None]:
        """Read jobs, newest first, beyond the job ``after``; the second value continues the listing."""
        index_key, value = ("status", str(status)) if status else ("listing", LISTING)
        request: dict[str, Any] = {
            "TableName": self._table_name,
            "IndexName": "by_status" if status else "listing",
            "KeyConditionExpression": "#key = :value",
            "ExpressionAttributeNames": {"#key": index_key},
            "ExpressionAttributeValues": {":value": {"S": value}},
            "ScanIndexForward": False,
            "Limit": limit + 1,  # one more than asked for tells whether there is a next page
        }
        if after is not None:
            request["ExclusiveStartKey"] = key(after, "job") | {index_key: {"S": value}}
        try:
            found = self._dynamodb.query(**request)
        except AwsError as error:
            raise trouble_from(error, "list the jobs") from error
        jobs = [job_of(item) for item in found["Items"][:limit]]
        is_more = len(found["Items"]) > limit or "LastEvaluatedKey" in found
        return jobs, jobs[-1].job_id if jobs and is_more else None

    def history(self, job_id: str) -> Iterator[str]:
        """Give the job's events as they were published, in no particular order."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="job_id = :job_id AND begins_with(#item, :event)",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":job_id": {"S": job_id}, ":event": {"S": "event#"}},
            ConsistentRead=True,
        )
        try:
            for page in pages:
                yield from (item["body"]["S"] for item in page["Items"])
        except AwsError as error:
            raise trouble_from(error, "read the history") from error

    def command(self, job: Job, event: Event, move: Move, now: datetime) -> None:
        """Move a job as its user wants, and record the event that tells the other services, all or nothing.

        Raises:
            JobChanged: the job is no longer where it was read.
        """
        further = move.position > job.position
        update: Any = self._moving(event, move, now) if further else self._adding(event, move)
        update["ConditionExpression"] = "#position = :read"
        update["ExpressionAttributeValues"] |= {":read": {"N": str(job.position)}}
        if not further:
            del update["ExpressionAttributeValues"][":position"]
        outgoing = OutgoingEvent.of(event)
        outbox_item = key(job.job_id, f"outbox#{event.id}") | {
            "outbox": {"S": "outbox"},
            "queued_at": {"S": to_text(now)},
            "type": {"S": outgoing.type},
            "body": {"S": outgoing.body},
        }
        writes = [
            {"Update": update},
            {"Put": {"TableName": self._table_name, "Item": event_item(event)}},
            {"Put": {"TableName": self._table_name, "Item": outbox_item}},
        ]
        try:
            write_together(self._dynamodb, writes, "record the command")
        except ConditionsFailed as failed:
            raise JobChanged(job.job_id) from failed

    def record(self, event: Event, move: Move, now: datetime) -> None:
        """Add an event to its job's history, and move the job unless it is further on already.

        Raises:
            Retryable: there is no such job (yet).
        """
        try:
            self._dynamodb.put_item(TableName=self._table_name, Item=event_item(event))
            if self._update(
                {
                    **self._moving(event, move, now),
                    "ConditionExpression": "attribute_exists(job_id) AND #position < :position",
                }
            ):
                return
            if not self._update(self._adding(event, move)) and self._get(event.job_id, "job") is None:
                raise Retryable(f"job {event.job_id} is not known")
        except AwsError as error:
            raise trouble_from(error, "record an event") from error

    def _moving(self, event: Event, move: Move, now: datetime) -> Any:
        sets = (
            "#fact = :fact, #status = :status, #position = :position, attempt = :attempt, updated_at = :now"
        )
        values: dict[str, Any] = {
            ":fact": fact_value(event, move),
            ":status": {"S": move.status},
            ":position": {"N": str(move.position)},
            ":attempt": {"N": str(event.attempt)},
            ":now": {"S": to_text(now)},
        }
        names = {"#fact": fact_name(event), "#status": "status", "#position": "position"}
        return {
            "TableName": self._table_name,
            "Key": key(event.job_id, "job"),
            "UpdateExpression": f"SET {sets}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
        }

    def _adding(self, event: Event, move: Move) -> dict[str, Any]:
        """Keep what a late event knows, unless a later one of its type has said it better."""
        return {
            "TableName": self._table_name,
            "Key": key(event.job_id, "job"),
            "UpdateExpression": "SET #fact = :fact",
            "ConditionExpression": "attribute_exists(job_id)"
            " AND (attribute_not_exists(#fact) OR #fact.#position < :position)",
            "ExpressionAttributeNames": {"#fact": fact_name(event), "#position": "position"},
            "ExpressionAttributeValues": {
                ":fact": fact_value(event, move),
                ":position": {"N": str(move.position)},
            },
        }

    def _update(self, request: dict[str, Any]) -> bool:
        try:
            self._dynamodb.update_item(**request)
        except ClientError as error:
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _put(self, item: dict[str, Any]) -> Any:
        return {
            "Put": {
                "TableName": self._table_name,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(job_id)",
            }
        }

    def _get(self, job_id: str, item: str) -> dict[str, Any] | None:
        try:
            return self._dynamodb.get_item(
                TableName=self._table_name,
                Key=key(job_id, item),
                ConsistentRead=True,
            ).get("Item")
        except AwsError as error:
            raise trouble_from(error, "read the job") from error
