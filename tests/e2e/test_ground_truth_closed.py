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

from contracts.boxes import Box
from demo.documents import CocoDocument, make_documents
from local.clients import Endpoint
from local.stack import running_stack
from services.labelling.console.consolidation import overlap
from tests.e2e.labeller import Labeller, truth
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


@pytest.fixture(scope="module")
def imported(
    pipeline: Pipeline, given: tuple[Path, Path], note: Callable[[dict[str, Any], float], None]
) -> Iterator[dict[str, Any]]:
    """The job whose boxes were imported; its model runs until all tests are done."""
    images, boxes = given
    began = time.monotonic()
    code, told = ekyc(pipeline, "train", images, "--annotations", boxes, "--wait", "--timeout", "400")
    assert code == 0, told
    note(told["job"], began)
    yield told["job"]
    stop(pipeline, told["job"]["jobId"])


def test_boxes_that_exist_already_are_imported(imported: dict[str, Any], given: tuple[Path, Path]) -> None:
    assert (imported["status"], imported["labellingBackend"]) == ("RUNNING", "import")
    assert imported["labelling"]["labels"]["labelled"] == len(list(given[0].iterdir()))


def test_the_running_model_offers_boxes_which_the_manifest_tells(
    pipeline: Pipeline, imported: dict[str, Any], given: tuple[Path, Path], tmp_path: Path
) -> None:
    images, boxes = given
    coco: CocoDocument = json.loads(boxes.read_text())
    for image in sorted(images.iterdir())[:8]:
        shutil.copy(image, tmp_path)
    _, told = ekyc(
        pipeline,
        *("train", tmp_path, "--labelling", "console", "--suggestions-from", imported["jobId"]),
        *(part for label in imported["labels"] for part in ("--label", label)),
    )
    ann = Labeller(pipeline, "ann", told["job"]["jobId"], coco)
    wait_until(ann.state, lambda state: state == "open", seconds=60)
    tasks = []
    for _ in range(6):
        tasks.append(ann.next())
        assert ann.answer(tasks[-1]).status_code == 200
    offered = {task["filename"]: task["suggestions"] for task in tasks}
    right = sum(any_right(boxes, truth(coco, name).get("boxes", [])) for name, boxes in offered.items())
    assert right >= 3, offered
    assert ann.call("POST", f"{ann.job_id}/finish").status_code == 202
    job = wait_until(
        lambda: pipeline.job(ann.job_id),
        lambda job: (job["labelling"] or {}).get("outputManifest") is not None,
        seconds=60,
    )
    marked = {name: metadata.get("suggested-by") for name, metadata in labelled(pipeline, job)}
    model = imported["model"]["projectVersionArn"]
    assert marked == {name: model if boxes else None for name, boxes in offered.items()}
    assert pipeline.call("POST", f"/api/training/{ann.job_id}/cancel").status_code == 202


def any_right(suggested: list[dict[str, Any]], true: list[dict[str, Any]]) -> bool:
    """Tell whether one of the boxes lies on one of the true ones, and has its label."""
    return any(
        overlap(Box(**one), Box(**other)) >= 0.5 and one["label"] == other["label"]
        for one in suggested
        for other in true
    )


def labelled(pipeline: Pipeline, job: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the images that have labels in a job's output manifest, with their metadata."""
    _, _, bucket, key = job["labelling"]["outputManifest"].split("/", 3)
    at = Endpoint(pipeline.stack.aws, pipeline.stack.region)
    s3 = at.session.client("s3", endpoint_url=at.url, config=at.config)
    for line in s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines():
        entry = json.loads(line)
        if "document" in entry:
            yield entry["source-ref"].rsplit("/", 1)[-1], entry["document-metadata"]


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
