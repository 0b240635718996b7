"""The labelling service on its own, before a fake AWS, with a clock that the test moves."""

import io
import json
from collections.abc import Callable
from typing import Any

import boto3
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from PIL import Image

from contracts.envelope import Event
from contracts.events import TrainingJobStarted, TrainingJobStartedData
from contracts.plan import TrainingPlan
from runtime.consume import consume
from runtime.reconcile import SLOT
from services.labelling.console.face import wire_face
from services.labelling.console.routes import make_app
from services.labelling.ground_truth import STATE_CHANGE
from services.labelling.handler import LabellingService, build
from services.labelling.labelling_row import LABELLING
from services.labelling.settings import LabellingSettings
from tests.integration.labelling.fake_sagemaker import FakeSageMaker
from tests.support.builders import JOB, NOON, TRACEPARENT, a_plan
from tests.support.clock import ManualClock
from tests.support.context import FakeContext
from tests.support.world import ACCOUNT, BUCKET, REGION, World, failed_messages, sqs_batch

ENVIRONMENT = {
    "LABELLING_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/ekyc-labelling",
    "WORKTEAM_ARN": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/ekyc",
    "IMAGE_READERS": "4",
}


class Bench:
    """Labelling in one process after another; ``restart`` begins the next."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world, self.clock = world, clock
        self.s3 = world.s3
        self.sagemaker = FakeSageMaker()
        self.environment = {**world.environment, **ENVIRONMENT}
        self.service = self.another()

    def another(self, *, region: str = REGION, s3: Any = None) -> LabellingService:
        """Wire a second process beside the first."""
        sagemaker = boto3.client("sagemaker", region_name=region)
        self.sagemaker.attach(sagemaker.meta.events)
        settings = LabellingSettings.read(self.environment)
        return build(settings, clock=self.clock, s3=s3, sagemaker=sagemaker)

    def restart(self, *, region: str = REGION, **environment: str) -> None:
        """Begin anew with nothing in memory, and perhaps another environment."""
        self.environment.update(environment)
        self.service = self.another(region=region)

    def intercept(self, operation: str, act: Callable[..., Any], *, moment: str = "before-call") -> None:
        """Have something done before (or after) each of the service's S3 calls, or an answer replaced."""
        s3 = boto3.client("s3")
        s3.meta.events.register(f"{moment}.s3.{operation}", act)
        self.service = self.another(s3=s3)

    def upload(self, images: dict[str, bytes], *, job_id: str = JOB) -> None:
        for name, content in images.items():
            self.s3.put_object(Bucket=BUCKET, Key=f"images/{job_id}/{name}", Body=content)

    def face(self, rekognition: Any = None) -> APIGatewayRestResolver:
        """Wire the HTTP face as another process would."""
        settings = LabellingSettings.read(self.environment)
        return make_app(wire_face(settings, clock=self.clock, rekognition=rekognition))

    def start(self, job_id: str = JOB, *, attempt: int = 1, plan: TrainingPlan | None = None) -> list[str]:
        """Deliver TrainingJobStarted; give the messages that go back to the queue."""
        return self.deliver(training_job_started(job_id, attempt=attempt, plan=plan))

    def notice(self, labelling_job_arn: str) -> list[str]:
        """Deliver EventBridge's word that a labelling job has ended."""
        return self.deliver(
            {
                "version": "0",
                "id": "7bf73129-1428-4cd3-a780-95db273d1602",
                "detail-type": STATE_CHANGE,
                "source": "aws.sagemaker",
                "account": ACCOUNT,
                "time": "2026-11-22T12:00:00Z",
                "region": REGION,
                "resources": [labelling_job_arn],
                "detail": {"LabelingJobStatus": "Completed"},
            }
        )

    def deliver(self, body: Event | dict[str, Any]) -> list[str]:
        service = self.service
        return failed_messages(
            consume(sqs_batch(body), FakeContext(), service.routes, service.notices)  # type: ignore[arg-type] # as much of a context as is used
        )

    def tick(self, **later: float) -> None:
        """Let the time of the next tick come: a minute later, unless told otherwise."""
        self.clock.advance(**(later or {"minutes": 1}))
        self.service.reconciler.tick((LABELLING, SLOT), seconds_left=lambda: 600)

    def text(self, name: str, *, job_id: str = JOB, attempt: int = 1) -> str:
        """Read a file that labelling wrote."""
        found = self.s3.get_object(Bucket=BUCKET, Key=f"labelling/{job_id}/{attempt}/{name}")
        return found["Body"].read().decode()

    def lines(self, name: str, *, job_id: str = JOB) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(name, job_id=job_id).splitlines()]

    def files(self, *, job_id: str = JOB) -> list[str]:
        """Name the files that labelling wrote."""
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"labelling/{job_id}/")
        return [item["Key"].split("/", 2)[2] for item in found.get("Contents", [])]


def training_job_started(
    job_id: str = JOB, *, attempt: int = 1, plan: TrainingPlan | None = None
) -> TrainingJobStarted:
    data = TrainingJobStartedData(plan=plan or a_plan(), images=f"s3://{BUCKET}/images/{job_id}/")
    return TrainingJobStarted.about(job_id, attempt, data, time=NOON, traceparent=TRACEPARENT)


def jpeg(width: int = 640, height: int = 480, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height)).save(stream, "JPEG", **options)
    return stream.getvalue()


def source_ref(name: str, job_id: str = JOB) -> dict[str, str]:
    return {"source-ref": f"s3://{BUCKET}/images/{job_id}/{name}"}
