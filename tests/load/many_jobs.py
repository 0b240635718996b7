"""Drives many jobs at once through a stack, to the end, and tells how it went."""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from local.clients import Endpoint
from local.stack import LocalStack, Options, Stack
from simulator.core.options import Quotas
from tests.e2e.pipeline import FINAL, Pipeline
from tests.load import simulator
from tests.simulator.builders import COLOURS, box_of, picture

SPEED = 3600
"""A training of half an hour lasts half a second: what takes time is the pipeline."""

ORDERED = (
    "labelling.started",
    "labelling.completed",
    "dataset.ready",
    "model.training-started",
    "model.trained",
    "model.deployment-started",
)
_ENDED = FINAL - {"RUNNING"}
# As many are labelled at a time, and they may be done in any order.
MOST_PLACES_LOST = Quotas().running_labelling_jobs
_UPLOADERS = 4
_PAUSE_SECONDS = 1


@dataclass(frozen=True)
class Told:
    """What a job's history says."""

    job_id: str
    status: str
    times: dict[str, datetime]

    def wait(self, since: str, until: str) -> timedelta | None:
        """Return how long it took from one event to another, if both have happened."""
        begin, end = self.times.get(f"ekyc.{since}.v1"), self.times.get(f"ekyc.{until}.v1")
        return None if begin is None or end is None else end - begin


@dataclass
class Report:
    """How many jobs at once went.

    Attributes:
        jobs: In the order in which they were started.
        answers: How often the API answered with each status.
        dead_letters: Messages in dead-letter queues at the end.
    """

    images: int
    seconds: float = 0.0
    jobs: list[Told] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    dead_letters: int = 0

    @property
    def statuses(self) -> dict[str, int]:
        """How many jobs ended in which way."""
        return dict(Counter(job.status for job in self.jobs))

    @property
    def server_errors(self) -> int:
        """How many answers were the API's own fault."""
        return sum(count for status, count in self.answers.items() if status >= 500)

    def overtaken(self, event: str) -> int:
        """Return by how many places a job was overtaken at most, on the way from its start to an event."""
        name = f"ekyc.{event}.v1"
        never = datetime.max.replace(tzinfo=UTC)
        order = sorted(self.jobs, key=lambda job: job.times.get(name, never))
        place = {job.job_id: number for number, job in enumerate(order)}
        return max(place[job.job_id] - number for number, job in enumerate(self.jobs))

    def longest(self, since: str, until: str) -> timedelta:
        """Return the longest wait between two events."""
        waits = [job.wait(since, until) for job in self.jobs]
        return max((wait for wait in waits if wait is not None), default=timedelta())

    def faults(self) -> Iterator[str]:
        """Say what must not be."""
        if self.statuses != {"STOPPED": len(self.jobs)}:
            yield f"every job ran and was stopped: {self.statuses}"
        if self.server_errors:
            yield f"the API had no fault of its own: {dict(self.answers)}"
        for event in ORDERED:
            if (lost := self.overtaken(event)) > MOST_PLACES_LOST:
                yield f"jobs went in the order of their start: one lost {lost} places until {event}"
        if self.dead_letters:
            yield f"no message was given up: {self.dead_letters} were"

    def lines(self) -> Iterator[str]:
        """Say it in words."""
        jobs, whole = len(self.jobs), max(self.seconds, 0.001)
        yield f"{jobs} jobs of {self.images} images in {self.seconds:.0f} s: {self.statuses}"
        yield f"throughput: {jobs / whole * 60:.1f} jobs and {jobs * self.images / whole:.1f} images"
        yield f"  (jobs a minute, images a second; {sum(self.answers.values())} calls of the API)"
        yield f"answers of the API: {dict(sorted(self.answers.items()))}"
        yield f"messages in dead-letter queues: {self.dead_letters}"
        for name, since, until in (
            ("start to running", "training-job.started", "model.deployed"),
            ("for labelling", "training-job.started", "labelling.started"),
            ("for a training slot", "dataset.ready", "model.training-started"),
            ("for a place to run", "model.trained", "model.deployment-started"),
        ):
            yield f"longest wait, {name}: {self.longest(since, until).total_seconds():.0f} s"
        places = {event: self.overtaken(event) for event in ORDERED}
        yield f"most places that a job lost since its start, by event: {places}"


