"""An AWS account that a deployment has just been made in: moto, the simulator, and a clock that is moved."""

import json
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.model import ServiceModel
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends
from moto.sns.models import sns_backends
from moto.ssm.models import ssm_backends

from local.deployment import Deployment
from local.desired import desired_resources
from local.resources import Index, Resources, Table
from local.service_spec import ServiceSpec, read_services
from simulator.app import SERVICES, Simulator, create_simulator
from simulator.core.clock import FrozenClock
from simulator.core.options import Durations, Options, Quotas
from simulator.core.s3 import Buckets
from simulator.core.validation import load_model
from simulator.core.wire import Caller
from simulator.rekognition.boxes import Box, Found
from simulator.rekognition.learner import Image, Learned, Lesson
from tests.faults.wire import Clients, Wire, wired
from tests.support.world import ACCOUNT, REGION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3.client import S3Client

LABEL = "passport"
CALLER = Caller(ACCOUNT, REGION)
BOX = Box(10, 10, 80, 60)
SHORT = Durations(
    labelling_start=20,
    labelling_per_object=10,
    labelling_stop=20,
    labelling_write=10,
    project=1,
    dataset_create=40,
    dataset_per_entry=0,
    training=100,
    training_per_image=0,
    model_start=70,
    model_stop=40,
)
"""Each stage takes one look or two, for each look is a handful of calls to sweep."""

_DEPLOYMENT = Deployment(
    account=ACCOUNT,
    region=REGION,
    labels=(LABEL,),
    check_every_seconds=55,
    key=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
)


@dataclass(frozen=True)
class Machinery:
    """What takes long to make and has no memory: clients, models of the services, what a deployment makes."""

    clients: Clients
    models: dict[str, ServiceModel]
    specs: tuple[ServiceSpec, ...]
    resources: Resources
    uncounted: Clients
    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    sns: Any


@contextmanager
def machinery() -> Iterator[Machinery]:
    """Make it once per process."""
    clients, uncounted = Clients(), Clients()
    specs = read_services(Path("services"))
    with wired(clients):
        yield Machinery(
            clients,
            {name: load_model(name) for name in SERVICES},
            specs,
            desired_resources(specs, _DEPLOYMENT),
            uncounted,
            uncounted.client("dynamodb"),
            uncounted.client("s3"),
            uncounted.client("sns"),
        )
    clients.close()
    uncounted.close()


class SteadyLearner:
    """Learns nothing and finds the document where it always is, or nowhere."""

    def __init__(self, *, is_good: bool) -> None:
        self._found = [Found(LABEL, BOX, 0.9)] if is_good else []

    def learn(self, lesson: Lesson) -> Learned:
        return Learned(b"{}", [self._found for _ in lesson.tests])

    def load(self, data: bytes) -> "SteadyLearner":
        return self

    def find(self, image: Image) -> list[Found]:
        return self._found

    def close(self) -> None:
        pass


class AtOnce(Executor):
    """Does work where it is asked for, so that a run always goes the same way."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever asks for the result
            future.set_exception(error)
        return future


class SimulatorsAws:
    """What the simulator needs of AWS: moto's S3, and a bus that keeps what is put on it."""

    def __init__(self, s3: "S3Client") -> None:
        self._buckets = Buckets(s3)
        self.notices: list[dict[str, Any]] = []

    def buckets(self, _: Caller) -> Buckets:
        return self._buckets

    def events(self, _: Caller) -> "EventBridgeClient":
        return self  # type: ignore[return-value]  # the simulator calls put_events and nothing else

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        self.notices += [
            {
                "version": "0",
                "id": f"notice-{len(self.notices)}",
                "source": entry["Source"],
                "detail-type": entry["DetailType"],
                "account": ACCOUNT,
                "region": REGION,
                "time": entry["Time"].isoformat(),
                "resources": entry["Resources"],
                "detail": json.loads(entry["Detail"]),
            }
            for entry in Entries
        ]
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}


