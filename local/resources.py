"""What stands in an account once the services are deployed: names, and every attribute that somebody chose.

Plain frozen values, so that two deployments can be compared resource by resource.
"""

from dataclasses import dataclass
from typing import TypeAlias

Policy: TypeAlias = dict[str, object]
"""A policy document: `Version` and `Statement`, as JSON would hold it."""


@dataclass(frozen=True)
class Key:
    """A customer managed KMS key behind an alias."""

    alias: str
    description: str
    policy: Policy


@dataclass(frozen=True)
class Bucket:
    """A versioned, private bucket whose objects are encrypted with a KMS key by default."""

    name: str
    region: str
    key: str
    cors_rules: tuple[dict[str, list[str]], ...]


@dataclass(frozen=True)
class Index:
    """A global secondary index over string attributes."""

    name: str
    partition_key: str
    sort_key: str | None
    projection: str


@dataclass(frozen=True)
class Table:
    """A table paid per request, encrypted with a KMS key; its keys are strings."""

    name: str
    partition_key: str
    sort_key: str | None
    ttl: str | None
    indexes: tuple[Index, ...]
    key: str


@dataclass(frozen=True)
class Topic:
    """An SNS topic."""

    arn: str
    key: str

    @property
    def name(self) -> str:
        """The last part of the ARN."""
        return self.arn.rsplit(":", 1)[1]


@dataclass(frozen=True)
class Queue:
    """An SQS queue; `attributes` in the words and the string values of SetQueueAttributes, policies apart."""

    arn: str
    attributes: dict[str, str]
    policy: Policy
    redrive: Policy | None = None
    redrive_allow: Policy | None = None

    @property
    def name(self) -> str:
        """The last part of the ARN."""
        return self.arn.rsplit(":", 1)[1]


@dataclass(frozen=True)
class Subscription:
    """A raw subscription of a queue to a topic, for some values of the message attribute `type`.

    What the topic cannot hand over goes to the queue `dead_letters`.
    """

    topic: str
    queue: str
    types: tuple[str, ...]
    dead_letters: str


@dataclass(frozen=True)
class Role:
    """An IAM role with one inline policy."""

    name: str
    trusted: Policy
    policy: Policy


@dataclass(frozen=True)
class LogGroup:
    """A log group."""

    name: str
    retention_days: int


@dataclass(frozen=True)
class Function:
    """A Lambda function; `package` names the zip that holds its code.

    `traced` has AWS trace its calls, even where whoever calls it does not.
    """

    name: str
    arn: str
    description: str
    package: str
    handler: str
    runtime: str
    architecture: str
    timeout: int
    memory: int
    role: str
    environment: dict[str, str]
    traced: bool


@dataclass(frozen=True)
class QueueMapping:
    """An event source mapping that answers for each message and bounds its parallel batches."""

    function: str
    queue: str
    batch_size: int
    max_concurrency: int


@dataclass(frozen=True)
class Rule:
    """A rule on the default event bus with one queue as its target."""

    name: str
    pattern: dict[str, object]
    target: str
    dead_letter: str


@dataclass(frozen=True)
class AsynchronousCalls:
    """What Lambda does with calls of a function that it has taken on but that fail, or wait too long."""

    function: str
    retries: int
    max_age_seconds: int


@dataclass(frozen=True)
class Schedule:
    """An EventBridge Scheduler schedule that calls a function."""

    name: str
    expression: str
    target: str
    role: str


@dataclass(frozen=True)
class Route:
    """One method on one path, answered by one function."""

    method: str
    path: str
    function: str


@dataclass(frozen=True)
class Api:
    """A REST API with Lambda proxy integrations, deployed to one stage."""

    name: str
    stage: str
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Resources:
    """Everything that a deployment makes besides the key, whose ARN the others need."""

    bucket: Bucket
    topic: Topic
    tables: tuple[Table, ...]
    queues: tuple[Queue, ...]
    subscriptions: tuple[Subscription, ...]
    roles: tuple[Role, ...]
    log_groups: tuple[LogGroup, ...]
    functions: tuple[Function, ...]
    mappings: tuple[QueueMapping, ...]
    asynchronous_calls: tuple[AsynchronousCalls, ...]
    rules: tuple[Rule, ...]
    schedules: tuple[Schedule, ...]
    api: Api
