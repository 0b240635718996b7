"""The wire between the handlers and AWS: counts every call, carries it, breaks it off where it is told to.

boto3 stays boto3, its retries included. Requests to SageMaker and Rekognition go to the simulator's
application, all others to moto.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from io import BytesIO
from typing import Any

import boto3
import botocore.endpoint
import pytest
from anyio.from_thread import start_blocking_portal
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from botocore.session import get_session
from moto.core.models import botocore_stubber
from starlette.types import ASGIApp, Message

from tests.support.world import ACCOUNT, CREDENTIALS

SIMULATED = frozenset({"sagemaker", "rekognition"})


class Fault(StrEnum):
    """What happens to a call."""

    DIES_BEFORE = "dies before"
    """The process dies before the call takes effect."""

    DIES_AFTER = "dies after"
    """The call takes effect and the process dies before it has the answer."""

    UNREACHABLE = "unreachable"
    """The call takes no effect, nor do boto3's repeats of it."""

    ANSWER_LOST = "answer lost"
    """The call takes effect, its answer is lost, and boto3's repeat is answered."""

    CUT_OFF = "cut off"
    """The call takes effect, its answer is lost, and boto3's repeats do not arrive."""

    THROTTLED = "throttled"
    """AWS refuses the call and boto3's repeats: too many of them."""

    BROKEN = "broken"
    """AWS answers the call and boto3's repeats with a 500, without effect."""


DEATHS = (Fault.DIES_BEFORE, Fault.DIES_AFTER)
TROUBLES = (Fault.UNREACHABLE, Fault.ANSWER_LOST, Fault.CUT_OFF)


class ProcessDied(BaseException):
    """What ends a process; nothing catches it."""


class _DyingError(Exception):
    """What the call at which the process dies raises.

    An ordinary exception, because boto3's file transfer hangs when anything else passes through it. A process
    that catches this gets nothing done any more: its next call raises ``ProcessDied``.
    """


@dataclass(frozen=True)
class Call:
    """An AWS call: the how-manieth, by which function, of what."""

    number: int
    function: str
    service: str
    operation: str

    def __str__(self) -> str:
        return f"#{self.number} {self.function} {self.service}:{self.operation}"


Strike = Callable[[Call], Fault | None]
"""Decides what happens to a call."""


def nothing_fails(_: Call) -> None:
    """Let every call be."""


class Wire:
    """Carries the calls of one function's process at a time.

    Attributes:
        calls: every call so far.
        strike: decides about the next ones.
        pass_time: is told how long each request took.
    """

    def __init__(self, clients: "Clients") -> None:
        self.calls: list[Call] = []
        self.strike: Strike = nothing_fails
        self.pass_time: Callable[[timedelta], None] = lambda _: None
        self.simulator: ASGIApp | None = None
        self._function = ""
        self._died = False
        self._under_way = threading.local()
        self._clients = clients
        clients.wire = self

    @contextmanager
    def process(self, function: str) -> Iterator[None]:
        """Say whose calls the next ones are; another process may come in between.

        Raises:
            ProcessDied: the process died at one of them, whether or not its code noticed.
        """
        outer = self._function, self._died
        self._function, self._died = function, False
        try:
            yield
        except Exception:
            if not self._died:
                raise
        finally:
            died = self._died
            self._function, self._died = outer
        if died:
            raise ProcessDied(function)

    def begin(self, service: str, operation: str) -> None:
        """Note a call; its repeats belong to it."""
        if self._died:
            raise ProcessDied(self._function)
        call = Call(len(self.calls) + 1, self._function, service, operation)
        self.calls.append(call)
        fault = self.strike(call)  # which may let another process make calls of its own
        self._under_way.fault, self._under_way.requests = fault, 0

    def carry(self, request: Any, service: str, send: Callable[[], Any]) -> Any:
        """Carry a request of the call under way, or break it off."""
        fault: Fault | None = self._under_way.fault
        self._under_way.requests += 1
        self.pass_time(timedelta(milliseconds=20))
        if fault is None or (fault is Fault.ANSWER_LOST and self._under_way.requests > 1):
            return send()
        takes_effect = fault in {Fault.DIES_AFTER, Fault.ANSWER_LOST, Fault.CUT_OFF}
        if takes_effect and self._under_way.requests == 1:
            send()
        match fault:
            case Fault.DIES_BEFORE | Fault.DIES_AFTER:
                self._died = True
                raise _DyingError(f"{self._function} dies here")
            case Fault.UNREACHABLE:
                raise ConnectTimeoutError(endpoint_url=request.url)
            case Fault.ANSWER_LOST | Fault.CUT_OFF:
                raise ReadTimeoutError(endpoint_url=request.url)
            case Fault.THROTTLED:
                return _refusal(request, service, 400, "ThrottlingException")
            case Fault.BROKEN:
                return _refusal(request, service, 500, "InternalServerError")


