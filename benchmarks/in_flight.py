"""Jobs that are under way and stay so, as long as nobody labels."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks.stack import Clients
from demo.documents import CocoDocument
from tests.e2e.pipeline import Pipeline
from tests.simulator.builders import box_of, picture

_CALLERS = 4
_SECONDS = 600
_KNOWING_NOTHING: CocoDocument = {"images": [], "annotations": [], "categories": []}


@contextmanager
def jobs_in_flight(pipeline: Pipeline, clients: Clients, count: int) -> Iterator[Sequence[str]]:
    """Have so many jobs wait for their labels, or in line for a place to be labelled.

    At the end workers come who know none of the images: the jobs fail, and nothing more happens about them.
    """
    health = pipeline.http.get(f"{pipeline.stack.simulator}/_simulator/health").json()
    if health["workers"] == "present":
        raise RuntimeError("people are at work in this simulator: its jobs do not wait for labels")
    ids = start_jobs(pipeline, count)
    clients.wait_until_queues_are_empty(_SECONDS)
    yield ids
    pipeline.annotate(_KNOWING_NOTHING)
    for job_id in ids:
        pipeline.wait_for(job_id, "FAILED", seconds=_SECONDS)


def start_jobs(pipeline: Pipeline, count: int) -> list[str]:
    """Start so many jobs of one image each."""
    image = picture([box_of(0)])

    def start(_: int) -> str:
        job_id = pipeline.create()
        asked = {"jobId": job_id, "filenames": ["nobody-knows.png"]}
        target = pipeline.call("POST", "/api/training/urls", json=asked).json()["urls"][0]
        pipeline.http.put(target["url"], content=image).raise_for_status()
        pipeline.start(job_id).raise_for_status()
        return job_id

    with ThreadPoolExecutor(_CALLERS) as pool:
        return list(pool.map(start, range(count)))
