"""The deployer's Lambda entry points."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, PositiveInt

from contracts.envelope import Event
from contracts.events import (
    ModelRejected,
    ModelRejectedData,
    ModelStartRequested,
    ModelStopRequested,
    ModelTrained,
    StopCause,
    TrainingJobCancelled,
    TrainingJobRetried,
)
from contracts.stages import Stage
from runtime.clients import control_plane, data_plane
from runtime.clock import Clock, utc_now
from runtime.consume import Routes, consume
from runtime.errors import Retryable
from runtime.reconcile import SLOT, Identity, Moved, Pace, Reconciler
from runtime.settings import StageSettings
from runtime.wiring import seconds_left, wire_reconciler
from services.deployer.deployment import MODEL, Deployment
from services.deployer.parameters import ModelParameters
from services.deployer.rekognition import MODEL_SLOT, Models
from services.deployer.rules import Patience, misses_the_bar
from services.deployer.stage import SOURCE, DeploymentStage, deployment_of

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient
    from mypy_boto3_ssm.client import SSMClient


class DeployerSettings(StageSettings):
    """The deployer's environment."""

    project_arn_parameter: str = Field(pattern=r"^/[A-Za-z0-9_.\-/]+$")
    project_version_arn_parameter: str = Field(pattern=r"^/[A-Za-z0-9_.\-/]+$")
    start_deadline_minutes: PositiveInt = 60
    running_check_seconds: PositiveInt = 300
    """How often a model that runs is looked at: somebody may stop it by hand."""


@dataclass(frozen=True)
class Deployer:
    """The service, wired."""

    reconciler: Reconciler[Deployment]
    clock: Clock

    @property
    def routes(self) -> Routes:
        """What it does about each event."""
        return {
            ModelTrained: self.deploy,
            ModelStartRequested: self.start,
            ModelStopRequested: self.stop,
            TrainingJobRetried: self.retry,
            TrainingJobCancelled: self.cancel,
        }

    def deploy(self, event: ModelTrained) -> None:
        """Deploy a model that is good enough, reject one that is not."""
        row = deployment_of(event, event.data)
        if not misses_the_bar(event.data.plan, event.data.f1):
            self._begin(row)
            return
        data = ModelRejectedData(
            project_version_arn=row.project_version_arn,
            f1=row.f1,
            min_f1=row.plan.options.min_f1 or 0.0,
        )
        rejected = row.changed(run=0, state="rejected", wanted="stopped", waiting=None)
        self._begin(rejected.telling(ModelRejected, data, time=self.clock()))

    def retry(self, event: TrainingJobRetried) -> None:
        """Deploy a model that was trained before: its user asks for it, so nothing is judged again."""
        if event.data.model is not None:
            self._begin(deployment_of(event, event.data.model))

    def _begin(self, row: Deployment) -> None:
        """Take up a model, once an earlier attempt's is down."""

        def succeeding(earlier: Deployment) -> Moved[Deployment]:
            heir = row.after(earlier)
            waits = heir.waiting is not None and heir.predecessor is None
            return Moved(heir, in_line_for=MODEL_SLOT if waits else None)

        in_line_for = MODEL_SLOT if row.waiting is not None else None
        self.reconciler.begin(row, in_line_for=in_line_for, succeeding=succeeding)

    def start(self, event: ModelStartRequested) -> None:
        """Start a model again, as a run of its own."""

        def want_running(row: Deployment) -> Deployment | None:
            if _is_out_of_date(event, row) or event.data.run <= row.run:
                return None
            return row.changed(
                run=event.data.run,
                wanted="running",
                state="trained",
                waiting=MODEL,
                failed=False,
                tries=0,
                unit_seconds=row.unit_seconds_until(self.clock()),
                paid_since=None,
            )

        self.reconciler.change(event.job_id, want_running, in_line_for=MODEL_SLOT)

    def stop(self, event: ModelStopRequested) -> None:
        """Stop a model; a command for a run that is over is out of date.

        The command to stop a run may overtake the one to start it, which then comes too late.
        """

        def want_stopped(row: Deployment) -> Deployment | None:
            if _is_out_of_date(event, row) or event.data.run < row.run:
                return None
            if event.data.run == row.run and row.state == "stopped":
                return None
            return row.changed(
                run=event.data.run,
                wanted="stopped",
                state="trained" if row.state == "stopped" else row.state,
                waiting=MODEL,
                parked_since=None,
                stop_cause=StopCause.REQUESTED,
            )

        self.reconciler.change(event.job_id, want_stopped)

    def cancel(self, event: TrainingJobCancelled) -> None:
        """Bring the model down as soon as AWS allows, or never start it."""
        self.reconciler.cancel(event.job_id, Deployment.wound_down)


def _is_out_of_date(event: Event, row: Deployment) -> bool:
    """Tell whether a command is for an earlier attempt's model.

    Raises:
        Retryable: it is for an attempt whose model is not known here yet.
    """
    if event.attempt > row.attempt:
        raise Retryable(f"attempt {event.attempt} of job {event.job_id} is not known here yet")
    return event.attempt < row.attempt


def build(
    settings: DeployerSettings,
    *,
    clock: Clock = utc_now,
    rekognition: "RekognitionClient | None" = None,
    ssm: "SSMClient | None" = None,
) -> Deployer:
    """Wire the service to the AWS that boto3 finds, or to the Rekognition and SSM that are given."""
    stage = DeploymentStage(
        Models(rekognition or boto3.client("rekognition", config=control_plane())),
        ModelParameters(
            ssm or boto3.client("ssm", config=data_plane()),
            settings.project_arn_parameter,
            settings.project_version_arn_parameter,
        ),
        clock,
        Patience(
            to_show=settings.to_show,
            to_run=timedelta(minutes=settings.start_deadline_minutes),
        ),
    )

    def between_looks(row: Deployment) -> timedelta:
        if row.state != "running" or row.wanted == "stopped":
            return settings.between_looks
        pause = timedelta(seconds=settings.running_check_seconds)
        return pause if row.auto_stop_at is None else min(pause, max(row.auto_stop_at - clock(), timedelta()))

    def lease(row: Deployment) -> timedelta:
        return settings.lease if row.state == "trained" else between_looks(row)

    reconciler = wire_reconciler(
        settings,
        Deployment,
        identity=Identity(Stage.DEPLOYMENT, SOURCE, run=lambda row: row.run),
        pace=Pace(between_looks=between_looks, lease=lease, deadline=lambda _: None),
        advance=stage.advance,
        clock=clock,
    )
    return Deployer(reconciler, clock)


@cache
def service() -> Deployer:
    """Wire the service once per process, at its first message."""
    return build(DeployerSettings.read(os.environ))


def on_events(batch: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take messages from the deployer's queue."""
    return consume(batch, context, service().routes)


def on_tick(_: dict[str, Any], context: LambdaContext) -> None:
    """Look at the models that change or cost money, then at who waits for a place."""
    service().reconciler.tick((MODEL, SLOT), seconds_left=seconds_left(context))
