"""A service's HTTP face, called as API Gateway calls it."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from runtime.answers import respond
from tests.support.context import FakeContext


@dataclass(frozen=True)
class Answer:
    """What API Gateway would send on."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def ask(
    app: APIGatewayRestResolver,
    method: str,
    target: str,
    body: str | None = None,
    *,
    headers: dict[str, str] | None = None,
    base64: bool = False,
    context: dict[str, Any] | None = None,
) -> Answer:
    """Call the Lambda function; ``target`` is the path with its query, ``context`` says who has signed in."""
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
        "requestContext": {"stage": "api", "requestId": "1", "path": url.path, **(context or {})},
        "pathParameters": None,
        "stageVariables": None,
    }
    answer = respond(app, event, FakeContext())  # type: ignore[arg-type] # as much of a context as is used
    answered = {name.lower(): values[0] for name, values in answer["multiValueHeaders"].items()}
    return Answer(answer["statusCode"], answered, answer["body"])


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
