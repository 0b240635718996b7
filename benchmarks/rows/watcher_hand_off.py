"""Hand-off by watcher: from the moment at which AWS is done to the next stage's call to AWS."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

import httpx

from benchmarks.figures import Figure, Row
from benchmarks.pairs import percentile
from benchmarks.stack import Clients
from benchmarks.surroundings import Surroundings
from tests.e2e.pipeline import Pipeline
from tests.load.many_jobs import prepare

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient

_IMAGES = 6
_BETWEEN_STARTS = 1.3
"""Seconds; not in step with the tick, so that jobs come to it at all times of its round."""

_MISSED = (
    "What is beyond the tick is a function that had to be started: the first of its kind, or one more of it "
    "when several jobs came at once. The first jobs, which start most of them, do not count."
)


def measure(given: Surroundings) -> Iterator[Figure]:
    """Let jobs go all the way, and see how long each waited to be noticed."""
    stack = given.stack()
    with httpx.Client(timeout=60) as http:
        pipeline = Pipeline(stack, http)
        warm_up, counted = given.effort.choose((4, 20), (2, 4))
        ids = prepare(pipeline, warm_up + counted, _IMAGES)
        # Starting functions takes seconds, and is another row's business.
        _run(pipeline, ids[:warm_up])
        _run(pipeline, ids := ids[warm_up:])
        clients = Clients(stack)
        tick, rekognition = _tick_seconds(clients), clients.rekognition
        yield from _figures(
            "datasets made to training started", _to_training(pipeline, rekognition, ids), tick
        )
        yield from _figures(
            "model trained to model started", _to_deployment(pipeline, rekognition, ids), tick
        )


def _run(pipeline: Pipeline, ids: Sequence[str]) -> None:
    """Start jobs, one after the other, and wait until their models run."""
    for job_id in ids:
        pipeline.start(job_id).raise_for_status()
        time.sleep(_BETWEEN_STARTS)
    for job_id in ids:
        pipeline.wait_for(job_id, "RUNNING")


def _figures(what: str, seconds: Sequence[float], tick: float) -> Iterator[Figure]:
    note = (
        f"A tick is {tick:.2f} s here, measured, and a minute in AWS, where the original looks every 15. Of "
        f"{len(seconds)} waits; each ends when AWS answers the call."
    )
    yield Figure.amount(f"{what}, median", seconds, "s", aim=tick / 2 + 0.5, missed=_MISSED, note=note)
    yield Figure.amount(f"{what}, p95", [percentile(seconds, 0.95)], "s", aim=tick + 0.5, missed=_MISSED)


def _to_training(pipeline: Pipeline, rekognition: "RekognitionClient", ids: Sequence[str]) -> list[float]:
    made = {}
    for job_id in ids:
        dataset = pipeline.job(job_id)["dataset"]
        both = (dataset["trainDatasetArn"], dataset["testDatasetArn"])
        described = [rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"] for arn in both]
        made[job_id] = max(found["LastUpdatedTimestamp"] for found in described)
    return _waits(pipeline, made, "CreateProjectVersion")


def _to_deployment(pipeline: Pipeline, rekognition: "RekognitionClient", ids: Sequence[str]) -> list[float]:
    trained = {}
    for job_id in ids:
        project = pipeline.job(job_id)["dataset"]["projectArn"]
        (version,) = rekognition.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"]
        trained[job_id] = version["TrainingEndTimestamp"]
    return _waits(pipeline, trained, "StartProjectVersion")


def _waits(pipeline: Pipeline, done: Mapping[str, datetime], operation: str) -> list[float]:
    """Give the seconds from what was done for each job to the call that goes on from there."""
    asked = {"operation": operation, "status": "200"}
    found = pipeline.http.get(f"{pipeline.stack.simulator}/_simulator/calls", params=asked).json()["calls"]
    waits = []
    for job_id, moment in done.items():
        call = next(call for call in found if job_id in json.dumps(call["request"]))
        waits.append((datetime.fromisoformat(call["time"]) - moment).total_seconds())
    return waits


def _tick_seconds(clients: Clients) -> float:
    """Give the time between two ticks of the trainer, the median of the latest."""
    found = clients.logs.filter_log_events(
        logGroupName="/aws/lambda/ekyc-trainer-tick", filterPattern="START"
    )["events"]
    moments = sorted(event["timestamp"] for event in found if event["message"].startswith("START"))
    return median(later - earlier for earlier, later in pairwise(moments)) / 1000


ROW = Row(
    what="hand-off by watcher: from the moment at which AWS is done, of which it tells nobody, to the next "
    "stage's call to AWS",
    baseline="the tick itself: on average half of one passes before anybody can know",
    measure=measure,
)
