"""The HTTP API on its own, called as API Gateway calls it."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from contracts.envelope import Event
from services.job_api.handler import JobApi, build
from services.job_api.routes import make_app
from services.job_api.settings import JobApiSettings
from tests.support.clock import ManualClock
from tests.support.http_face import Answer, ask
from tests.support.world import BUCKET, World

ENVIRONMENT = {"PARTITION": "aws", "ACCOUNT": "123456789012", "DEFAULT_LABELS": "passport, id-card"}


class Bench:
    """The job API with moto's AWS round it."""

    def __init__(self, world: World, clock: ManualClock) -> None:
        self.world, self.clock = world, clock
        self.api = self.process()
        self.app = self.routes_of(self.api)

    def process(self, **environment: str) -> JobApi:
        """Wire the service as another process would, with other variables perhaps."""
        settings = JobApiSettings.read(self.world.environment | ENVIRONMENT | environment)
        return build(settings, clock=self.clock)

    def routes_of(self, api: JobApi) -> APIGatewayRestResolver:
        return make_app(api.training_jobs, api.images, api.results, api.detecting, api.leads)

    def get(self, target: str, headers: dict[str, str] | None = None) -> Answer:
        return self.request("GET", target, headers=headers)

    def post(self, target: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send a body: as it stands when it is a text, else as JSON."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        return self.request("POST", target, text, headers=headers)

    def request(
        self,
        method: str,
        target: str,
        body: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        base64: bool = False,
    ) -> Answer:
        """Call the Lambda function as API Gateway would; ``target`` is the path with its query."""
        return ask(self.app, method, target, body, headers=headers, base64=base64)

    def create(self, body: Any = None) -> str:
        """Create a job; give its id."""
        answer = self.post("/api/training/create", body)
        assert answer.status == 201, answer.text
        return str(answer.json["jobId"])

    def upload(self, job_id: str, filename: str = "a.jpg") -> None:
        """Put an image where its upload URL points."""
        self.world.s3.put_object(Bucket=BUCKET, Key=f"images/{job_id}/{filename}", Body=b"x")

    def started(self, body: Any = None) -> str:
        """Create a job, give it an image and start it; give its id."""
        job_id = self.create(body)
        self.upload(job_id)
        assert self.post("/api/training/start", {"jobId": job_id}).status == 202
        self.world.published()
        return job_id

    def hear(self, *events: Event) -> None:
        """Hand over events as the queue does, one after the other."""
        for event in events:
            self.api.record(event)

    def show(self, job_id: str) -> Any:
        answer = self.get(f"/api/training/{job_id}")
        assert answer.status == 200, answer.text
        return answer.json
