"""`ekyc upload` of a folder of images."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx

from benchmarks.figures import Figure, Row
from benchmarks.pairs import interleaved, wall_seconds
from benchmarks.surroundings import Surroundings
from tests.e2e.pipeline import Pipeline

_ROOT = Path(__file__).resolve().parent.parent.parent
_PARALLEL = 8
_BYTES = 100_000
"""Less than a photograph has: the smaller the images are, the more counts what else is done for them."""

_MISSED = (
    "`ekyc` takes 0.3 s of processor longer to start than a script with httpx, for Typer, Rich and the "
    "contracts; leaving Pillow to the command that needs it took 0.08 s off. Then it asks for URLs before it "
    "can put anything; signing them in bulk took half of that off. Beside real photographs both are less."
)


def measure(given: Surroundings) -> Iterator[Figure]:
    """Upload the folder to a new job, and put the same files to URLs that are there already."""
    stack, count = given.stack(), given.effort.choose(1_000, 300)
    folder = given.folder / "images"
    folder.mkdir()
    chance = Random(7)  # noqa: S311 - data, not secrets
    for number in range(count):
        (folder / f"IMG_{number:04}.jpg").write_bytes(chance.randbytes(_BYTES))
    with httpx.Client(timeout=60) as http:
        pipeline = Pipeline(stack, http)

        def ours() -> float:
            command = ("-m", "cli", "upload", pipeline.create(), str(folder), "--api", stack.api, "--json")
            return _seconds(command)

        def bare() -> float:
            targets = given.folder / "targets.json"
            targets.write_text(json.dumps(_targets(pipeline, folder)))
            return _seconds(("-m", __name__, str(targets)))

        yield Figure.ratio(
            f"{count:,} images of {_BYTES // 1000} kB, {_PARALLEL} at once",
            interleaved(ours, bare, given.effort.pairs),
            aim=1.15,
            missed=_MISSED,
        )


def _seconds(command: Sequence[str]) -> float:
    """Time a Python process."""
    whole = [sys.executable, *command, "--parallel", str(_PARALLEL)]

    def run() -> None:
        subprocess.run(whole, cwd=_ROOT, stdout=subprocess.DEVNULL, check=True)  # noqa: S603 - ours

    return wall_seconds(run)()


def _targets(pipeline: Pipeline, folder: Path) -> list[tuple[str, str]]:
    """Give each file, and a URL for it in a new job."""
    asked = {"jobId": pipeline.create(), "filenames": [path.name for path in folder.iterdir()]}
    answer = pipeline.call("POST", "/api/training/urls", json=asked).json()
    return [(str(folder / entry["filename"]), entry["url"]) for entry in answer["urls"]]


def put_all(targets: Sequence[tuple[str, str]], parallel: int) -> None:
    """Put files to URLs, and do nothing else."""
    with httpx.Client(timeout=60) as http, ThreadPoolExecutor(parallel) as pool:

        def put(target: tuple[str, str]) -> None:
            path, url = target
            with Path(path).open("rb") as file:
                http.put(url, content=file).raise_for_status()

        for _ in pool.map(put, targets):
            pass


ROW = Row(
    what="`ekyc upload` of a folder of images, from the command to its end",
    baseline="a Python process that puts the same files to URLs that it was given, with the same library and "
    "as many at once, and does nothing else",
    measure=measure,
)

if __name__ == "__main__":
    put_all(json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[3]))
