"""Dataset's Lambda entry points."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import PositiveInt

from contracts.envelope import Event
from contracts.events import (
    LabellingCompleted,
    LabellingCompletedData,
    TrainingJobCancelled,
    TrainingJobRetried,
)
from contracts.stages import Stage
from runtime.clients import control_plane, storage
from runtime.clock import Clock, utc_now
from runtime.consume import Routes, consume
from runtime.reconcile import Identity, Moved, Pace, Reconciler
from runtime.settings import StageSettings
from runtime.wiring import seconds_left, wire_reconciler
from services.dataset.manifests import ManifestStore
from services.dataset.preparation import PREPARATION, Preparation
from services.dataset.preparer import Preparer
from services.dataset.rekognition import Projects
from services.dataset.rules import line_limits
from services.dataset.stage import DatasetStage

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient


class DatasetSettings(StageSettings):
    """Dataset's environment."""

    aws_region: str
    preparation_deadline_hours: PositiveInt = 6
    """Minutes are enough for 250,000 images; past this AWS refuses to do its part."""


@dataclass(frozen=True)
class DatasetService:
    """The service, wired."""

    reconciler: Reconciler[Preparation]
    clock: Clock

    @property
    def routes(self) -> Routes:
        """What it does about each event."""
        return {
            LabellingCompleted: self.begin,
            TrainingJobRetried: self.retry,
            TrainingJobCancelled: self.cancel,
        }

    def begin(self, event: LabellingCompleted) -> None:
        """Make datasets of the labels."""
        self._begin(event, event.data)

    def retry(self, event: TrainingJobRetried) -> None:
        """Make datasets, in a project of their own, of labels that were drawn before."""
        if event.data.labelling is not None:
            self._begin(event, event.data.labelling)

    def _begin(self, event: Event, labelled: LabellingCompletedData) -> None:
        self.reconciler.begin(
            Preparation(
                job_id=event.job_id,
                attempt=event.attempt,
                traceparent=event.traceparent,
                waiting=PREPARATION,
                plan=labelled.plan,
                output_manifest=labelled.output_manifest,
                label_attribute=labelled.label_attribute,
                begun_at=self.clock(),
            )
        )

    def cancel(self, event: TrainingJobCancelled) -> None:
        """Make nothing more, and have nothing more waited for; a dataset costs nothing and stays."""
        self.reconciler.cancel(event.job_id, lambda row: row.changed(waiting=None))


def build(
    settings: DatasetSettings, *, rekognition: "RekognitionClient | None" = None, clock: Clock = utc_now
) -> DatasetService:
    """Wire the service to the AWS that boto3 finds, or to another ``rekognition``."""
    preparer = Preparer(
        ManifestStore(boto3.client("s3", config=storage()), settings.bucket),
        settings.bucket,
        line_limits(settings.aws_region),
        settings.lease / 4,
        clock,
    )
    projects = Projects(rekognition or boto3.client("rekognition", config=control_plane()))
    stage = DatasetStage(preparer, projects, settings.name_prefix, settings.bucket, clock)
    allowed = timedelta(hours=settings.preparation_deadline_hours)

    def advance(row: Preparation) -> Moved[Preparation] | None:
        return stage.advance(row, lambda: reconciler.keep(row))

    def deadline(row: Preparation) -> datetime | None:
        return row.begun_at + allowed if row.creation is None else None

    reconciler = wire_reconciler(
        settings,
        Preparation,
        identity=Identity(Stage.DATASET, "/ekyc/dataset"),
        pace=Pace(
            between_looks=lambda _: settings.between_looks,
            lease=lambda _: settings.lease,
            deadline=deadline,
        ),
        advance=advance,
        clock=clock,
    )
    return DatasetService(reconciler, clock)


@cache
def service() -> DatasetService:
    """Wire the service once per process, at its first message."""
    return build(DatasetSettings.read(os.environ))


def on_events(batch: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take messages from dataset's queue."""
    return consume(batch, context, service().routes)


def on_tick(_: dict[str, Any], context: LambdaContext) -> None:
    """Go on with preparations that a crash or trouble has interrupted."""
    service().reconciler.tick((PREPARATION,), seconds_left=seconds_left(context))