@contextmanager
def loaded_stack(folder: Path, jobs: int) -> Iterator[Stack]:
    """Run a stack with AWS's quotas but for projects, of which each job has one."""
    command = (
        sys.executable,
        "-m",
        simulator.__name__,
        "--quota",
        f"projects={jobs + 1}",
        "--log-level",
        "warning",
    )
    local = LocalStack(folder)
    try:
        stack, _ = local.up(Options(port=0, simulator_port=0, speed=SPEED, simulator_command=command))
        yield stack
    finally:
        local.down()


def run(stack: Stack, *, jobs: int, images: int, seconds: float) -> Report:
    """Start the jobs, stop each model once it runs, and report when all have ended, or the time is over."""
    report = Report(images)

    def count(answer: httpx.Response) -> None:
        if str(answer.url).startswith(stack.api):
            report.answers[answer.status_code] += 1

    with httpx.Client(timeout=60, event_hooks={"response": [count]}) as http:
        pipeline = Pipeline(stack, http)
        ids = prepare(pipeline, jobs, images)
        began = time.monotonic()
        for job_id in ids:
            assert pipeline.start(job_id).status_code == 202
        ends = _wait_for_all(pipeline, ids, deadline=began + seconds)
        report.seconds = time.monotonic() - began
        report.jobs = [_told(pipeline, job_id, ends.get(job_id, "not ended")) for job_id in ids]
    report.dead_letters = _dead_letters(stack)
    return report


def prepare(pipeline: Pipeline, jobs: int, images: int) -> list[str]:
    """Create the jobs and put their images, each under a name of its own, for that is how workers know it."""
    pictures = {index: picture([box_of(index)]) for index in range(images)}
    ids = [pipeline.create(labels=list(COLOURS)) for _ in range(jobs)]

    def upload(number: int) -> None:
        names = [_name(number, index) for index in range(images)]
        answer = pipeline.call("POST", "/api/training/urls", json={"jobId": ids[number], "filenames": names})
        for index, entry in enumerate(answer.json()["urls"]):
            pipeline.http.put(entry["url"], content=pictures[index]).raise_for_status()

    with ThreadPoolExecutor(_UPLOADERS) as pool:
        list(pool.map(upload, range(jobs)))
    pipeline.annotate(_coco(jobs, images))
    return ids


def _name(number: int, index: int) -> str:
    return f"{number:04d}-{index:03d}.png"


def _coco(jobs: int, images: int) -> Any:
    labels = list(COLOURS)
    known = [(_name(number, index), box_of(index)) for number in range(jobs) for index in range(images)]
    return {
        "images": [{"id": number, "file_name": name} for number, (name, _) in enumerate(known)],
        "categories": [{"id": number, "name": label} for number, label in enumerate(labels)],
        "annotations": [
            {"id": number, "image_id": number, "category_id": labels.index(box[0]), "bbox": list(box[1:])}
            for number, (_, box) in enumerate(known)
        ],
    }


def _wait_for_all(pipeline: Pipeline, ids: Iterable[str], *, deadline: float) -> dict[str, str]:
    wanted, ends, stopping = set(ids), dict[str, str](), set[str]()
    while wanted - ends.keys() and time.monotonic() < deadline:
        for job_id, status in _statuses(pipeline):
            if status in _ENDED:
                ends[job_id] = status
            elif status == "RUNNING" and job_id not in stopping:
                # It makes room: two models may run at a time.
                assert pipeline.call("POST", f"/api/training/{job_id}/model/stop").status_code == 202
                stopping.add(job_id)
        time.sleep(_PAUSE_SECONDS)
    return ends


def _statuses(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    token: str | None = ""
    while token is not None:
        query = {"limit": "100", **({"nextToken": token} if token else {})}
        page = pipeline.call("GET", "/api/training/list", params=query).json()
        yield from ((job["jobId"], job["status"]) for job in page["jobs"])
        token = page.get("nextToken")


def _told(pipeline: Pipeline, job_id: str, status: str) -> Told:
    events = pipeline.call("GET", f"/api/training/{job_id}/events").json()["events"]
    times = {event["type"]: datetime.fromisoformat(event["time"]) for event in reversed(events)}
    return Told(job_id, status, times)


def _dead_letters(stack: Stack) -> int:
    endpoint = Endpoint(stack.aws, stack.region)
    sqs = endpoint.session.client("sqs", endpoint_url=endpoint.url, config=endpoint.config)
    return sum(
        int(
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])[
                "Attributes"
            ]["ApproximateNumberOfMessages"]
        )
        for url in sqs.list_queues()["QueueUrls"]
        if url.endswith("-dlq")
    )
