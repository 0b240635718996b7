"""The whole pipeline in one process: Lambda's part is played here, the handlers are the real ones.

Time stands still while there is something to do, and then jumps to the next thing that can happen. An idle
tick is one empty query per index partition; those are left out.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local.resources import Function, Subscription, Table
from runtime.clock import Clock
from runtime.errors import Retryable
from tests.faults.account import Account
from tests.faults.observer import Observer
from tests.faults.processes import Activate, start_process
from tests.faults.queues import Message, Queue
from tests.faults.wire import ProcessDied
from tests.support.context import FakeContext
from tests.support.world import REGION, sqs_batch

TICK = timedelta(minutes=1)
_EPOCH = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
_MOST_MOMENTS = 600
"""A day of a model that runs and is looked at every five minutes has 288."""


class Stuck(AssertionError):
    """Nothing more will happen by itself, and what was waited for has not."""


@dataclass(frozen=True)
class Answer:
    """What the user of the API gets."""

    status: int
    json: Any


class Pipeline:
    """The functions, the queues before them, and the clock.

    Attributes:
        api: the name of the function that the jobs' users talk to.
        skews: how much a function's clock is ahead of the true time.
        failures: activations that ended in an error which passes by itself; any other error comes out.
    """

    def __init__(self, account: Account, skews: dict[str, timedelta] | None = None) -> None:
        self.account = account
        self.clock = account.clock
        self.wire = account.wire
        self.skews = skews or {}
        self.failures: list[str] = []
        resources = account.resources
        self.functions: dict[str, Function] = {function.name: function for function in resources.functions}
        self.queues = {
            queue.arn: Queue(
                self.clock,
                timedelta(seconds=int(queue.attributes["VisibilityTimeout"])),
                int(str(queue.redrive["maxReceiveCount"])),
            )
            for queue in resources.queues
            if queue.redrive is not None
        }
        self.mappings = {mapping.queue: mapping for mapping in resources.mappings}
        self.tick_functions = [schedule.name for schedule in resources.schedules]
        self.api = self.function_of("POST", "/api/training/create")
        self.observer = Observer(
            account.uncounted,
            self.functions[self.api].handler,
            self._environment(self.api),
            self.service_clock("observer"),
        )
        self._processes: dict[str, Activate] = {}
        self._ticked: dict[str, datetime] = {}

    # ---- what happens once

    def request(self, method: str, target: str, body: Any = None, **headers: str) -> Answer | None:
        """Bring a request to the API; ``None`` when its process died and nobody answered."""
        url = urlsplit(target)
        query = dict(parse_qsl(url.query))
        event = {
            "httpMethod": method,
            "path": url.path,
            "resource": url.path,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "queryStringParameters": query or None,
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} or None,
            "requestContext": {"stage": "api", "requestId": "1", "path": url.path},
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = self._activate(self.function_of(method, url.path), event)
        if answer is None:
            return None
        return Answer(answer["statusCode"], json.loads(answer["body"]) if answer["body"] else None)

    def function_of(self, method: str, path: str) -> str:
        """Name the function that answers a request."""
        return next(
            route.function
            for route in self.account.resources.api.routes
            if route.method == method and re.fullmatch(re.sub("{[^}]+}", "[^/]+", route.path), path)
        )

    def deliver(self, queue_arn: str, messages: list[Message]) -> None:
        """Bring messages to the function that reads their queue, and delete what it has dealt with."""
        batch = sqs_batch(*(message.body for message in messages))
        for record, message in zip(batch["Records"], messages, strict=True):
            record["attributes"]["ApproximateReceiveCount"] = str(message.receives)
        answer = self._activate(self.mappings[queue_arn].function, batch)
        if answer is None:
            return
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        for number, message in enumerate(messages):
            if f"m{number}" not in failed:
                self.queues[queue_arn].delete(message)

    def tick(self, function: str) -> None:
        """Let the clock call a function."""
        self._activate(function, {})

    def redeploy(self, *functions: str) -> None:
        """Throw away the processes of these functions, or of all."""
        for name in functions or tuple(self._processes):
            self._processes.pop(name, None)

    # ---- what happens by itself

    def run_until(self, reached: Callable[[], bool]) -> None:
        """Let everything happen in its time until a condition is true.

        Raises:
            Stuck: nothing is left that could make it true.
        """
        for _ in range(_MOST_MOMENTS):
            self.deliver_all()
            if reached():
                return
            moment = self.next_moment()
            if moment is None:
                break
            self.move_to(moment)
            self.tick_all_due()
        raise Stuck(self.describe())

    def deliver_all(self) -> None:
        """Deliver until no message is visible."""
        while sum(self._deliver_batch(arn) for arn in self.queues):
            pass

    def next_moment(self) -> datetime | None:
        """Say when the next thing happens: a message comes back, a tick finds something, AWS is done."""
        moments = [queue.next_visible() for queue in self.queues.values()]
        moments += [self._next_tick(table) for table in self.account.resources.tables]
        moments.append(self.account.next_end())
        return min((moment for moment in moments if moment is not None), default=None)

    def move_to(self, moment: datetime) -> None:
        """Let time pass, and AWS do what is due."""
        seconds = (moment - self.clock.now()).total_seconds()
        self.clock.advance(max(seconds, 0))
        self.account.simulator.world.tasks.step()
        self._collect()

    def tick_all_due(self) -> None:
        """Tick, once a minute, the functions whose table has something for them."""
        now = self.clock.now()
        for table in self.account.resources.tables:
            moment = self._next_tick(table)
            if moment is None or moment > now:
                continue
            for name in self._tickers(table):
                self._ticked[name] = moment
                self.tick(name)

    def is_quiet(self) -> bool:
        """Tell whether nothing is under way but models that run."""
        if self.account.next_end() is not None or any(queue.messages for queue in self.queues.values()):
            return False
        return all(
            self._only_watches(table.name, row)
            for table in self.account.resources.tables
            for row in self.account.in_index(table)
        )

    def describe(self) -> str:
        """Say what stands where, for the message of a failure."""
        lines = [f"at {self.clock.now():%d %H:%M:%S}"]
        for table in self.account.resources.tables:
            lines += [f"index of {table.name}: {row}" for row in self.account.in_index(table)]
        for arn, queue in self.queues.items():
            lines += [f"queue {arn}: {m.receives}x {m.body[:300]}" for m in queue.messages]
            lines += [f"dead in {arn}: {m.body[:300]}" for m in queue.dead]
        lines += [f"call {call}" for call in self.wire.calls[-30:]]
        return "\n".join(lines)

    def service_clock(self, function: str) -> Clock:
        """Give the time as a function's machine has it."""
        return lambda: self.clock.now() + self.skews.get(function, timedelta())

    # ---- how

    def _only_watches(self, table: str, row: dict[str, str]) -> bool:
        if row.get("waiting") != "model":
            return False
        deployment = self.account.row(table, row["job_id"])
        return bool(deployment["state"] == deployment["wanted"] == "running")

    def _activate(self, name: str, event: dict[str, Any]) -> Any:
        function = self.functions[name]
        try:
            with self.wire.process(name):
                if name not in self._processes:
                    environment, clock = self._environment(name), self.service_clock(name)
                    self._processes[name] = start_process(function.handler, environment, clock)
                return self._processes[name](event, FakeContext(function_name=name))
        except ProcessDied:
            self.redeploy(name)
            return None
        except Retryable as trouble:
            # Lambda counts an error and keeps the process; a tick that fails leaves its work to the next one.
            self.failures.append(f"{name}: {trouble}")
            return None
        finally:
            self._collect()

    def _environment(self, function: str) -> dict[str, str]:
        # One reader of images gives the calls an order; few looks at what runs make the days short.
        chosen = {"AWS_REGION": REGION, "IMAGE_READERS": "1", "RUNNING_CHECK_SECONDS": "3600"}
        return self.functions[function].environment | chosen

    def _collect(self) -> None:
        """Bring what was published to the queues that subscribe to it, and AWS's notices to theirs."""
        for type_, body in self.account.take_published():
            for subscription in self.account.resources.subscriptions:
                if type_ in subscription.types:
                    self.on_event(subscription, body)
        for notice in self.account.take_notices():
            for rule in self.account.resources.rules:
                if notice["detail-type"] in rule.pattern["detail-type"]:  # type: ignore[operator]  # any JSON
                    self.on_notice(rule.target, json.dumps(notice))

    def on_event(self, subscription: Subscription, body: str) -> None:
        """Bring an event to a queue."""
        self.queues[subscription.queue].send(body)

    def on_notice(self, queue: str, body: str) -> None:
        """Bring a notice to a queue."""
        self.queues[queue].send(body)

    def _deliver_batch(self, arn: str) -> bool:
        messages = self.queues[arn].receive(self.mappings[arn].batch_size)
        if messages:
            self.deliver(arn, messages)
        return bool(messages)

    def _tickers(self, table: Table) -> list[str]:
        return [
            n for n in self.tick_functions if self.functions[n].environment.get("TABLE_NAME") == table.name
        ]

    def _next_tick(self, table: Table) -> datetime | None:
        rows = self.account.in_index(table)
        if not rows:
            return None
        due = min(_due(row) for row in rows)
        last = max((self._ticked.get(name, _EPOCH) for name in self._tickers(table)), default=_EPOCH)
        return max(_at_or_after(due), last + TICK)


def _due(row: dict[str, str]) -> datetime:
    """Say from when on a tick would do something about a row."""
    if "queued_at" in row:  # a command of the job API
        return datetime.fromisoformat(row["queued_at"]) + timedelta(seconds=10)
    return _EPOCH if row["due"] == "0" else datetime.fromisoformat(row["due"])


def _at_or_after(moment: datetime) -> datetime:
    """Give the first tick that is not before a moment."""
    return _EPOCH + TICK * -floor((_EPOCH - moment) / TICK)
