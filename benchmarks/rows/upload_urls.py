"""A thousand upload URLs, each file name given out once."""

import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import boto3
import httpx

from benchmarks.as_function import run_as
from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair, cpu_seconds, interleaved, wall_seconds
from benchmarks.stack import Clients
from benchmarks.surroundings import Surroundings
from runtime.clients import storage
from tests.e2e.pipeline import Pipeline
from tests.support.http_face import ask

_LIFETIME = timedelta(minutes=15)
_MISSED = (
    "Of processor time, signing in bulk takes 0.4 of what the presigner does, and the names, the request "
    "and the answer another 0.2. The rest of the time on the wall is the emulator's: it takes ten "
    "transactions of a hundred names one after the other, though they are sent side by side."
)


def measure(given: Surroundings) -> Iterator[Figure]:
    """Ask the function's own code, then the HTTP API."""
    stack, many = given.stack(), given.effort.choose(1_000, 300)
    with httpx.Client(timeout=60) as http:
        pipeline = Pipeline(stack, http)
        job_id = pipeline.create()
        asked = (job_id, str(many), str(given.effort.pairs))
        told = run_as(Clients(stack), "ekyc-job-api-api", __name__, *asked)
        for clock in ("CPU", "wall"):
            pairs = [Pair(*pair) for pair in told[clock]]
            yield Figure.ratio(f"{many:,} URLs, {clock} time", pairs, aim=1.3, missed=_MISSED)
        yield _one_call_against_many(pipeline, job_id, many, given)


def _one_call_against_many(pipeline: Pipeline, job_id: str, many: int, given: Surroundings) -> Figure:
    """Time one call, and so many calls, of which a part is made."""
    made = given.effort.choose(200, 50)

    def one_call() -> None:
        asked = {"jobId": job_id, "filenames": new_names(many)}
        pipeline.call("POST", "/api/training/urls", json=asked).raise_for_status()

    def many_calls() -> float:
        began = time.perf_counter()
        for name in new_names(made):
            asked = {"jobId": job_id, "filename": name}
            pipeline.call("GET", "/api/training/url", params=asked).raise_for_status()
        return (time.perf_counter() - began) * many / made

    pairs = interleaved(wall_seconds(one_call), many_calls, given.effort.pairs)
    return Figure.ratio(
        f"one HTTP call against {many:,}",
        pairs,
        aim=None,
        note=f"Of the {many:,} calls {made} are made, one after the other on one connection.",
    )


def measure_here(job_id: str, many: int, pairs: int) -> dict[str, list[tuple[float, float]]]:
    """Measure the function's code beside the bare presigner, in this process and its environment."""
    from services.job_api.handler import app  # its environment is there only in a process of its own

    s3 = boto3.client("s3", config=storage())
    bucket, seconds = os.environ["BUCKET"], int(_LIFETIME.total_seconds())

    def ours() -> None:
        asked = json.dumps({"jobId": job_id, "filenames": new_names(many)})
        answer = ask(app(), "POST", "/api/training/urls", asked)
        if answer.status != 200:
            raise RuntimeError(answer.text)

    def bare() -> None:
        for number in range(many):
            s3.generate_presigned_url(
                "put_object",
                Params={"Bucket": bucket, "Key": f"images/{job_id}/{number}.jpg"},
                ExpiresIn=seconds,
            )

    def measured(clock: Callable[[Callable[[], object]], Callable[[], float]]) -> list[tuple[float, float]]:
        return [(pair.ours, pair.baseline) for pair in interleaved(clock(ours), clock(bare), pairs)]

    return {"CPU": measured(cpu_seconds), "wall": measured(wall_seconds)}


def new_names(count: int) -> list[str]:
    """Give names that were not given out before."""
    batch = secrets.token_hex(6)
    return [f"IMG_{batch}_{number:04}.jpg" for number in range(count)]


ROW = Row(
    what="upload URLs for many images, with each file name given out once",
    baseline="botocore's presigner in a bare loop, in the process in which the API's function runs",
    measure=measure,
)

if __name__ == "__main__":
    print(json.dumps(measure_here(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
