"""Hand-off by event: from one service's publish to the next service's first call to AWS."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import NamedTuple

import httpx

from benchmarks.bare import Bare, deploy_bare
from benchmarks.figures import Figure, Row
from benchmarks.in_flight import jobs_in_flight
from benchmarks.pairs import Pair, percentile
from benchmarks.stack import Clients
from benchmarks.surroundings import Surroundings
from benchmarks.tap import Tap, tapped
from contracts.events import TrainingJobStarted, TrainingJobStartedData
from contracts.names import images_prefix
from contracts.plan import TrainingPlan
from runtime.publish import OutgoingEvent, Publisher
from tests.e2e.pipeline import Pipeline

_LOOKS_AS_ON_AWS = {"CHECK_EVERY_SECONDS": "55"}
"""Ticks come sixty times as often here; each job is still looked at once a minute."""
_MISSED = (
    "Six functions tick every second on the same few cores: a hand-off that meets them waits, ours or the "
    "baseline's as chance has it, and the slowest of a batch are those; from run to run the p95 changes "
    "sides. Tried: publishing only once the emulator's poller waits, and looking at jobs as rarely as on "
    "AWS."
)
_UNTIL_THE_POLLER_WAITS = 0.2
"""Seconds; for 50 ms after it has found a queue empty, MiniStack's poller does not hear of a message."""


class Latencies(NamedTuple):
    """What hand-offs took, in milliseconds, ours and the baseline's in turn."""

    ours: list[float]
    baseline: list[float]


def measure(given: Surroundings) -> Iterator[Figure]:
    """Hand jobs to labelling while nothing else happens, then while many jobs are in flight."""
    stack = given.stack()
    clients, bare = Clients(stack), deploy_bare(stack)
    busy = given.effort.choose(200, 6)
    with ExitStack() as ends:
        tap = ends.enter_context(tapped(stack.aws))
        for function in ("ekyc-labelling-events", bare.events):
            ends.enter_context(clients.configured(function, AWS_ENDPOINT_URL=tap.url, **_LOOKS_AS_ON_AWS))
        ends.enter_context(clients.configured("ekyc-labelling-tick", **_LOOKS_AS_ON_AWS))
        http = ends.enter_context(httpx.Client(timeout=60))
        hand_offs = _HandOffs(Pipeline(stack, http), clients, bare, tap)
        yield from _figures("idle", hand_offs.batches(given))
        ends.enter_context(jobs_in_flight(hand_offs.pipeline, clients, busy))
        yield from _figures(f"{busy} jobs in flight", hand_offs.batches(given))


class _HandOffs:
    def __init__(self, pipeline: Pipeline, clients: Clients, bare: Bare, tap: Tap) -> None:
        self.pipeline = pipeline
        self._tap = tap
        self._bucket = pipeline.stack.bucket
        topic = (
            f"arn:aws:sns:{pipeline.stack.region}:{pipeline.stack.account_id}:{pipeline.stack.prefix}-events"
        )
        self._to_labelling = Publisher(clients.sns, topic)
        self._to_bare = Publisher(clients.sns, bare.topic)

    def batches(self, given: Surroundings) -> list[Latencies]:
        size = given.effort.choose(20, 4)
        self._batch(1)  # the functions start
        return [self._batch(size) for _ in range(given.effort.pairs)]

    def _batch(self, size: int) -> Latencies:
        found = Latencies([], [])
        for turn in range(size):
            both: list[Callable[[], None]] = [
                lambda: found.ours.append(self._ours()),
                lambda: found.baseline.append(self._baseline()),
            ]
            for measure_one in both if turn % 2 else reversed(both):
                measure_one()
        return found

    def _ours(self) -> float:
        job_id = self.pipeline.create()
        took = self._hand_off(self._to_labelling, job_id)
        # It has no images and comes to its end at once, which the next hand-off waits for.
        self.pipeline.wait_for(job_id, "FAILED")
        return took

    def _baseline(self) -> float:
        return self._hand_off(self._to_bare, self.pipeline.create())

    def _hand_off(self, publisher: Publisher, job_id: str) -> float:
        data = TrainingJobStartedData(
            plan=TrainingPlan(labels=["passport"]), images=f"s3://{self._bucket}/{images_prefix(job_id)}"
        )
        event = OutgoingEvent.of(TrainingJobStarted.about(job_id, 1, data, time=datetime.now(UTC)))
        time.sleep(_UNTIL_THE_POLLER_WAITS)
        began = time.monotonic()
        publisher.publish(event)
        return (self._tap.first_heard(job_id) - began) * 1000


def _figures(state: str, batches: list[Latencies]) -> Iterator[Figure]:
    for name, share, aim in (("p50", 0.5, 1.3), ("p95", 0.95, 1.5)):
        pairs = [
            Pair(ours=percentile(batch.ours, share), baseline=percentile(batch.baseline, share))
            for batch in batches
        ]
        yield Figure.ratio(f"{name}, {state}", pairs, aim=aim, of="ms", missed=_MISSED)


ROW = Row(
    what="hand-off by event: from job-api's publish to labelling's first call to AWS",
    baseline="the same message in the same way through SNS, SQS and Lambda of the same stack, with a topic "
    "and a queue of its own, to a function that makes one call to AWS and does nothing else; both call "
    "through a wire on which their first calls are seen",
    measure=measure,
)