class Account:
    """Looks at everything in the account without a call being counted."""

    def __init__(
        self, machinery: Machinery, simulator: Simulator, clock: FrozenClock, bus: SimulatorsAws
    ) -> None:
        self.wire = Wire(machinery.clients)
        self.wire.simulator = simulator.app
        self.wire.pass_time = lambda took: clock.advance(took.total_seconds())
        self.clock = clock
        self.simulator = simulator
        self.specs = machinery.specs
        self.resources = machinery.resources
        self.uncounted = machinery.uncounted
        self.s3 = machinery.s3
        self._bus = bus
        self._published = 0
        self._seen: dict[str, tuple[int, list[dict[str, str]]]] = {}

    def take_published(self) -> list[tuple[str, str]]:
        """Take the events (type, body) that were published since this was last asked."""
        sent = sns_backends[ACCOUNT][REGION].topics[self.resources.topic.arn].sent_notifications
        new, self._published = sent[self._published :], len(sent)
        return [((attributes or {})["type"]["Value"], body) for _, body, _, attributes, _ in new]

    def take_notices(self) -> list[dict[str, Any]]:
        """Take what the simulator has put on the default event bus."""
        taken = list(self._bus.notices)
        self._bus.notices.clear()
        return taken

    def in_index(self, table: Table) -> list[dict[str, str]]:
        """Give what stands in a table's sparse index, the longest waiting first."""
        index = next((index for index in table.indexes if index.projection == "KEYS_ONLY"), None)
        if index is None:
            return []
        calls = len(self.wire.calls)
        if self._seen.get(table.name, (-1, []))[0] != calls:  # only calls change a table
            keys = {table.partition_key, table.sort_key, index.partition_key, index.sort_key} - {None}
            rows = [
                {k: v for k, v in row.items() if k in keys} for row in _rows(table.name) if keys <= row.keys()
            ]
            self._seen[table.name] = calls, sorted(rows, key=lambda row: row.get("due") or row["queued_at"])
        return self._seen[table.name][1]

    def job(self, job_id: str) -> dict[str, str]:
        """Give what the job API has of a job."""
        table = next(table.name for table in self.resources.tables if table.sort_key == "item")
        return next(row for row in _rows(table) if row["job_id"] == job_id and row["item"] == "job")

    def position(self, job_id: str) -> tuple[int, str]:
        """Say how far the job API has seen a job: a number that must only grow, and the status."""
        job = self.job(job_id)
        return int(job["position"]), job["status"]

    def row(self, table: str, job_id: str) -> dict[str, Any]:
        """Give a stage's row as it stands."""
        row: dict[str, Any] = json.loads(next(r["body"] for r in _rows(table) if r["job_id"] == job_id))
        return row

    def parameters(self) -> dict[str, str]:
        """Give every parameter of the parameter store."""
        backend = ssm_backends[ACCOUNT][REGION]
        return {name: versions[-1].value for name, versions in backend._parameters.items()}

    def next_end(self) -> datetime | None:
        """Say when the next thing that AWS is at will be over."""
        pending = self.simulator.world.tasks.pending
        return min((max(task.starts, task.due) for task in pending), default=None)


@contextmanager
def an_account(
    machinery: Machinery, *, quotas: Quotas | None = None, is_good: bool = True
) -> Iterator[Account]:
    """Make an account with everything in it that a deployment makes.

    Args:
        machinery: as ``machinery`` gives it.
        quotas: the simulator's, without rates unless they are given.
        is_good: whether the models that are trained find anything.
    """
    clock = FrozenClock()
    bus = SimulatorsAws(machinery.s3)
    with mock_aws(config={"core": {"mock_credentials": False, "reset_boto3_session": False}}):
        _deploy(machinery)
        simulator = create_simulator(
            clock=clock,
            options=Options(human_error=0, durations=SHORT, quotas=quotas or without_rates()),
            aws=bus,
            learner=SteadyLearner(is_good=is_good),
            pools={"io": AtOnce(), "training": AtOnce()},
            models=machinery.models,
        )
        yield Account(machinery, simulator, clock, bus)


def _rows(table: str) -> list[dict[str, str]]:
    """Give a table's items without their types; asked by a client, moto takes ten milliseconds for it."""
    items = dynamodb_backends[ACCOUNT][REGION].tables[table].all_items()
    return [{name: str(value.value) for name, value in item.attrs.items()} for item in items]


def without_rates(**quotas: int) -> Quotas:
    """Give quotas that allow any number of calls a second."""
    return Quotas(
        control_rate=None, detect_rate=None, tagging_rate=None, images_per_second_per_unit=None, **quotas
    )


def _deploy(machinery: Machinery) -> None:
    resources = machinery.resources
    where: Any = {"LocationConstraint": REGION}
    machinery.s3.create_bucket(Bucket=resources.bucket.name, CreateBucketConfiguration=where)
    rules: Any = {"CORSRules": list(resources.bucket.cors_rules)}
    machinery.s3.put_bucket_cors(Bucket=resources.bucket.name, CORSConfiguration=rules)
    machinery.sns.create_topic(Name=resources.topic.name)
    for table in resources.tables:
        _create_table(machinery.dynamodb, table)


def _create_table(dynamodb: "DynamoDBClient", table: Table) -> None:
    parts: list[Table | Index] = [table, *table.indexes]
    names = {key for part in parts for key in (part.partition_key, part.sort_key) if key}
    indexes: Any = [
        {
            "IndexName": index.name,
            "KeySchema": _key_schema(index.partition_key, index.sort_key),
            "Projection": {"ProjectionType": index.projection},
        }
        for index in table.indexes
    ]
    dynamodb.create_table(
        TableName=table.name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        KeySchema=_key_schema(table.partition_key, table.sort_key),
        GlobalSecondaryIndexes=indexes,
    )


def _key_schema(partition_key: str, sort_key: str | None) -> Any:
    keys = [{"AttributeName": partition_key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": sort_key, "KeyType": "RANGE"}] if sort_key else keys