class Clients:
    """Stands in for boto3's default session: makes each client once, and lays its requests on the wire.

    Making a client takes longer than ten of its calls, and a client has no memory of what it was used for.
    Without a wire they talk to moto, and nobody counts.
    """

    def __init__(self) -> None:
        session: Any = get_session()  # the stubs know neither moto's handler nor ours
        session.unregister("before-send", botocore_stubber)
        session.register("before-call", self._before_call)
        session.register("before-send", self._before_send)
        self._session = boto3.Session(botocore_session=session)
        self._made: dict[tuple[str, str], Any] = {}
        self._stack = ExitStack()
        self._portal = self._stack.enter_context(start_blocking_portal())
        self.wire: Wire | None = None

    def client(self, name: str, *, config: Any = None) -> Any:
        """Give the client of a service, as ``boto3.client`` does."""
        options = (
            "" if config is None else repr(sorted(vars(config)["_user_provided_options"].items(), key=str))
        )
        key = (name, options)
        if key not in self._made:
            self._made[key] = self._session.client(
                name,  # type: ignore[call-overload]  # the name is not a literal here
                config=config,
            )
        return self._made[key]

    def close(self) -> None:
        """End the thread in which the simulator answers."""
        self._stack.close()

    def _before_call(self, model: Any, **_: Any) -> None:
        if self.wire is not None:
            self.wire.begin(model.service_model.service_name, model.name)

    def _before_send(self, event_name: str, request: Any, **_: Any) -> Any:
        wire, service = self.wire, event_name.split(".")[1]
        if wire is None:
            return botocore_stubber(event_name, request)
        if service not in SIMULATED:
            return wire.carry(request, service, lambda: botocore_stubber(event_name, request))
        app = wire.simulator
        assert app is not None
        return wire.carry(request, service, lambda: self._portal.call(_ask, app, request))


class _Body(BytesIO):
    """An answer's body as urllib3 would give it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


async def _ask(app: ASGIApp, request: Any) -> AWSResponse:
    """Put a request to an application as its server would."""
    scope = {
        "type": "http",
        "method": request.method,
        "path": "/",
        "query_string": b"",
        "headers": [(k.lower().encode(), _bytes(v)) for k, v in request.headers.items()],
    }
    status, headers, body = 0, HTTPHeaders(), b""

    async def receive() -> Message:
        return {"type": "http.request", "body": _bytes(request.body or b""), "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers, body
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = HTTPHeaders.from_pairs((k.decode(), v.decode()) for k, v in message["headers"])
        else:
            body += message.get("body", b"")

    await app(scope, receive, send)
    return AWSResponse(request.url, status, headers, _Body(body))


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _refusal(request: Any, service: str, status: int, code: str) -> AWSResponse:
    """Give the answer of a service that does not do it just now, in the form that the service uses."""
    if service == "s3":
        status, code = (503, "SlowDown") if status == 400 else (status, "InternalError")
        body = f"<Error><Code>{code}</Code><Message>pretended</Message></Error>"
    elif service == "sns":
        body = (
            f"<ErrorResponse><Error><Code>{code}</Code><Message>pretended</Message></Error></ErrorResponse>"
        )
    else:
        body = json.dumps({"__type": code, "message": "pretended"})
    return AWSResponse(request.url, status, HTTPHeaders(), _Body(body.encode()))


class _NoTime:
    """``time`` for botocore, whose pauses between its repeats need not be waited for."""

    @staticmethod
    def sleep(_: float) -> None:
        """Pass at once."""


@contextmanager
def wired(clients: Clients) -> Iterator[None]:
    """Let every boto3 client that is made meanwhile be one of these."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        # Twelve digits, for the simulator reads the account from the key.
        for name, value in (CREDENTIALS | {"AWS_ACCESS_KEY_ID": ACCOUNT}).items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", clients)
        patch.setattr(botocore.endpoint, "time", _NoTime)
        yield
