"""The HTTP API on its own, called as API Gateway calls it."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from contracts.envelope import Event
from runtime.answers import respond
from services.job_api.handler import JobApi, build
from services.job_api.routes import make_app
from services.job_api.settings import JobApiSettings
from tests.support.clock import ManualClock
from tests.support.context import FakeContext
from tests.support.world import BUCKET, World

ENVIRONMENT = {"PARTITION": "aws", "ACCOUNT": "123456789012", "DEFAULT_LABELS": "passport, id-card"}


@dataclass(frozen=True)
class Answer:
    """What API Gateway would send on."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


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
        return make_app(api.training_jobs, api.images, api.results, api.detecting)

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
        url = urlsplit(target)
        query: dict[str, list[str]] = {}
        for part in filter(None, url.query.split("&")):
            name, _, value = part.partition("=")
            query.setdefault(name, []).append(value)
        event = {
            "httpMethod": method,
            "path": url.path,
            "resource": url.path,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()} if headers else None,
            "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
            "multiValueQueryStringParameters": query or None,
            "body": body,
            "isBase64Encoded": base64,
            "requestContext": {"stage": "api", "requestId": "1", "path": url.path},
            "pathParameters": None,
            "stageVariables": None,
        }
        answer = respond(self.app, event, FakeContext())  # type: ignore[arg-type]
        answered = {name.lower(): values[0] for name, values in answer["multiValueHeaders"].items()}
        return Answer(answer["statusCode"], answered, answer["body"])

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


def assert_problem(answer: Answer, status: int, code: str) -> Any:
    """Check that the answer is this problem, in the one shape that problems have; give the document."""
    assert answer.status == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json
    assert document["type"] == f"urn:ekyc:problem:{code}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["instance"].startswith("/")
    assert set(document) <= {"type", "title", "status", "detail", "instance", "errors"}
    for fault in document.get("errors", []):
        assert set(fault) == {"field", "message"}
    return document
