"""moto's AWS, with what a deployment makes of a service: its table, the bucket, the topic."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models import DynamoDBBackend

from contracts.envelope import Event
from contracts.events import parse_event
from local.service_spec import ServiceSpec, TableSpec, read_services, table_variable

REGION: Final = "eu-west-1"
ACCOUNT = "123456789012"
PREFIX = "ekyc"
BUCKET = "ekyc-images"

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "POWERTOOLS_METRICS_NAMESPACE": "ekyc",
    "POWERTOOLS_SERVICE_NAME": "tests",
}


@contextmanager
def pretended_aws(session: boto3.Session) -> Iterator[None]:
    """Let every boto3 client talk to moto; ``session`` keeps the service models, which take long to read."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        with mock_aws():
            patch.setattr(boto3, "DEFAULT_SESSION", session)  # moto would have each test begin its own
            patch.setattr(DynamoDBBackend, "transact_write_items", _one_at_a_time())
            yield


def _one_at_a_time() -> Callable[[DynamoDBBackend, Any], None]:
    """Give moto's transactions, which fall over each other when threads ask for several at once."""
    turn, transact = threading.Lock(), DynamoDBBackend.transact_write_items

    def transact_alone(backend: DynamoDBBackend, actions: Any) -> None:
        with turn:
            transact(backend, actions)

    return transact_alone


class World:
    """One service's surroundings, and a queue that overhears everything it publishes."""

    def __init__(self, service: str) -> None:
        self.s3 = boto3.client("s3")
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        sns = boto3.client("sns")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.topic_arn = sns.create_topic(Name=f"{PREFIX}-events")["TopicArn"]
        self.queue_url = self.sqs.create_queue(QueueName="overheard")["QueueUrl"]
        sns.subscribe(
            TopicArn=self.topic_arn,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:overheard",
            Attributes={"RawMessageDelivery": "true"},
        )
        tables = _create_tables(self.dynamodb, service)
        self.table_name = tables["TABLE_NAME"]
        self.environment = {
            "NAME_PREFIX": PREFIX,
            "BUCKET": BUCKET,
            "TOPIC_ARN": self.topic_arn,
            **tables,
            "CHECK_EVERY_SECONDS": "55",
            "AWS_REGION": REGION,
        }

    def published(self) -> list[Event]:
        """Take the events that were published since this was last asked, in their order."""
        events: list[Event] = []
        while True:
            messages = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get(
                "Messages", []
            )
            if not messages:
                return events
            for message in messages:
                events.append(parse_event(json.loads(message["Body"])))
                self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])


def sqs_batch(*bodies: Event | dict[str, Any] | str) -> dict[str, Any]:
    """Give the batch that Lambda would hand over; message ids are m0, m1 and so on."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "receiptHandle": f"r{number}",
                "body": _body(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue",
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed_messages(answer: Any) -> list[str]:
    """Give the ids of the messages that go back to the queue."""
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def _body(body: Event | dict[str, Any] | str) -> str:
    if isinstance(body, Event):
        return body.to_json()
    return body if isinstance(body, str) else json.dumps(body)


def _create_tables(dynamodb: Any, service: str) -> dict[str, str]:
    """Create a service's tables; give their names by the variables that hold them."""
    specs = {spec.service: spec for spec in read_services(Path("services"))}
    spec: ServiceSpec = specs[service]
    if spec.table_of is not None:
        spec = specs[spec.table_of]
    assert spec.table is not None
    names = {"TABLE_NAME": _create_table(dynamodb, f"{PREFIX}-{spec.service}", spec.table)}
    for name, table in spec.tables.items():
        names[table_variable(name)] = _create_table(dynamodb, f"{PREFIX}-{spec.service}-{name}", table)
    return names


def _create_table(dynamodb: Any, table_name: str, table: TableSpec) -> str:
    keys = [key for key in (table.partition_key, table.sort_key) if key]
    names = {*keys}
    indexes = []
    for name, index in table.indexes.items():
        index_keys = [key for key in (index.partition_key, index.sort_key) if key]
        names |= {*index_keys}
        indexes.append(
            {
                "IndexName": name,
                "KeySchema": _key_schema(index_keys),
                "Projection": {"ProjectionType": index.projection},
            }
        )
    dynamodb.create_table(
        TableName=table_name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        KeySchema=_key_schema(keys),
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )
    return table_name


def _key_schema(keys: list[str]) -> list[dict[str, str]]:
    return [
        {"AttributeName": key, "KeyType": key_type}
        for key, key_type in zip(keys, ("HASH", "RANGE"), strict=False)
    ]
