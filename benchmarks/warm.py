"""One event through a warm handler, in a process of its own: ``benchmarks.warm SERVICE PAIRS EVENTS``.

What the process prints are the calls to AWS and the seconds of processor, as JSON. Logs go nowhere, at the
price that they have where they go somewhere.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import boto3
from botocore import xform_name
from botocore.model import OperationModel

from contracts.envelope import Event
from contracts.events import StageFailed, event_type
from runtime.publish import OutgoingEvent
from tests.support import events
from tests.support.builders import dataset_ready, model_trained
from tests.support.context import FakeContext

EVENTS: dict[str, Callable[[], Event]] = {
    "dataset": events.labelling_completed,
    "deployer": model_trained,
    "job-api": events.training_started,
    "labelling": events.job_started,
    "trainer": dataset_ready,
}
"""What a service is sent: the event with which a job comes to it; job-api is sent one that it records."""


@dataclass(frozen=True)
class Call:
    """A call to AWS."""

    service: str
    operation: str
    arguments: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.service}:{self.operation}"


@dataclass
class Found:
    """What a service's handlers need for one event and for an idle tick.

    Attributes:
        calls: Of the event.
        tick_calls: Of a tick with nothing to do.
        ours: Seconds of processor for an event, of each pair.
        bare: The same for parsing it, one conditional write and one publish.
        same: The same for parsing it and making the handler's own calls.
    """

    calls: list[str] = field(default_factory=list)
    tick_calls: list[str] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    same: list[float] = field(default_factory=list)


class _Calls:
    """The calls that clients of the default session make."""

    def __init__(self) -> None:
        self._calls: list[Call] | None = None
        boto3.setup_default_session()
        session = boto3.DEFAULT_SESSION
        assert session is not None  # noqa: S101 - it was just made
        session.events.register("provide-client-params", self._note)

    def of(self, work: Callable[[], object]) -> list[Call]:
        """Do something and give the calls that it makes."""
        calls: list[Call] = []
        self._calls = calls
        work()
        self._calls = None
        return calls

    def _note(self, params: dict[str, Any], model: OperationModel, **_: Any) -> None:
        if self._calls is not None:
            kept = {name: _kept(value) for name, value in params.items()}
            self._calls.append(Call(model.service_model.service_name, model.name, kept))


def _kept(value: Any) -> Any:
    """Keep an argument as it is, and of a file its content."""
    if not hasattr(value, "read"):
        return value
    content = value.read()
    value.seek(0)
    return content


class _Bare:
    """The same with boto3 and nothing else."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._dynamodb = boto3.client("dynamodb")
        self._sns = boto3.client("sns")
        self._clients: dict[str, Any] = {"dynamodb": self._dynamodb, "sns": self._sns}

    def least(self) -> None:
        """Parse the event, write a row that was not there, publish."""
        event = json.loads(self._body)
        self._dynamodb.put_item(
            TableName=os.environ["TABLE_NAME"],
            Item={"job_id": {"S": event["subject"]}, "body": {"S": self._body}},
            ConditionExpression="attribute_not_exists(job_id)",
        )
        self._sns.publish(
            TopicArn=os.environ["TOPIC_ARN"],
            Message=self._body,
            MessageAttributes={"type": {"DataType": "String", "StringValue": event["type"]}},
        )

    def again(self, calls: list[Call]) -> None:
        """Parse the event and make calls that were made before."""
        json.loads(self._body)
        for call in calls:
            if call.service not in self._clients:
                self._clients[call.service] = boto3.client(call.service)  # type: ignore[call-overload]
            answer = getattr(self._clients[call.service], xform_name(call.operation))(**call.arguments)
            if "Body" in answer:
                answer["Body"].read()


def measure(service: str, pairs: int, batch: int) -> Found:
    """Send a service's handler an event again and again; two rounds before warm it up.

    With no pairs only the calls of a tick are counted.
    """
    calls = _Calls()
    handler = importlib.import_module(f"services.{service.replace('-', '_')}.handler")
    context = FakeContext()
    found = Found()
    if hasattr(handler, "on_tick"):
        handler.on_tick({}, context)
        found.tick_calls = [str(call) for call in calls.of(lambda: handler.on_tick({}, context))]
    if service not in EVENTS or not pairs:
        return found
    body = OutgoingEvent.of(EVENTS[service]()).body
    bare = _Bare(body)

    def ours() -> None:
        answer = handler.on_events(_message(body), context)
        assert not answer["batchItemFailures"], answer  # noqa: S101 - it would be another thing that is measured

    ours()
    made = calls.of(ours)
    said = [call.arguments["MessageAttributes"]["type"] for call in made if call.operation == "Publish"]
    if any(type_["StringValue"] == event_type(StageFailed) for type_ in said):
        raise RuntimeError(
            f"{service} has nothing but a failure to tell: this is not the work to be measured"
        )
    found.calls = [str(call) for call in made]
    works = ((found.ours, ours), (found.bare, bare.least), (found.same, lambda: bare.again(made)))
    for turn in range(pairs + 2):
        for seconds, work in works if turn % 2 else reversed(works):
            seconds.append(_seconds_each(work, batch))
    for seconds, _ in works:
        del seconds[:2]
    return found


def _seconds_each(work: Callable[[], None], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def _message(body: str) -> dict[str, Any]:
    record = {
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:ekyc",
        "awsRegion": "eu-west-1",
    }
    return {"Records": [record]}


@contextmanager
def _without_logs() -> Iterator[IO[str]]:
    """Let everything that is printed go nowhere; give where it went before."""
    told = os.fdopen(os.dup(1), "w")
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    yield told
    told.flush()


if __name__ == "__main__":
    with _without_logs() as told:
        told.write(json.dumps(asdict(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
