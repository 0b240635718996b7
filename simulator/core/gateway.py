"""The one door: every AWS call comes in here, is checked, logged and answered."""

import json
import logging
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import anyio
from botocore.exceptions import BotoCoreError, ClientError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from simulator.core.calls import CallLog, shorten
from simulator.core.errors import AwsError, UnknownOperation
from simulator.core.faults import STAGE_FAULTS, Fault, Faults
from simulator.core.operations import Call, Operation, Service
from simulator.core.rates import RateLimiter
from simulator.core.validation import read_request
from simulator.core.wire import CONTENT_TYPE, Caller, caller_of, error_body, parse_body, render
from simulator.core.world import World

log = logging.getLogger(__name__)
_READING = ("Describe", "List", "Detect")

Keep = Callable[[int], Awaitable[None]]
"""Waits until a change, named by its number, cannot be lost any more."""


@dataclass
class _Visit:
    """One request on its way through; filled as far as it gets, for the log."""

    service: str = ""
    operation: str = ""
    caller: Caller = field(default_factory=lambda: Caller("", ""))
    document: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def struck_by(self, kind: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind == kind), None)


class Gateway:
    """Routes by `X-Amz-Target`, applies faults and rates, and runs operations under the lock."""

    def __init__(self, world: World, services: Iterable[Service], keep: Keep | None = None) -> None:
        self._world = world
        self._keep = keep
        self.services = tuple(services)
        self._by_prefix = {service.target_prefix: service for service in self.services}
        self._rates = RateLimiter()
        # A lock of their own: the tasks' lock can be held for longer than the event loop should wait.
        self._tallies = threading.Lock()
        self.calls = CallLog(world.options.max_calls)
        names = (name for service in self.services for name in service.operations)
        self.faults = Faults(frozenset(names))

    async def handle(self, request: Request) -> Response:
        """Answer one AWS call."""
        visit = _Visit()
        request_id = str(uuid.uuid4())
        try:
            body = await self._answer(request, visit)
            status, error_code = 200, ""
        except AwsError as error:
            body, status, error_code = error_body(error), error.status, error.code
        self._log(visit, status, error_code)
        headers = {"x-amzn-RequestId": request_id}
        if error_code:
            headers["x-amzn-ErrorType"] = error_code
        return Response(json.dumps(body), status, headers, media_type=CONTENT_TYPE)

    async def _answer(self, request: Request, visit: _Visit) -> dict[str, Any]:
        service, operation = self._route(request.headers.get("x-amz-target", ""), visit)
        visit.caller = caller_of(request.headers.get("authorization", ""))
        visit.document = parse_body(await request.body())
        with self._tallies:
            visit.faults = self.faults.strike(visit.operation)
        late = visit.struck_by("delay")
        if late is not None:
            await anyio.sleep(float(late.details.get("seconds", 1)))
        self._refuse_if_struck(service, visit)
        self._refuse_if_too_fast(service, visit)
        try:
            answer, change = await run_in_threadpool(self._run, service, operation, visit)
        except (BotoCoreError, ClientError) as error:
            # S3 or EventBridge is out of reach or refused in a way no operation foresees.
            log.exception("%s.%s: a call to AWS failed", service.name, visit.operation)
            raise service.failed(f"The simulator's own call to AWS failed: {error}") from error
        if self._keep is not None:
            await self._keep(change)
        if visit.struck_by("lost-answer"):
            raise service.failed("The call took effect, but its answer was lost (simulated fault).")
        return answer

    def _route(self, target: str, visit: _Visit) -> tuple[Service, Operation]:
        prefix, _, visit.operation = target.partition(".")
        service = self._by_prefix.get(prefix)
        if service is None:
            known = ", ".join(self._by_prefix)
            raise UnknownOperation(f"X-Amz-Target {target!r} is not simulated: it must begin with {known}.")
        visit.service = service.name
        operation = service.operations.get(visit.operation)
        if operation is None:
            known_to_aws = visit.operation in service.model.operation_names
            what = "exists on AWS but is not simulated" if known_to_aws else "does not exist"
            raise UnknownOperation(f"{service.name}: operation {visit.operation!r} {what}.")
        return service, operation

    def _refuse_if_struck(self, service: Service, visit: _Visit) -> None:
        if visit.struck_by("throttle"):
            raise service.throttled("Rate exceeded (simulated fault).")
        if visit.struck_by("error"):
            raise service.failed("The service had a problem (simulated fault).")
        if visit.struck_by("quota"):
            raise service.quota_full("The account's limit is reached (simulated fault).")

    def _refuse_if_too_fast(self, service: Service, visit: _Visit) -> None:
        rate = service.rates.get(visit.operation)
        if rate is None:
            return
        key = (visit.caller.account, visit.caller.region, visit.operation)
        per_second = rate * self._world.options.speed
        with self._tallies:
            allowed = self._rates.allow(key, per_second, self._world.clock.now())
        if not allowed:
            raise service.too_fast(f"{visit.operation}: more than {rate:g} calls per second.")

    def _run(self, service: Service, operation: Operation, visit: _Visit) -> tuple[dict[str, Any], int]:
        """Give the answer, and the number of the last change that it may tell of."""
        request = read_request(service.model.operation_model(visit.operation), visit.document)
        stages = {fault.kind: fault for fault in visit.faults if fault.kind in STAGE_FAULTS}
        with self._world.tasks.lock:
            self._world.tasks.step()
            answer = operation(Call(visit.caller, request, self._world.clock.now(), stages))
        while callable(answer):
            answer = answer()
        with self._world.tasks.lock:
            if not visit.operation.startswith(_READING):
                self._world.tasks.changes += 1
            change = self._world.tasks.changes
        self._world.tasks.wake()
        rendered: dict[str, Any] = render(answer)
        return rendered, change

    def _log(self, visit: _Visit, status: int, error: str) -> None:
        faults = ",".join(fault.kind for fault in visit.faults)
        self.calls.add(
            time=self._world.clock.now(),
            account=visit.caller.account,
            region=visit.caller.region,
            service=visit.service,
            operation=visit.operation,
            status=status,
            error=error,
            fault=faults,
            request=shorten(visit.document),
        )
        log.info("%s.%s %s %s", visit.service, visit.operation, status, error or "ok")
