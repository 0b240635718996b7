"""Jobs that are under way and stay so: they wait for people, who never come to our own page to label."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from benchmarks.stack import Clients
from tests.e2e.pipeline import Pipeline
from tests.simulator.builders import box_of, picture

_CALLERS = 4
_SECONDS = 900


@contextmanager
def jobs_in_flight(pipeline: Pipeline, clients: Clients, count: int) -> Iterator[None]:
    """Have so many jobs wait for their labels, and cancel them at the end."""
    ids = start_jobs(pipeline, clients, count)
    yield
    for job_id in ids:
        pipeline.call("POST", f"/api/training/{job_id}/cancel").raise_for_status()
    clients.wait_until_queues_are_empty(_SECONDS)


def start_jobs(pipeline: Pipeline, clients: Clients, count: int) -> list[str]:
    """Start so many jobs of one image each, and wait until each of them waits."""
    image = picture([box_of(0)])

    def start(_: int) -> str:
        job_id = pipeline.create(labelling={"backend": "console"})
        asked = {"jobId": job_id, "filenames": ["a.png"]}
        target = pipeline.call("POST", "/api/training/urls", json=asked).json()["urls"][0]
        pipeline.http.put(target["url"], content=image).raise_for_status()
        pipeline.start(job_id).raise_for_status()
        return job_id

    with ThreadPoolExecutor(_CALLERS) as pool:
        ids = list(pool.map(start, range(count)))
    clients.wait_until_queues_are_empty(_SECONDS)
    return ids
