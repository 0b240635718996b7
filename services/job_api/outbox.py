"""Commands that are recorded and still have to be published."""

from datetime import datetime
from typing import TYPE_CHECKING

from runtime.clock import to_text
from runtime.errors import AwsError, Trouble, trouble_from
from runtime.observe import count, get_logger
from runtime.publish import OutgoingEvent, Publisher
from services.job_api.items import key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


class Outbox:
    """Publishes what was recorded, and forgets it only then: a stop that was answered 202 is never lost."""

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str, publisher: Publisher) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._publisher = publisher

    def send(self, job_id: str, event_id: str, event: OutgoingEvent) -> None:
        """Publish an event that stands in the outbox.

        Raises:
            Trouble: it stays there, and a tick will see to it.
        """
        self._publisher.publish(event)
        try:
            self._dynamodb.delete_item(TableName=self._table_name, Key=key(job_id, f"outbox#{event_id}"))
        except AwsError as error:
            raise trouble_from(error, "clear the outbox") from error

    def send_older_than(self, moment: datetime) -> int:
        """Publish everything that has stood here since before ``moment``; say how many there were.

        One that cannot be published stays, and holds up none of the others.
        """
        sent = 0
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table_name,
            IndexName="outbox",
            KeyConditionExpression="outbox = :outbox AND queued_at < :moment",
            ExpressionAttributeValues={":outbox": {"S": "outbox"}, ":moment": {"S": to_text(moment)}},
        )
        try:
            for page in pages:
                sent += sum(
                    self._sent(found["job_id"]["S"], found["item"]["S"].removeprefix("outbox#"))
                    for found in page["Items"]
                )
        except AwsError as error:
            raise trouble_from(error, "read the outbox") from error
        return sent

    def _sent(self, job_id: str, event_id: str) -> bool:
        try:
            found = self._dynamodb.get_item(
                TableName=self._table_name, Key=key(job_id, f"outbox#{event_id}"), ConsistentRead=True
            ).get("Item")
            if found is None:
                return False
            self.send(job_id, event_id, OutgoingEvent(type=found["type"]["S"], body=found["body"]["S"]))
        except (Trouble, *AwsError) as error:
            get_logger().exception("command not sent", job_id=job_id, error_type=type(error).__name__)
            count("LookFailed")
            return False
        return True
