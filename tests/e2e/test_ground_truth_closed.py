"""An account that Ground Truth does not serve: two other ways lead from its images to a running model.

With the photographs of playing cards where they lie beside this repository, else with drawn documents.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.documents import CocoDocument, make_documents
from local.stack import running_stack
from tests.e2e.labeller import Labeller
from tests.e2e.pipeline import Pipeline
from tests.support.waiting import wait_until

CARDS = Path("../shared/data/cards")
FIGURES = Path("build/e2e/ground-truth-closed.txt")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif("AWS_ENDPOINT_URL" in os.environ, reason="has a stack of its own"),
]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("closed")
    with running_stack(folder, ground_truth_closed=True) as stack, httpx.Client(timeout=30) as http:
        yield Pipeline(stack, http)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of images, and a file of their boxes."""
    if CARDS.is_dir():
        return CARDS / "images", CARDS / "annotations.json"
    folder = tmp_path_factory.mktemp("documents")
    make_documents(folder, count=48, seed=7)
    boxes = shutil.move(folder / "annotations.json", tmp_path_factory.mktemp("boxes") / "annotations.json")
    return folder, Path(boxes)


def ekyc(pipeline: Pipeline, *arguments: str | Path) -> tuple[int, Any]:
    """Run the command line; gives its exit code and what it printed."""
    ran = subprocess.run(
        [sys.executable, "-m", "cli", *map(str, arguments), "--api", pipeline.stack.api, "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout, ran.stderr
    return ran.returncode, json.loads(ran.stdout)


@pytest.fixture(scope="module")
def note() -> Callable[[dict[str, Any], float], None]:
    """Write down how a job went that began at this moment of the monotonic clock."""
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text("")

    def write(job: dict[str, Any], began: float) -> None:
        seconds = f"{time.monotonic() - began:.0f} s from the command to a running model"
        split = f"{job['dataset']['trainEntries']} to train, {job['dataset']['testEntries']} to test"
        line = (
            f"{job['labellingBackend']}: {job['labelling']['labels']}; {split}; F1 {job['model']['f1']:.3f}"
        )
        with FIGURES.open("a") as figures:
            figures.write(f"{line}; {seconds}\n")

    return write


def test_ground_truth_itself_fails_and_names_the_other_two(
    pipeline: Pipeline, given: tuple[Path, Path], tmp_path: Path
) -> None:
    one = shutil.copy(next(iter(sorted(given[0].iterdir()))), tmp_path)
    code, told = ekyc(
        pipeline, "train", Path(one).parent, "--label", "card", "--labelling", "ground-truth", "--wait"
    )
    failure = told["job"]["failure"]
    assert (code, told["job"]["status"], failure["stage"]) == (3, "FAILED", "labelling")
    assert failure["code"] == "labelling-refused"
    assert "no longer open to new customers" in failure["reason"]
    for other in ("`console`", "`import`"):
        assert other in failure["advice"]


def test_boxes_that_exist_already_are_imported(
    pipeline: Pipeline, given: tuple[Path, Path], note: Callable[[dict[str, Any], float], None]
) -> None:
    images, boxes = given
    began = time.monotonic()
    code, told = ekyc(pipeline, "train", images, "--annotations", boxes, "--wait", "--timeout", "400")
    job = told["job"]
    assert (code, job["status"], job["labellingBackend"]) == (0, "RUNNING", "import")
    assert job["labelling"]["labels"]["labelled"] == len(list(images.iterdir()))
    note(job, began)
    stop(pipeline, job["jobId"])


def test_the_same_boxes_are_drawn_by_two_people_over_http(
    pipeline: Pipeline, given: tuple[Path, Path], note: Callable[[dict[str, Any], float], None]
) -> None:
    images, boxes = given
    coco: CocoDocument = json.loads(boxes.read_text())
    labels = [category["name"] for category in coco["categories"]]
    began = time.monotonic()
    _, told = ekyc(
        pipeline,
        *("train", images, "--labelling", "console"),
        *(part for label in labels for part in ("--label", label)),
    )
    job_id = told["job"]["jobId"]
    people = [Labeller(pipeline, name, job_id, coco) for name in ("ann", "bob")]
    wait_until(people[0].state, lambda state: state == "open", seconds=60)
    with ThreadPoolExecutor(len(people)) as pool:
        shares = list(pool.map(Labeller.label_all, people))
    assert sorted(name for share in shares for name in share) == sorted(
        path.name for path in images.iterdir()
    )
    job = pipeline.wait_for(job_id, "RUNNING", seconds=400)
    assert job["labellingBackend"] == "console"
    assert pipeline.calls("CreateLabelingJob", job_id) == 0
    note(job, began)
    stop(pipeline, job_id)


def stop(pipeline: Pipeline, job_id: str) -> None:
    assert pipeline.call("POST", f"/api/training/{job_id}/model/stop").status_code == 202
    pipeline.wait_for(job_id, "STOPPED", seconds=60)
