"""The job API's Lambda entry points."""

import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from contracts.envelope import Event
from contracts.events import (
    DatasetCreationStarted,
    DatasetReady,
    LabellingCompleted,
    LabellingStarted,
    LabellingStopped,
    ModelDeployed,
    ModelDeploymentStarted,
    ModelDiscarded,
    ModelRejected,
    ModelStopped,
    ModelTrained,
    ModelTrainingStarted,
    StageFailed,
    StageParked,
)
from contracts.names import leads_group
from runtime.clients import data_plane, inference, storage
from runtime.clock import Clock, utc_now
from runtime.consume import Routes, consume
from runtime.observe import count, get_logger
from runtime.publish import Publisher
from services.job_api.detection import Detecting
from services.job_api.image_names import ImageNames
from services.job_api.image_urls import ImageUrls
from services.job_api.jobs_table import JobsTable
from services.job_api.outbox import Outbox
from services.job_api.projection import move_of
from services.job_api.results import Results
from services.job_api.settings import JobApiSettings
from services.job_api.training_jobs import TrainingJobs
from services.job_api.uploads import LOOKS_AT_ONCE, Uploads

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver

LEFT_BEHIND = timedelta(seconds=10)
"""A command still in the outbox after this was left there by a process that died."""


@dataclass(frozen=True)
class JobApi:
    """The service, wired; ``leads`` is the Cognito group whose members may change something."""

    training_jobs: TrainingJobs
    images: ImageUrls
    results: Results
    detecting: Detecting
    leads: str
    clock: Clock

    @property
    def routes(self) -> Routes:
        """What it does about each event: all of them tell how a job gets on."""
        return dict.fromkeys(
            (
                LabellingStarted,
                LabellingStopped,
                LabellingCompleted,
                DatasetCreationStarted,
                DatasetReady,
                ModelTrainingStarted,
                ModelTrained,
                ModelDiscarded,
                ModelRejected,
                ModelDeploymentStarted,
                ModelDeployed,
                ModelStopped,
                StageParked,
                StageFailed,
            ),
            self.record,
        )

    def record(self, event: Event) -> None:
        """Add an event to its job."""
        self.training_jobs.jobs.record(event, move_of(event), self.clock())


def build(settings: JobApiSettings, *, clock: Clock = utc_now) -> JobApi:
    """Wire the service to the AWS that boto3 finds."""
    dynamodb = boto3.client("dynamodb", config=data_plane())
    publisher = Publisher(boto3.client("sns", config=data_plane()), settings.topic_arn)
    s3 = boto3.client("s3", config=storage(connections=LOOKS_AT_ONCE))
    uploads = Uploads(
        s3,
        settings.bucket,
        clock,
        timedelta(seconds=settings.upload_url_seconds),
    )
    training_jobs = TrainingJobs(
        settings,
        JobsTable(dynamodb, settings.table_name),
        Outbox(dynamodb, settings.table_name, publisher),
        uploads,
        clock,
    )
    images = ImageUrls(training_jobs.require, ImageNames(dynamodb, settings.table_name), uploads)
    results = Results(
        training_jobs.require, s3, settings.bucket, timedelta(seconds=settings.image_url_seconds)
    )
    detecting = Detecting(training_jobs.require, boto3.client("rekognition", config=inference()))
    return JobApi(training_jobs, images, results, detecting, leads_group(settings.name_prefix), clock)


@cache
def service() -> JobApi:
    """Wire the service once per process, at its first message."""
    return build(JobApiSettings.read(os.environ))


@cache
def app() -> "APIGatewayRestResolver":
    """Make the routes once per process, at its first request."""
    # Imported late: the events and the tick do without the resolver, and it takes long to import.
    from services.job_api.routes import make_app

    api = service()
    return make_app(api.training_jobs, api.images, api.results, api.detecting, api.leads)


def on_request(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request."""
    from runtime.answers import respond

    return respond(app(), event, context)


def on_events(batch: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Take messages from the job API's queue."""
    return consume(batch, context, service().routes)


def on_tick(_: dict[str, Any], __: LambdaContext) -> None:
    """Publish the commands that a dying process left unpublished."""
    api = service()
    sent = api.training_jobs.outbox.send_older_than(api.clock() - LEFT_BEHIND)
    get_logger().info("outbox looked through", sent=sent)
    count("TickCompleted")
