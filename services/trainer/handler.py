"""The trainer's Lambda entry points."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import PositiveInt

from contracts.envelope import Event
from contracts.events import DatasetReady, DatasetReadyData, TrainingJobCancelled, TrainingJobRetried
from contracts.stages import Stage
from runtime.clients import control_plane, storage
from runtime.clock import Clock, utc_now
from runtime.consume import Routes, consume
from runtime.reconcile import SLOT, Identity, Pace, Reconciler
from runtime.settings import StageSettings
from runtime.wiring import seconds_left, wire_reconciler
from services.trainer.rekognition import TRAINING_SLOT, Trainings
from services.trainer.stage import TrainingStage, read_json_from_s3, training_deadline
from services.trainer.training import TRAINING, Training

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient


class TrainerSettings(StageSettings):
    """The trainer's environment."""

    training_deadline_hours: PositiveInt = 26
    """Custom Labels trains for 24 hours at most (training-model); past this something is wrong."""


@dataclass(frozen=True)
class Trainer:
    """The service, wired."""

    reconciler: Reconciler[Training]

    @property
    def routes(self) -> Routes:
        """What it does about each event."""
        return {
            DatasetReady: self.train,
            TrainingJobRetried: self.retry,
            TrainingJobCancelled: self.cancel,
        }

    def train(self, event: DatasetReady) -> None:
        """Train on the datasets, now or when the quota allows it."""
        self._begin(event, event.data)

    def retry(self, event: TrainingJobRetried) -> None:
        """Train another version on datasets that were made before."""
        if event.data.dataset is not None:
            self._begin(event, event.data.dataset)

    def _begin(self, event: Event, ready: DatasetReadyData) -> None:
        row = Training(
            job_id=event.job_id,
            attempt=event.attempt,
            traceparent=event.traceparent,
            waiting=TRAINING,
            plan=ready.plan,
            datasets=ready.datasets,
        )
        self.reconciler.begin(row, in_line_for=TRAINING_SLOT)

    def cancel(self, event: TrainingJobCancelled) -> None:
        """Begin no training; one that has begun cannot be cancelled, but its model is not deployed."""
        self.reconciler.cancel(event.job_id, Training.wound_down)


def build(
    settings: TrainerSettings, *, clock: Clock = utc_now, rekognition: "RekognitionClient | None" = None
) -> Trainer:
    """Wire the service to the AWS that boto3 finds, or to the Rekognition that is given."""
    rekognition = rekognition or boto3.client("rekognition", config=control_plane())
    trainings = Trainings(rekognition)
    stage = TrainingStage(
        trainings,
        read_json_from_s3(boto3.client("s3", config=storage())),
        settings.bucket,
        settings.to_show,
        clock,
    )
    allowed = timedelta(hours=settings.training_deadline_hours)
    return Trainer(
        wire_reconciler(
            settings,
            Training,
            identity=Identity(Stage.TRAINING, "/ekyc/trainer"),
            pace=Pace(
                between_looks=lambda _: settings.between_looks,
                lease=lambda row: settings.lease if row.state == "requested" else settings.between_looks,
                deadline=lambda row: training_deadline(row, allowed),
            ),
            advance=stage.advance,
            clock=clock,
        )
    )


@cache
def service() -> Trainer:
    """Wire the service once per process, at its first message."""
    return build(TrainerSettings.read(os.environ))


def on_events(batch: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take messages from the trainer's queue."""
    return consume(batch, context, service().routes)


def on_tick(_: dict[str, Any], context: LambdaContext) -> None:
    """Look at what is being trained, then at who waits for a slot."""
    service().reconciler.tick((TRAINING, SLOT), seconds_left=seconds_left(context))
