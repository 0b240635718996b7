"""One event through a warm handler: seconds of processor, and the calls to AWS."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import starmap

from benchmarks.environment import of_service
from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair
from benchmarks.stub import stub
from benchmarks.surroundings import Surroundings
from benchmarks.warm import Found
from local.service_spec import ServiceSpec, read_services
from tools.package import ROOT

_AIM = 1.5
_MORE_CALLS = (
    "Its calls are more than the baseline's two, and boto3 spends 0.8 ms on each: see the figure against the "
    "same calls made bare. docs/scale.md says what each is for, and why none can be left out."
)


def measure(given: Surroundings) -> Iterator[Figure]:
    """Send each service its event, and do the same bare, in turn, against a stub on loopback."""
    events = given.effort.choose(50, 8)
    with stub() as endpoint:
        for spec in read_services(ROOT / "services"):
            yield from _figures(spec, found_in(spec, endpoint, given.effort.pairs, events))


def _figures(spec: ServiceSpec, found: Found) -> Iterator[Figure]:
    if found.calls:
        least = [Pair(ours * 1000, bare * 1000) for ours, bare in zip(found.ours, found.bare, strict=True)]
        yield Figure.ratio(spec.service, least, aim=_AIM, of="ms", missed=_MORE_CALLS)
        same = [Pair(ours * 1000, bare * 1000) for ours, bare in zip(found.ours, found.same, strict=True)]
        yield Figure.ratio(f"{spec.service}, same calls", same, aim=_AIM, of="ms")
        yield _calls(f"{spec.service}, its calls", found.calls)
    if found.tick_calls:
        yield _calls(f"{spec.service}, calls of an idle tick", found.tick_calls)


def _calls(what: str, calls: Sequence[str]) -> Figure:
    return Figure.amount(what, [len(calls)], "calls", note=", ".join(starmap(_times, Counter(calls).items())))


def _times(call: str, number: int) -> str:
    return call if number == 1 else f"{call} {number} times"


def found_in(spec: ServiceSpec, endpoint: str, pairs: int, events: int) -> Found:
    """Measure a service in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.warm", spec.service, str(pairs), str(events)]
    environment = {**os.environ, **of_service(spec, AWS_ENDPOINT_URL=endpoint)}
    done = subprocess.run(  # noqa: S603 - a module of ours
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stderr}")
    return Found(**json.loads(done.stdout))


ROW = Row(
    what="one event through a handler that is warm, in milliseconds of processor",
    baseline="`json.loads`, one conditional PutItem and one Publish with bare boto3, against the same stub",
    measure=measure,
)
