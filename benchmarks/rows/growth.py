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
from typing import Any

import boto3
import httpx

from benchmarks.as_function import run_as
from benchmarks.figures import Figure, Row
from benchmarks.in_flight import start_jobs
from benchmarks.pairs import Pair, interleaved, wall_seconds
from benchmarks.stack import NO_WAITING, Clients, stack_in
from benchmarks.surroundings import Surroundings
from contracts.names import labelling_job_name
from runtime.clients import control_plane, data_plane
from runtime.clock import utc_now
from tests.e2e.pipeline import Pipeline

_AN_HOUR = 3_600
_SECONDS = 900
_PARTITIONS = ("labelling", "slot")


@dataclass(frozen=True)
class Ticks:
    """Ticks over so many jobs: seconds for a job, ours beside the bare calls, and the peak in MB."""

    jobs: int
    pairs: list[Pair]
    peak: float


class Flight:
    """Jobs in labelling that nobody labels; ``taken`` says what each batch took to get there, for a job."""

    def __init__(self, pipeline: Pipeline, clients: Clients, given: Surroundings) -> None:
        self.taken: list[float] = []
        self._pipeline = pipeline
        self._clients = clients
        self._pairs = given.effort.pairs
        self._jobs = 0
        self._hours = 1

    def grow(self, until: int, batch: int) -> None:
        """Start jobs in batches until so many are in flight."""
        while self._jobs < until:
            began = time.perf_counter()
            self._jobs += len(start_jobs(self._pipeline, batch))
            self._clients.wait_until_queues_are_empty(_SECONDS)
            self.taken.append((time.perf_counter() - began) / batch)

    def ticks(self) -> Ticks:
        """Look at all of them as a tick does, some times, each an hour later."""
        asked = (str(self._hours), str(self._pairs))
        found = run_as(self._clients, "ekyc-labelling-tick", __name__, *asked)
        self._hours = found["hours"]
        pairs = [Pair(ours / self._jobs, baseline / self._jobs) for ours, baseline in found["pairs"]]
        return Ticks(self._jobs, pairs, found["peak"])


def measure(given: Surroundings) -> Iterator[Figure]:
    """Have ever more jobs in labelling, on a stack whose own ticks leave them alone, and tick over them."""
    few, some, many = given.effort.choose((10, 100, 1_000), (5, 20, 65))
    quotas = {**NO_WAITING, "running_labelling_jobs": many + 1}
    with (
        stack_in(given.folder / "growth", quotas, CHECK_EVERY_SECONDS=str(_AN_HOUR)) as stack,
        httpx.Client(timeout=60) as http,
    ):
        flight, ticks = Flight(Pipeline(stack, http), Clients(stack), given), []
        for size, batch in ((few, few), (some, some - few), (many, some - few)):
            flight.grow(size, batch)
            ticks.append(flight.ticks())
            yield Figure.ratio(f"a tick over {size:,} jobs, for a job", ticks[-1].pairs, aim=None)
    for larger in ticks[1:]:
        yield from growth(ticks[0], larger)
    first, *later = flight.taken[1:]
    yield Figure.ratio(
        f"taking a job up, while {some:,} to {many:,} are in flight against {few} to {some:,}",
        [Pair(ours=seconds, baseline=first) for seconds in later],
        aim=1.2,
    )


def growth(few: Ticks, many: Ticks) -> Iterator[Figure]:
    """Say how time and memory for a job have grown."""
    against = f"{many.jobs:,} jobs against {few.jobs}"
    yield Figure.ratio(
        f"a tick's time for a job, {against}",
        [
            Pair(ours=at_many.ratio, baseline=at_few.ratio)
            for at_many, at_few in zip(many.pairs, few.pairs, strict=True)
        ],
        aim=1.2,
        of="x",
        note="Each side is what the tick took over what the bare calls took at that time, because the "
        "emulator answers the slower the more it holds.",
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

    bare = bare_calls(settings.table_name, settings.name_prefix)
    found = interleaved(wall_seconds(tick), wall_seconds(bare), pairs)
    return {
        "pairs": [(pair.ours, pair.baseline) for pair in found],
        "hours": next(hours),
        "peak": peak_megabytes(),
    }


def bare_calls(table: str, prefix: str) -> Callable[[], None]:
    """Give the calls of a tick: for each job read its row, write it, describe its labelling job."""
    dynamodb = boto3.client("dynamodb", config=data_plane())
    sagemaker = boto3.client("sagemaker", config=control_plane())
    pages = dynamodb.get_paginator("query")

    def call() -> None:
        for page in pages.paginate(
            TableName=table,
            IndexName="waiting",
            KeyConditionExpression="waiting = :labelling",
            ExpressionAttributeValues={":labelling": {"S": "labelling"}},
        ):
            for entry in page["Items"]:
                key = {"job_id": entry["job_id"]}
                row = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
                dynamodb.put_item(
                    TableName=table,
                    Item=row,
                    ConditionExpression="revision = :read",
                    ExpressionAttributeValues={":read": row["revision"]},
                )
                name = labelling_job_name(prefix, row["job_id"]["S"], 1)
                sagemaker.describe_labeling_job(LabelingJobName=name)

    return call


def peak_megabytes() -> float:
    """Give the most memory that this process has had, without what it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


ROW = Row(
    what="growth: what a job costs while ten, a hundred, a thousand of them are in labelling",
    baseline="the calls that a tick makes for a job (read and write its row, describe its labelling job), "
    "in a bare loop; and what ours took for a job when there were few",
    measure=measure,
)

if __name__ == "__main__":
    print(json.dumps(measure_here(int(sys.argv[1]), int(sys.argv[2]))))
