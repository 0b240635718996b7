"""How the services' queues stand: what waits, how long, who reads, what died."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cli.operations.aws import reader_of
from cli.operations.checkup import Check

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient

_WAITING: Final = "ApproximateNumberOfMessages"
_IN_WORK: Final = "ApproximateNumberOfMessagesNotVisible"
_RECENTLY = timedelta(minutes=10)
# The alarm's bound (terraform/modules/observability), but for work that may take longer.
_TOO_OLD_SECONDS = 900


@dataclass(frozen=True)
class QueueState:
    """A service's queue.

    Attributes:
        oldest_seconds: age of the oldest message; None where CloudWatch has no figure, as in an emulator.
        reader: the function that reads it; `reading` is False when its mapping is switched off or missing.
    """

    service: str
    waiting: int
    in_work: int
    dead: int
    visibility_seconds: int
    oldest_seconds: int | None
    reader: str | None
    reading: bool

    @property
    def too_old(self) -> bool:
        """Whether a message waits longer than any work on it may take."""
        return (self.oldest_seconds or 0) > max(_TOO_OLD_SECONDS, self.visibility_seconds)


def read_queues(
    sqs: "SQSClient",
    awslambda: "LambdaClient",
    cloudwatch: "CloudWatchClient",
    prefix: str,
    services: Sequence[str],
    now: datetime,
) -> list[QueueState]:
    """Look at each service's queue and dead-letter queue without receiving anything."""
    ages = _ages(cloudwatch, [f"{prefix}-{service}" for service in services], now) if services else {}
    return [_queue(sqs, awslambda, prefix, service, ages) for service in services]


def queue_check(queues: Sequence[QueueState]) -> Check:
    """Judge the queues themselves."""
    findings = [
        f"{queue.service}: nobody reads the queue; switch on the event source mapping of its function "
        "(terraform apply restores it)"
        for queue in queues
        if not queue.reading
    ]
    findings += [
        f"{queue.service}: the oldest message is {queue.oldest_seconds} s old; see its function's errors, "
        "and whether Lambda throttles"
        for queue in queues
        if queue.too_old
    ]
    waiting, in_work = sum(queue.waiting for queue in queues), sum(queue.in_work for queue in queues)
    facts = [
        {
            "service": queue.service,
            "waiting": queue.waiting,
            "inWork": queue.in_work,
            "oldestSeconds": queue.oldest_seconds,
            "reader": queue.reader,
            "reading": queue.reading,
        }
        for queue in queues
    ]
    lines = [
        f"{queue.service}: {queue.waiting} wait, {queue.in_work} in work"
        + (f", the oldest for {queue.oldest_seconds} s" if queue.oldest_seconds else "")
        for queue in queues
        if queue.waiting or queue.in_work
    ]
    return Check(
        "queues", f"{len(queues)} queues, {waiting} messages wait, {in_work} in work", facts, lines, findings
    )


def dead_letter_check(queues: Sequence[QueueState]) -> Check:
    """Judge the dead-letter queues."""
    dead = [queue for queue in queues if queue.dead]
    findings = [f"{queue.service}: {queue.dead} dead; ekyc ops dlq show {queue.service}" for queue in dead]
    facts = [{"service": queue.service, "dead": queue.dead} for queue in queues]
    total = sum(queue.dead for queue in queues)
    return Check("dead-letters", f"{total} messages that a service could not work with", facts, (), findings)


def _queue(
    sqs: "SQSClient", awslambda: "LambdaClient", prefix: str, service: str, ages: Mapping[str, int]
) -> QueueState:
    name = f"{prefix}-{service}"
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    own = sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=[_WAITING, _IN_WORK, "VisibilityTimeout", "QueueArn"]
    )["Attributes"]
    dead_url = sqs.get_queue_url(QueueName=f"{name}-dlq")["QueueUrl"]
    dead = sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=[_WAITING, _IN_WORK])["Attributes"]
    reader = reader_of(awslambda, own["QueueArn"])
    return QueueState(
        service=service,
        waiting=int(own[_WAITING]),
        in_work=int(own[_IN_WORK]),
        dead=int(dead[_WAITING]) + int(dead[_IN_WORK]),
        visibility_seconds=int(own["VisibilityTimeout"]),
        oldest_seconds=ages.get(name),
        reader=reader["FunctionArn"].rsplit(":", 1)[-1] if reader else None,
        reading=reader is not None and reader["State"] not in {"Disabled", "Disabling"},
    )


def _ages(cloudwatch: "CloudWatchClient", names: Sequence[str], now: datetime) -> dict[str, int]:
    """The age of the oldest message by queue, as CloudWatch last had it; SQS itself does not tell."""
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": name}],
                },
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, name in enumerate(names)
    ]
    answer = cloudwatch.get_metric_data(
        StartTime=now - _RECENTLY, EndTime=now, MetricDataQueries=queries, ScanBy="TimestampDescending"
    )
    by_id = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
    found = {name: by_id.get(f"q{number}", []) for number, name in enumerate(names)}
    return {name: int(values[0]) for name, values in found.items() if values}
