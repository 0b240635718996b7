"""Both halves of the dataset service at one table, moto's AWS around them."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import boto3
import pytest
from botocore.hooks import BaseEventHooks

from contracts.dataset_creation import WAITING_FOR_DATASETS
from contracts.events import LabellingCompleted, LabellingCompletedData
from contracts.facts import LabelCounts
from contracts.plan import TrainingPlan
from runtime.reconcile import Reconciler
from services.dataset.handler import DatasetService, DatasetSettings
from services.dataset.handler import build as build_dataset
from services.dataset.preparation import PREPARATION
from services.dataset_watcher.handler import DatasetWatcherSettings
from services.dataset_watcher.handler import build as build_watcher
from services.dataset_watcher.watching import Watching
from tests.integration.dataset.fake_projects import FakeProjects
from tests.support.builders import JOB, NOON, TRACEPARENT, a_plan
from tests.support.clock import ManualClock
from tests.support.manifest_lines import ATTRIBUTE, a_box, a_line, a_manifest
from tests.support.world import BUCKET, World


class Bench:
    """Dataset and dataset-watcher, with all that they see."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world, self.clock = world, clock
        self.rekognition = FakeProjects()
        self.dataset = self.restarted()

    def restarted(self, **environment: str) -> DatasetService:
        """Begin anew with nothing in memory, as a new process does."""
        self.dataset = build_dataset(
            DatasetSettings.read(self.world.environment | environment),
            clock=self.clock,
            rekognition=self.rekognition,  # type: ignore[arg-type]
        )
        return self.dataset

    def watcher(self, **environment: str) -> Reconciler[Watching]:
        return build_watcher(
            DatasetWatcherSettings.read(self.world.environment | environment),
            clock=self.clock,
            rekognition=self.rekognition,  # type: ignore[arg-type]
        )

    def complete(
        self,
        *lines: dict[str, Any] | str,
        job_id: str = JOB,
        attempt: int = 1,
        plan: TrainingPlan | None = None,
    ) -> LabellingCompleted:
        """Lay down a manifest, ten good lines by default, and give the event that says so."""
        key = f"labelling/{job_id}/{attempt}/manifests/output/output.manifest"
        body = a_manifest(*(lines or ten_lines())).replace(JOB.encode(), job_id.encode())
        self.world.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        data = LabellingCompletedData(
            plan=plan or a_plan(),
            output_manifest=f"s3://{BUCKET}/{key}",
            label_attribute=ATTRIBUTE,
            counts=LabelCounts(labelled=10, failed=0, unlabelled=0),
        )
        return LabellingCompleted.about(job_id, attempt, data, time=NOON, traceparent=TRACEPARENT)

    def tick(self, minutes: float = 2) -> None:
        self.clock.advance(minutes=minutes)
        self.dataset.reconciler.tick((PREPARATION,), seconds_left=lambda: 600)

    def watch(self, minutes: float = 2, **environment: str) -> None:
        self.clock.advance(minutes=minutes)
        self.watcher(**environment).tick((WAITING_FOR_DATASETS,), seconds_left=lambda: 60)

    def finish(self, *, lost: int = 0, error_entries: int = 0) -> None:
        """Let Rekognition finish both datasets, the train dataset without some lines or with bad ones."""
        for dataset_type, dataset in self.rekognition.only.datasets.items():
            dataset.status = "CREATE_COMPLETE"
            lines = len(self.lines(dataset.manifest.removeprefix(f"s3://{BUCKET}/")))
            dataset.entries = lines - (lost if dataset_type == "TRAIN" else 0)
            dataset.error_entries = error_entries if dataset_type == "TRAIN" else 0

    def lines(self, key: str) -> list[dict[str, Any]]:
        body = self.world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]

    def manifest(self, part: str, *, job_id: str = JOB, attempt: int = 1) -> list[str]:
        """Give the images of a manifest."""
        lines = self.lines(f"datasets/{job_id}/{attempt}/{part}.manifest")
        return [line["source-ref"].rsplit("/", 1)[1] for line in lines]

    def row(self, job_id: str = JOB) -> dict[str, Any] | None:
        """Read a row as it lies in the table."""
        found = self.world.dynamodb.get_item(TableName=self.world.table_name, Key={"job_id": {"S": job_id}})
        return json.loads(found["Item"]["body"]["S"]) if "Item" in found else None

    def due(self, job_id: str = JOB) -> datetime:
        """Say when the next process may take up a job."""
        found = self.world.dynamodb.get_item(TableName=self.world.table_name, Key={"job_id": {"S": job_id}})
        return datetime.fromisoformat(found["Item"]["due"]["S"])

    def on_call(self, operation: str, act: Callable[[], None]) -> None:
        """Have something happen before a call to AWS of services built from now on."""
        session_events().register(f"before-call.{operation}", lambda **_: act())

    def around_each_call(self, act: Callable[[], None]) -> None:
        """Have something happen before and after every call to AWS of services built from now on."""
        session_events().register("before-call", lambda **_: act())
        session_events().register("after-call", lambda **_: act())
        self.rekognition.around = act

    def forget_hooks(self) -> None:
        """Let services built from now on call AWS undisturbed."""
        boto3.setup_default_session()


def session_events() -> BaseEventHooks:
    assert boto3.DEFAULT_SESSION is not None
    return boto3.DEFAULT_SESSION.events


def ten_lines() -> list[dict[str, Any]]:
    return [a_line(f"{n}.jpg", a_box("passport" if n < 5 else "id-card")) for n in range(10)]


@pytest.fixture(autouse=True)
def _own_session(world: Callable[[str], World]) -> Iterator[None]:
    """Let no test see what another has hooked into boto3's session."""
    boto3.setup_default_session()
    yield
    boto3.DEFAULT_SESSION = None


@pytest.fixture
def bench(world: Callable[[str], World], clock: ManualClock) -> Bench:
    return Bench(world("dataset"), clock)
