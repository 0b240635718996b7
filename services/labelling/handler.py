"""Labelling's Lambda entry points for its queue and its tick; requests come to `console.handler`."""

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from contracts.envelope import Event
from contracts.events import (
    TrainingJobCancelled,
    TrainingJobRetried,
    TrainingJobRetriedData,
    TrainingJobStarted,
    TrainingJobStartedData,
)
from contracts.stages import Stage
from runtime.clients import control_plane, data_plane, storage
from runtime.clock import Clock, utc_now
from runtime.consume import Notices, Routes, consume
from runtime.reconcile import SLOT, Identity, Moved, Pace, Reconciler
from runtime.wiring import seconds_left, wire_reconciler
from services.labelling.console.backend import CONSOLE, Console
from services.labelling.console.rounds_table import RoundsTable
from services.labelling.ground_truth import GROUND_TRUTH, STATE_CHANGE, GroundTruth, job_id_of
from services.labelling.imported.backend import IMPORT, Import
from services.labelling.kept_labels import KeptLabels
from services.labelling.labelling_row import LABELLING, Labelling
from services.labelling.preparation import Preparer
from services.labelling.settings import LabellingSettings
from services.labelling.stage import LabellingStage
from services.labelling.storage import Storage

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sagemaker.client import SageMakerClient

    from services.labelling.backend import LabellingBackend


@dataclass(frozen=True)
class LabellingService:
    """The service, wired."""

    reconciler: Reconciler[Labelling]
    name_prefix: str
    clock: Clock

    @property
    def routes(self) -> Routes:
        """What it does about each event."""
        return {
            TrainingJobStarted: self.begin,
            TrainingJobRetried: self.retry,
            TrainingJobCancelled: self.cancel,
        }

    @property
    def notices(self) -> Notices:
        """What it does about each notice from AWS."""
        return {STATE_CHANGE: self.look}

    def begin(self, event: TrainingJobStarted) -> None:
        """Check what was uploaded and have it labelled."""
        self.reconciler.begin(self._first_row(event, event.data))

    def retry(self, event: TrainingJobRetried) -> None:
        """Have labelled what an earlier attempt did not come to."""
        if event.data.stage is Stage.LABELLING:
            row = self._first_row(event, event.data)
            # A file is read anew at no cost; asked for the rest alone, it might have nothing on it.
            relabel = event.data.relabel or row.backend == IMPORT
            self.reconciler.begin(row, succeeding=lambda earlier: Moved(row.after(earlier, relabel=relabel)))

    def cancel(self, event: TrainingJobCancelled) -> None:
        """Have the labelling stopped, or never begin it."""
        self.reconciler.cancel(event.job_id, Labelling.wound_down)

    def _first_row(self, event: Event, data: TrainingJobStartedData | TrainingJobRetriedData) -> Labelling:
        return Labelling(
            job_id=event.job_id,
            attempt=event.attempt,
            traceparent=event.traceparent,
            waiting=LABELLING,
            plan=data.plan,
            images=data.images,
            backend=data.plan.labelling.backend,
            received_at=self.clock(),
        )

    def look(self, notice: dict[str, Any]) -> None:
        """Look at a labelling job that has ended; others in the account do not concern us."""
        for arn in notice["resources"]:
            job_id = job_id_of(self.name_prefix, arn)
            if job_id is not None:
                self.reconciler.nudge(job_id)


def build(
    settings: LabellingSettings,
    *,
    clock: Clock = utc_now,
    s3: "S3Client | None" = None,
    sagemaker: "SageMakerClient | None" = None,
) -> LabellingService:
    """Wire the service to the AWS that boto3 finds, or to the S3 and SageMaker that are given."""
    files = Storage(s3 or boto3.client("s3", config=storage(connections=settings.image_readers)))
    sagemaker = sagemaker or boto3.client("sagemaker", config=control_plane())
    ground_truth = GroundTruth(sagemaker, files, settings)
    rounds = RoundsTable(
        boto3.client("dynamodb", config=data_plane()), settings.tasks_table_name, settings.tasks_kept
    )
    console = Console(rounds, files, settings.name_prefix, clock)
    imports = Import(files, settings.name_prefix, readers=settings.image_readers)
    kept_labels = KeptLabels(files)
    preparer = Preparer(files, kept_labels, readers=settings.image_readers, max_images=settings.max_images)
    backends: dict[str, LabellingBackend] = {GROUND_TRUTH: ground_truth, CONSOLE: console, IMPORT: imports}
    stage = LabellingStage(backends, preparer, kept_labels, settings.bucket, clock)

    def advance(row: Labelling) -> Moved[Labelling] | None:
        return stage.advance(row, lambda: reconciler.keep(row))

    reconciler = wire_reconciler(
        settings,
        Labelling,
        identity=Identity(Stage.LABELLING, "/ekyc/labelling"),
        pace=Pace(
            between_looks=lambda _: settings.between_looks,
            lease=lambda row: (
                settings.lease if row.state in {"preparing", "prepared"} else settings.between_looks
            ),
            deadline=lambda row: row.deadline(
                to_start=settings.time_to_start, to_label=settings.time_to_label
            ),
        ),
        advance=advance,
        clock=clock,
    )
    return LabellingService(reconciler, settings.name_prefix, clock)


@cache
def service() -> LabellingService:
    """Wire the service once per process, at its first message."""
    return build(LabellingSettings.read(os.environ))


def on_events(batch: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take messages from labelling's queue."""
    return consume(batch, context, service().routes, service().notices)


def on_tick(_: dict[str, Any], context: LambdaContext) -> None:
    """Look at what is being prepared or labelled, then at who waits for a place."""
    service().reconciler.tick((LABELLING, SLOT), seconds_left=seconds_left(context))
