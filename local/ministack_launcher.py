"""Starts MiniStack with fast clocks, `aws.*` events and a memory; its own environment's Python runs this.

It replaces private names of the one version that requirements/ministack.txt pins, and refuses to start when
one of them is not there, for then nobody has looked at the new version yet.

1. PutEvents accepts sources that begin with `aws.`, which only AWS may use: the simulator stands in for AWS.
2. A "minute" of a `rate()` expression lasts one second.
3. A schedule does not call a function whose last call is still running. A minute apart that hardly matters; a
   second apart each call would find the function still starting, and start one more copy of it.
4. An answer to Terraform waits a moment. Its HTTP client (Go's) takes an answer that comes before it has
   noticed that its own request is out for a broken connection, and asks again: what was made the first time
   is then in the way. A packet capture showed it once or twice in 1,600 requests; AWS is never that quick.
5. With STATE_DIR it keeps what it holds while it runs, not only when it ends: local/ministack_keeping.py.
"""

import asyncio
import importlib
import json
import os
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

VERSION = "1.5.33"
SWEEP_SECONDS = 0.25
SECONDS_PER_MINUTE = 1
SECONDS_BEFORE_TERRAFORM_HEARS = 0.025

Application = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application."""


class UnknownMiniStackError(RuntimeError):
    """This MiniStack is not the one that the changes below were written for."""


def check_version() -> None:
    """Look whether this is the MiniStack that the changes below were written for.

    Raises:
        UnknownMiniStackError: It is another.
    """
    found = version("ministack")
    if found != VERSION:
        raise UnknownMiniStackError(
            f"MiniStack is {found}; local/ministack_launcher.py was written for {VERSION}"
        )


def speed_up() -> None:
    """Change the emulator's clocks and event sources, before it starts.

    Raises:
        UnknownMiniStackError: A name is missing.
    """
    events: Any = importlib.import_module("ministack.services.eventbridge")
    scheduler: Any = importlib.import_module("ministack.services.scheduler")
    workers: Any = importlib.import_module("ministack.core.lambda_runtime")
    server: Any = importlib.import_module("ministack.app")
    put_events = _get(events, "_put_events")
    parse_rate = _get(events, "_parse_rate_seconds")
    dispatch = _get(events, "_dispatch_to_lambda")
    pools = _get(workers, "_workers")
    _get(events, "_SCHEDULER_TICK_INTERVAL")
    _get(scheduler, "_SCHEDULE_TICK_INTERVAL")

    def put_events_from_anywhere(data: Any, allow_aws_source: bool = False) -> Any:
        del allow_aws_source
        return put_events(data, True)

    def parse_fast_rate(expression: str) -> int | None:
        seconds = parse_rate(expression)
        return None if seconds is None else max(1, seconds * SECONDS_PER_MINUTE // 60)

    def dispatch_ticks_once(arn: str, payload: str) -> None:
        _, _, _, region, account, _, function = arn.split(":")[:7]
        pool = pools.get(f"{account}:{region}:{function}:$LATEST", [])
        if json.loads(payload).get("detail-type") == "Scheduled Event" and any(
            worker.in_use for worker in list(pool)
        ):
            return
        dispatch(arn, payload)

    events._put_events = put_events_from_anywhere
    events._parse_rate_seconds = parse_fast_rate
    events._dispatch_to_lambda = dispatch_ticks_once
    events._SCHEDULER_TICK_INTERVAL = SWEEP_SECONDS
    scheduler._SCHEDULE_TICK_INTERVAL = SWEEP_SECONDS
    server.app = patient_with_terraform(_get(server, "app"))


def patient_with_terraform(application: Application) -> Application:
    """Let every answer to Terraform begin a moment later than it could."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_later(message: Any) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(SECONDS_BEFORE_TERRAFORM_HEARS)
            await send(message)

        asks_terraform = b"Terraform" in dict(scope.get("headers", ())).get(b"user-agent", b"")
        await application(scope, receive, send_later if asks_terraform else send)

    return answer


def _get(module: Any, name: str) -> Any:
    try:
        return getattr(module, name)
    except AttributeError:
        raise UnknownMiniStackError(f"MiniStack has no {module.__name__}.{name} any more") from None


if __name__ == "__main__":
    check_version()
    speed_up()
    if "STATE_DIR" in os.environ:
        # Last, for a module of ours has MiniStack's name.
        sys.path.append(str(Path(__file__).resolve().parent.parent))
        importlib.import_module("local.ministack_keeping").remember(
            Path(os.environ["STATE_DIR"]), version=VERSION, get=_get
        )
    importlib.import_module("ministack.app").main()
