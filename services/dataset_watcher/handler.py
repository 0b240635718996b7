"""Dataset-watcher's Lambda entry point."""

import os
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, PositiveInt

from contracts.dataset_creation import WAITING_FOR_DATASETS
from contracts.stages import Stage
from runtime.clients import control_plane
from runtime.clock import Clock, utc_now
from runtime.reconcile import Identity, Pace, Reconciler
from runtime.settings import StageSettings
from runtime.wiring import seconds_left, wire_reconciler
from services.dataset_watcher.rekognition import DatasetReader
from services.dataset_watcher.stage import WatchingStage
from services.dataset_watcher.watching import Watching, creation_deadline

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient


_LOOKS_TO_COUNT = 10
"""A dataset whose count is short when looked at for longer than this has lost entries."""


class DatasetWatcherSettings(StageSettings):
    """Dataset-watcher's environment."""

    creation_deadline_hours: PositiveInt = 6

    max_lost_share: float = Field(default=0.0, ge=0, lt=1)
    """Share of a manifest's lines that may be missing or faulty; none, since dataset has checked them all."""


def build(
    settings: DatasetWatcherSettings,
    *,
    rekognition: "RekognitionClient | None" = None,
    clock: Clock = utc_now,
) -> Reconciler[Watching]:
    """Wire the service to the AWS that boto3 finds, or to another ``rekognition``."""
    datasets = DatasetReader(rekognition or boto3.client("rekognition", config=control_plane()))
    allowed = timedelta(hours=settings.creation_deadline_hours)
    return wire_reconciler(
        settings,
        Watching,
        identity=Identity(Stage.DATASET, "/ekyc/dataset-watcher"),
        pace=Pace(
            between_looks=lambda _: settings.between_looks,
            lease=lambda _: settings.between_looks,
            deadline=lambda row: creation_deadline(row, allowed),
        ),
        advance=WatchingStage(
            datasets, settings.max_lost_share, clock, _LOOKS_TO_COUNT * settings.between_looks
        ).advance,
        clock=clock,
    )


@cache
def service() -> Reconciler[Watching]:
    """Wire the service once per process, at its first tick."""
    return build(DatasetWatcherSettings.read(os.environ))


def on_tick(_: dict[str, Any], context: LambdaContext) -> None:
    """Look at the datasets that are being created."""
    service().tick((WAITING_FOR_DATASETS,), seconds_left=seconds_left(context))
