"""Whether the watchers run: what no event tells is noticed by them alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cli.operations.checkup import Check

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

TURNS_MISSED = 5
"""After so many turns without a run something is wrong; the alarm counts alike."""

_RATE = re.compile(r"rate\((\d+) minutes?\)")


@dataclass(frozen=True)
class Clock:
    """A schedule, and the function of the same name that it calls."""

    function: str
    every: timedelta
    enabled: bool


@dataclass(frozen=True)
class Run:
    """What a watcher's log says of its last turns."""

    clock: Clock
    last: datetime | None
    sick_rows: int


def read_clocks(scheduler: "EventBridgeSchedulerClient", prefix: str) -> list[Clock]:
    """Name the deployment's schedules."""
    clocks = []
    for page in scheduler.get_paginator("list_schedules").paginate(NamePrefix=f"{prefix}-"):
        for schedule in page["Schedules"]:
            details = scheduler.get_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
            rate = _RATE.fullmatch(details["ScheduleExpression"])
            every = timedelta(minutes=int(rate.group(1))) if rate else timedelta(minutes=1)
            function = schedule["Target"]["Arn"].rsplit(":", 1)[-1]
            clocks.append(Clock(function, every, details["State"] == "ENABLED"))
    return clocks


def read_runs(logs: "CloudWatchLogsClient", clocks: Sequence[Clock], now: datetime) -> list[Run]:
    """Read in the logs when each watcher last came to its end.

    The logs, because the metric of the same name (runtime/observe.py) is made of them, a minute later.
    """
    return [_run(logs, clock, now) for clock in clocks]


def watcher_check(runs: Sequence[Run], prefix: str, now: datetime) -> Check:
    """Judge them."""
    findings = [finding for run in runs for finding in _findings(run, prefix)]
    if not runs:
        findings = [f"no schedule begins with {prefix}-: nothing looks at what the jobs wait for"]
    ages = [max(0.0, (now - run.last).total_seconds()) for run in runs if run.last]
    facts = [
        {
            "function": run.clock.function,
            "everyMinutes": run.clock.every.total_seconds() / 60,
            "enabled": run.clock.enabled,
            "lastRun": run.last.isoformat() if run.last else None,
            "looksFailed": run.sick_rows,
        }
        for run in runs
    ]
    latest = f", the longest ago {max(ages):.0f} s" if ages else ""
    return Check("watchers", f"{len(ages)} of {len(runs)} ran through lately{latest}", facts, (), findings)


def _findings(run: Run, prefix: str) -> list[str]:
    service = run.clock.function.removeprefix(f"{prefix}-")
    if not run.clock.enabled:
        return [f"{service}: its schedule is switched off; switch it on (terraform apply restores it)"]
    found = []
    if run.last is None:
        minutes = TURNS_MISSED * run.clock.every.total_seconds() / 60
        found.append(
            f"{service}: has not run through for {minutes:.0f} minutes; read /aws/lambda/{run.clock.function}"
        )
    if run.sick_rows:
        found.append(
            f"{service}: {run.sick_rows} looks at a job failed lately; search "
            f'/aws/lambda/{run.clock.function} for "look failed"'
        )
    return found


def _run(logs: "CloudWatchLogsClient", clock: Clock, now: datetime) -> Run:
    since = now - TURNS_MISSED * clock.every
    completed = _times(logs, clock, "TickCompleted", since)
    return Run(clock, max(completed, default=None), len(_times(logs, clock, '"look failed"', since)))


def _times(logs: "CloudWatchLogsClient", clock: Clock, pattern: str, since: datetime) -> list[datetime]:
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{clock.function}",
        filterPattern=pattern,
        startTime=int(since.timestamp() * 1000),
    )
    return [
        datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        for page in pages
        for event in page["events"]
        # LocalStack answers with every line, whatever the pattern.
        if pattern.strip('"') in event["message"]
    ]
