"""Ten, a hundred, a thousand jobs in flight: what each of them costs."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import boto3
import httpx

from benchmarks.as_function import run_as
from benchmarks.bare import Bare, deploy_bare
from benchmarks.figures import Figure, Row
from benchmarks.in_flight import start_jobs
from benchmarks.pairs import Pair, cpu_seconds, interleaved, wall_seconds
from benchmarks.stack import Clients
from benchmarks.surroundings import Surroundings
from runtime.clients import data_plane
from runtime.clock import utc_now
from tests.e2e.pipeline import Pipeline

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

_TICK = "ekyc-labelling-tick"
_AN_HOUR = "3600"
_BARE_CALLS = 15
_WARM_UP = 2
_MISSED = (
    "Batches are measured one after another, not in turn, for jobs in flight cannot be taken back: what "
    "else the machine did meanwhile is in it, though each is held against bare calls of that time. A tick "
    "reads the index page by page and makes the same calls for each job, whatever their number."
)
_SECONDS = 900
_PARTITIONS = ("labelling", "slot")


@dataclass(frozen=True)
class Ticks:
    """Ticks over so many jobs: CPU seconds for a job, ours beside the bare calls; the peak in MB."""

    jobs: int
    pairs: list[Pair]
    peak: float


class Flight:
    """Jobs that wait for their labels.

    Attributes:
        taken: What each batch took to come there, for a job, beside a bare HTTP call of the same stack.
    """

    def __init__(self, pipeline: Pipeline, clients: Clients, bare: Bare) -> None:
        self.taken: list[float] = []
        self._pipeline = pipeline
        self._clients = clients
        self._bare = bare
        self._jobs = 0
        self._hours = 1

    def grow(self, until: int, batch: int) -> None:
        """Start jobs in batches until so many are in flight."""
        while self._jobs < until:
            before, began = self._bare_seconds(), time.perf_counter()
            self._jobs += len(start_jobs(self._pipeline, self._clients, batch))
            seconds = (time.perf_counter() - began) / batch
            self.taken.append(2 * seconds / (before + self._bare_seconds()))

    def ticks(self, pairs: int) -> Ticks:
        """Look at all of them as a tick does, some times, each an hour later."""
        found = run_as(self._clients, _TICK, __name__, str(self._hours), str(pairs))
        self._hours = found["hours"]
        per_job = [Pair(ours / self._jobs, baseline / self._jobs) for ours, baseline in found["pairs"]]
        return Ticks(self._jobs, per_job, found["peak"])

    def _bare_seconds(self) -> float:
        call = wall_seconds(lambda: self._pipeline.http.get(f"{self._bare.api}/bare/jobs").raise_for_status())
        return median(call() for _ in range(_BARE_CALLS))


def measure(given: Surroundings) -> Iterator[Figure]:
    """Have ever more jobs in labelling, whom the stack's own ticks leave alone, and tick over them."""
    few, some, many = given.effort.choose((10, 100, 1_000), (4, 12, 24))
    stack, ticks = given.stack(), []
    clients = Clients(stack)
    with (
        clients.configured(_TICK, CHECK_EVERY_SECONDS=_AN_HOUR),
        clients.configured("ekyc-labelling-events", CHECK_EVERY_SECONDS=_AN_HOUR),
        httpx.Client(timeout=60) as http,
    ):
        flight = Flight(Pipeline(stack, http), clients, deploy_bare(stack))
        for size, pairs in ((few, 15), (some, 7), (many, 5)):
            flight.grow(size, few)
            ticks.append(flight.ticks(pairs))
            yield Figure.ratio(f"a tick over {size:,} jobs, CPU for a job", ticks[-1].pairs, aim=None)
    for larger in ticks[1:]:
        yield from growth(ticks[0], larger)
    # The first batches start the functions that take the events.
    early, late = flight.taken[_WARM_UP : some // few], flight.taken[some // few :]
    yield Figure.ratio(
        f"taking a job up, while {some:,} to {many:,} are in flight against fewer",
        [Pair(ours=taken, baseline=median(early)) for taken in late],
        aim=1.2,
        of="bare calls",
        missed=_MISSED,
        note=f"In batches of {few}.",
    )


def growth(few: Ticks, many: Ticks) -> Iterator[Figure]:
    """Say how time and memory for a job have grown."""
    against = f"{many.jobs:,} jobs against {few.jobs}"
    usual = median(pair.ratio for pair in few.pairs)
    yield Figure.ratio(
        f"a tick's CPU for a job, {against}",
        [Pair(ours=pair.ratio, baseline=usual) for pair in many.pairs],
        aim=1.2,
        of="x",
        missed=_MISSED,
        note="Each side is what the tick took over what the bare calls took at that time; in processor time, "
        "for what waiting for the emulator takes grows with what it holds.",
    )
    yield Figure.ratio(f"a tick's memory, {against}", [Pair(many.peak, few.peak)], aim=1.2, of="MB")


def measure_here(first_hour: int, pairs: int) -> dict[str, Any]:
    """Tick over what is in labelling, beside the bare calls, in this process and its environment."""
    # Their environment is there only in a process of its own.
    from services.labelling.handler import build
    from services.labelling.settings import LabellingSettings

    settings, hours = LabellingSettings.read(os.environ), count(first_hour)
    late = [timedelta()]
    reconciler = build(settings, clock=lambda: utc_now() + late[0]).reconciler

    def tick() -> None:
        late[0] = timedelta(hours=1.1 * next(hours))
        reconciler.tick(_PARTITIONS, seconds_left=lambda: float(_SECONDS))

    bare = bare_calls(settings.table_name, settings.tasks_table_name)
    found = interleaved(cpu_seconds(tick), cpu_seconds(bare), pairs)
    return {
        "pairs": [(pair.ours, pair.baseline) for pair in found],
        "hours": next(hours),
        "peak": peak_megabytes(),
    }


def bare_calls(table: str, tasks: str) -> Callable[[], None]:
    """Give the calls of a tick: for each job read its row, write it, read its labelling and who labels."""
    dynamodb = boto3.client("dynamodb", config=data_plane())
    pages = dynamodb.get_paginator("query")

    def call() -> None:
        for page in pages.paginate(
            TableName=table,
            IndexName="waiting",
            KeyConditionExpression="waiting = :labelling",
            ExpressionAttributeValues={":labelling": {"S": "labelling"}},
        ):
            for entry in page["Items"]:
                look(entry["job_id"])

    def look(job_id: "AttributeValueTypeDef") -> None:
        row = dynamodb.get_item(TableName=table, Key={"job_id": job_id}, ConsistentRead=True)["Item"]
        dynamodb.put_item(
            TableName=table,
            Item=row,
            ConditionExpression="revision = :read",
            ExpressionAttributeValues={":read": row["revision"]},
        )
        labelling = {"S": f"{job_id['S']}#1"}
        dynamodb.get_item(
            TableName=tasks, Key={"round": labelling, "item": {"S": "round"}}, ConsistentRead=True
        )
        dynamodb.query(
            TableName=tasks,
            KeyConditionExpression="#round = :round AND begins_with(#item, :people)",
            ExpressionAttributeNames={"#round": "round", "#item": "item"},
            ExpressionAttributeValues={":round": labelling, ":people": {"S": "person#"}},
            ConsistentRead=True,
        )

    return call


def peak_megabytes() -> float:
    """Give the most memory that this process has had, without what it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


ROW = Row(
    what="growth: what a job costs while ten, a hundred, a thousand of them are in labelling",
    baseline="the calls that a tick makes for a job (read its row and write it, read its labelling and who "
    "labels), in a bare loop; and what ours took for a job when there were few",
    measure=measure,
)

if __name__ == "__main__":
    print(json.dumps(measure_here(int(sys.argv[1]), int(sys.argv[2]))))
