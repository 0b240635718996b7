"""A job that is not wanted any more, and one that is worth another attempt."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from local import simulator_process
from local.stack import LocalStack, Options
from tests.e2e.conftest import LABELS, Photographs
from tests.e2e.pipeline import Pipeline
from tests.support.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def with_slow_people(tmp_path: Path) -> Iterator[Pipeline]:
    """A stack of its own, whose labellers take five seconds for an image."""
    command = (*simulator_process.COMMAND, "--duration", "labelling_per_object=3000")
    local = LocalStack(tmp_path / "stack")
    try:
        stack, _ = local.up(Options(port=0, simulator_port=0, simulator_command=command))
        with httpx.Client(timeout=30) as http:
            yield Pipeline(stack, http)
    finally:
        local.down()


def started(pipeline: Pipeline, images: Photographs, **options: Any) -> str:
    pipeline.annotate(images.coco)
    job_id = pipeline.create(labels=LABELS, options=options)
    pipeline.upload(job_id, images.files)
    assert pipeline.start(job_id).status_code == 202
    return job_id


def cancel(pipeline: Pipeline, job_id: str) -> dict[str, Any]:
    answer = pipeline.call("POST", f"/api/training/{job_id}/cancel", json={"reason": "wrong images"})
    assert answer.status_code == 202, answer.text
    cancelled: dict[str, Any] = answer.json()
    assert cancelled["status"] == "CANCELLED"
    return cancelled


@pytest.mark.skipif("AWS_ENDPOINT_URL" in os.environ, reason="needs a stack of its own")
def test_a_job_cancelled_during_labelling_has_its_labelling_job_stopped(
    with_slow_people: Pipeline, photographs: Photographs, tmp_path: Path
) -> None:
    pipeline = with_slow_people
    job_id = started(pipeline, photographs.named("unwanted", 40, tmp_path))
    wait_until(lambda: pipeline.job(job_id), lambda job: job["labelling"] is not None, seconds=60)
    assert "is being stopped" in cancel(pipeline, job_id)["cancellation"]["lasting"][0]
    job = wait_until(
        lambda: pipeline.job(job_id), lambda job: job["labelling"]["labels"] is not None, seconds=60
    )
    make_client: Any = boto3.client  # its overloads know no credentials that come as a mapping
    sagemaker = make_client(
        "sagemaker",
        endpoint_url=pipeline.stack.simulator,
        region_name=pipeline.stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    described = sagemaker.describe_labeling_job(LabelingJobName=f"{pipeline.stack.prefix}-{job_id}-1")
    assert described["LabelingJobStatus"] == "Stopped"
    labels = job["labelling"]["labels"]
    assert labels["labelled"] < 40 == sum(labels.values())
    assert f"{labels['labelled']} images were labelled" in job["cancellation"]["lasting"][0]
    assert (job["status"], job["dataset"]) == ("CANCELLED", None)
    assert pipeline.calls("CreateProject", job_id) == 0


def test_a_job_cancelled_while_its_model_runs_has_the_model_stopped(
    pipeline: Pipeline, photographs: Photographs, tmp_path: Path, aws: Callable[[str], Any]
) -> None:
    job_id = started(pipeline, photographs.named("outdated", 24, tmp_path))
    running = pipeline.wait_for(job_id, "RUNNING")
    assert "$4.00 an hour" in cancel(pipeline, job_id)["cancellation"]["lasting"][-1]
    arn = running["model"]["projectVersionArn"]
    wait_until(
        lambda: aws("rekognition").describe_project_versions(
            ProjectArn=running["dataset"]["projectArn"], VersionNames=["attempt-1"]
        )["ProjectVersionDescriptions"][0]["Status"],
        lambda status: status == "STOPPED",
        seconds=60,
    )
    job = wait_until(
        lambda: pipeline.job(job_id), lambda job: job["model"]["stoppedAt"] is not None, seconds=60
    )
    assert (job["status"], job["model"]["stopCause"], job["cost"]["perHourNow"]) == (
        "CANCELLED",
        "cancelled",
        0,
    )
    assert arn in " ".join(job["cancellation"]["lasting"])
    again = pipeline.call("POST", f"/api/training/{job_id}/model/start")
    assert again.status_code == 409


def test_a_failed_training_is_retried_with_the_labels_and_datasets_that_there_are(
    pipeline: Pipeline, photographs: Photographs, tmp_path: Path
) -> None:
    fault = {"operation": "CreateProjectVersion", "fault": "training-fails"}
    pipeline.http.post(f"{pipeline.stack.simulator}/_simulator/faults", json=fault).raise_for_status()
    job_id = started(pipeline, photographs.named("unlucky", 24, tmp_path))
    failure = pipeline.wait_for(job_id, "FAILED")["failure"]
    assert (failure["stage"], failure["code"]) == ("training", "training-failed")
    answer = pipeline.call("POST", f"/api/training/{job_id}/retry")
    assert (answer.status_code, answer.json()["attempt"]) == (202, 2)
    assert (answer.json()["status"], answer.json()["failure"]) == ("TRAINING", None)
    job = pipeline.wait_for(job_id, "RUNNING")
    assert (job["attempt"], job["failure"]) == (2, None)
    assert "attempt-2" in job["model"]["projectVersionArn"]
    made = {
        operation: pipeline.calls(operation, job_id)
        for operation in ("CreateLabelingJob", "CreateProject", "CreateProjectVersion", "StartProjectVersion")
    }
    assert made == {
        "CreateLabelingJob": 1,
        "CreateProject": 1,
        "CreateProjectVersion": 2,
        "StartProjectVersion": 1,
    }
    assert "ekyc.stage.failed.v1" in pipeline.event_types(job_id)
    cancel(pipeline, job_id)
    wait_until(lambda: pipeline.job(job_id), lambda job: job["model"]["stoppedAt"] is not None, seconds=60)
