"""A tiny stage: errands, whose steps do what a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import boto3

from contracts.events import ModelTrainingStarted, ModelTrainingStartedData
from contracts.stages import Stage
from runtime.publish import Publisher
from runtime.reconcile import SLOT, Identity, Moved, Pace, Reconciler
from runtime.rows import Row, RowTable
from tests.support.builders import JOB, TRACEPARENT, version_arn
from tests.support.clock import ManualClock
from tests.support.rekognition import refusal
from tests.support.world import World

ERRANDS = "errands"
LEASE = timedelta(seconds=60)
BETWEEN_LOOKS = timedelta(seconds=55)


class Errand(Row):
    """A row with something of its own."""

    state: str = "new"
    deadline: datetime | None = None


Advance = Callable[[Errand], Moved[Errand] | None]


def an_errand(job_id: str = JOB, **members: Any) -> Errand:
    return Errand(job_id=job_id, attempt=1, traceparent=TRACEPARENT, waiting=ERRANDS).changed(**members)


def job_ids(count: int) -> list[str]:
    """Give as many job ids, in an order that is not theirs by name."""
    return [f"01m81h5swf60rk4csm6m{number * 7919 % 10_000_000 + 1:06d}" for number in range(count)]


@dataclass
class FakeSns:
    """Remembers what was published, and refuses as often as it is told to."""

    published: list[str] = field(default_factory=list)
    refusals: int = 0
    on_publish: Callable[[], None] = lambda: None

    def publish(self, *, TopicArn: str, Message: str, MessageAttributes: Any) -> None:  # noqa: N803
        if self.refusals:
            self.refusals -= 1
            raise refusal("InternalError", "Publish", status=500)
        self.on_publish()
        self.published.append(MessageAttributes["type"]["StringValue"])


class Errands:
    """A reconciler of errands, with a hand on everything round it.

    ``steps`` says what the next looks at a job find; a job that has none left is looked at in vain.
    """

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.clock = clock
        self.sns = FakeSns()
        self.table = RowTable(boto3.client("dynamodb"), world.table_name, Errand)
        self.steps: dict[str, list[Advance]] = {}
        self.looked: list[str] = []
        self.reconciler = self.process()

    def process(self, table: RowTable[Errand] | None = None) -> Reconciler[Errand]:
        """Give a reconciler as another process would have it."""
        return Reconciler(
            identity=Identity(Stage.TRAINING, "/ekyc/trainer"),
            table=table or self.table,
            publisher=Publisher(self.sns, "arn:aws:sns:eu-west-1:123456789012:ekyc-events"),  # type: ignore[arg-type]
            clock=self.clock,
            pace=Pace(
                between_looks=lambda _: BETWEEN_LOOKS,
                lease=lambda row: LEASE if row.state == "new" else BETWEEN_LOOKS,
                deadline=lambda row: row.deadline,
            ),
            advance=self._advance,
        )

    def then(self, *steps: Advance, job_id: str = JOB) -> None:
        self.steps.setdefault(job_id, []).extend(steps)

    def tick(self, seconds: float = 0, *, seconds_left: Callable[[], float] = lambda: 60) -> None:
        self.clock.advance(seconds=seconds)
        self.reconciler.tick((ERRANDS, SLOT), seconds_left=seconds_left)

    def begun(self, row: Errand) -> Errand:
        standing = self.table.begin(row)
        assert standing is not None
        return standing

    def row(self, job_id: str = JOB) -> Errand:
        row = self.table.find(job_id)
        assert row is not None
        return row

    def due_in(self, job_id: str = JOB) -> float:
        row = self.row(job_id)
        assert row.due is not None
        return (row.due - self.clock()).total_seconds()

    def telling(self, row: Errand, **members: Any) -> Errand:
        data = ModelTrainingStartedData(project_version_arn=version_arn())
        return row.changed(**members).telling(ModelTrainingStarted, data, time=self.clock())

    def _advance(self, row: Errand) -> Moved[Errand] | None:
        self.looked.append(row.job_id)
        steps = self.steps.get(row.job_id)
        return steps.pop(0)(row) if steps else None


def raising(error: BaseException) -> Advance:
    """Give a step that ends in trouble."""

    def step(_: Errand) -> Moved[Errand] | None:
        raise error

    return step
