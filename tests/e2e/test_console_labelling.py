"""A job that two people label in our own page, over HTTP as the page does: nobody asks Ground Truth."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import LABELS, Photographs
from tests.e2e.labeller import Labeller
from tests.e2e.pipeline import Pipeline
from tests.support.waiting import wait_until

pytestmark = pytest.mark.e2e


def test_a_job_that_two_people_label_in_the_console_ends_with_a_running_model(
    pipeline: Pipeline,
    photographs: Photographs,
    tmp_path: Path,
    aws: Callable[[str], Any],
) -> None:
    images = photographs.named("console", 30, tmp_path)
    job_id = pipeline.create(labels=LABELS, labelling={"backend": "console"}, options={"minF1": 0.2})
    pipeline.upload(job_id, images.files)
    assert pipeline.start(job_id).status_code == 202
    ann, bob = (Labeller(pipeline, name, job_id, images.coco) for name in ("ann", "bob"))
    wait_until(ann.state, lambda state: state == "open", seconds=60)

    mistaken = ann.next()
    assert ann.call("PUT", f"{job_id}/tasks/{mistaken['taskId']}", json={"kind": "no-document"}).is_success
    assert ann.call("POST", f"{job_id}/undo").json()["taskId"] == mistaken["taskId"]
    assert ann.next()["answer"] == {"kind": "no-document", "boxes": []}
    seen = []
    while True:
        tasks = [(labeller, task) for labeller in (ann, bob) if (task := labeller.next()) is not None]
        if not tasks:
            break
        assert len({task["taskId"] for _, task in tasks}) == len(tasks)
        for labeller, task in tasks:
            assert labeller.answer(task).json() == {"taskId": task["taskId"], "done": True}
            seen.append(task["filename"])
    assert sorted(seen) == sorted(file.name for file in images.files)

    job = pipeline.wait_for(job_id, "RUNNING")
    assert job["labelling"]["labels"] == {"labelled": 30, "failed": 0, "unlabelled": 0}
    assert job["labelling"]["labellingJobArn"] is None
    assert pipeline.calls("CreateLabelingJob", job_id) == 0
    progress = ann.call("GET", job_id).json()
    assert (progress["state"], progress["done"], progress["answers"]) == ("over", 30, 30)
    assert {person["worker"] for person in progress["people"]} == {"ann", "bob"}
    _, _, bucket, key = job["labelling"]["outputManifest"].split("/", 3)
    manifest = aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    assert all("document" in json.loads(line) for line in manifest.splitlines())
    assert pipeline.call("POST", f"/api/training/{job_id}/model/stop").status_code == 202
