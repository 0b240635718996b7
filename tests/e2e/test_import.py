"""A model from boxes that exist already, without a labelling job: the whole way, by the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import LABELS, Photographs
from tests.e2e.pipeline import Pipeline

pytestmark = pytest.mark.e2e


def test_boxes_that_exist_already_become_a_running_model(
    pipeline: Pipeline, photographs: Photographs, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    images = photographs.named("imported", 36, folder)
    stray = {**images.coco["images"][0], "id": 10_000, "file_name": "elsewhere/never-uploaded.jpg"}
    annotations = tmp_path / "coco.json"
    annotations.write_text(json.dumps({**images.coco, "images": [*images.coco["images"], stray]}))
    (folder / "not-in-the-file.jpg").write_bytes(photographs.files[-1].read_bytes())
    trained = subprocess.run(
        [
            *(sys.executable, "-m", "cli", "train", str(folder), "--annotations", str(annotations)),
            *("--api", pipeline.stack.api, "--wait", "--timeout", "240", "--json"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert trained.returncode == 0, trained.stdout + trained.stderr
    job_id = json.loads(trained.stdout)["job"]["jobId"]
    job = pipeline.job(job_id)
    assert (job["status"], job["labellingBackend"]) == ("RUNNING", "import")
    assert sorted(job["labels"]) == sorted(LABELS)
    labelling = job["labelling"]
    assert labelling["labels"] == {"labelled": 36, "failed": 0, "unlabelled": 1}
    assert {one["code"]: one["examples"] for one in labelling["leftOut"]} == {
        "unknown-file": ["never-uploaded.jpg"],
        "not-in-file": ["not-in-the-file.jpg"],
    }
    assert labelling["leftOutReport"].endswith(f"/{job_id}/1/import-report.jsonl")
    assert pipeline.calls("CreateLabelingJob", job_id) == 0
    assert job["cost"]["labelling"] == 0
    assert pipeline.call("POST", f"/api/training/{job_id}/model/stop").status_code == 202
    pipeline.wait_for(job_id, "STOPPED", seconds=60)
