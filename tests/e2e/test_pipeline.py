"""The main job, whole: from images to a model that finds documents it has never seen."""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import LABELS, Photographs
from tests.e2e.pipeline import Pipeline
from tests.support.waiting import wait_until

pytestmark = pytest.mark.e2e


def test_the_job_shows_what_became_of_every_image(pipeline: Pipeline, trained: str) -> None:
    job = pipeline.job(trained)
    assert job["labelling"]["images"] == {"uploaded": 44, "accepted": 43, "refused": 1}
    assert job["labelling"]["refused"][0]["filename"] == "not-an-image.jpg"
    assert job["labelling"]["labels"] == {"labelled": 42, "failed": 1, "unlabelled": 0}
    used = job["dataset"]["trainEntries"] + job["dataset"]["testEntries"]
    assert used + sum(left_out["count"] for left_out in job["dataset"]["leftOut"]) == 43
    assert {split["label"] for split in job["dataset"]["split"]} == set(LABELS)


def test_the_history_tells_each_step_once_and_in_order(pipeline: Pipeline, trained: str) -> None:
    assert pipeline.event_types(trained) == [
        "ekyc.training-job.started.v1",
        "ekyc.labelling.started.v1",
        "ekyc.labelling.completed.v1",
        "ekyc.dataset.creation-started.v1",
        "ekyc.dataset.ready.v1",
        "ekyc.model.training-started.v1",
        "ekyc.model.trained.v1",
        "ekyc.model.deployment-started.v1",
        "ekyc.model.deployed.v1",
    ]


def test_everything_that_is_paid_for_was_made_once(pipeline: Pipeline, trained: str) -> None:
    made = {
        operation: pipeline.calls(operation, trained)
        for operation in ("CreateLabelingJob", "CreateProject", "CreateProjectVersion", "StartProjectVersion")
    }
    assert made == dict.fromkeys(made, 1)


def test_ground_truth_tells_through_eventbridge_that_it_is_done(
    pipeline: Pipeline, trained: str, aws: Callable[[str], Any]
) -> None:
    assert trained
    notices = aws("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{pipeline.stack.prefix}-labelling-events",
        filterPattern="Labeling Job State Change",
    )
    assert any("Labeling Job State Change" in event["message"] for event in notices["events"])


def test_the_ekyc_api_finds_the_model_in_its_parameters(
    pipeline: Pipeline, trained: str, aws: Callable[[str], Any]
) -> None:
    parameter = aws("ssm").get_parameter(Name=f"/{pipeline.stack.prefix}/model/project-version-arn")
    assert parameter["Parameter"]["Value"] == pipeline.job(trained)["model"]["projectVersionArn"]


def test_the_model_finds_documents_it_has_never_seen(
    pipeline: Pipeline, trained: str, photographs: Photographs, aws: Callable[[str], Any]
) -> None:
    arn = pipeline.job(trained)["model"]["projectVersionArn"]
    unseen = photographs.files[42:]
    found = [
        label["Name"]
        for image in unseen
        for label in aws("rekognition").detect_custom_labels(
            ProjectVersionArn=arn, Image={"Bytes": image.read_bytes()}
        )["CustomLabels"]
    ]
    assert len(found) >= len(unseen) / 2
    assert set(found) <= set(LABELS)


def test_the_test_images_are_shown_with_what_is_true_and_what_the_model_says(
    pipeline: Pipeline, trained: str
) -> None:
    job = pipeline.job(trained)
    images: list[dict[str, Any]] = []
    token = ""
    while True:
        page = pipeline.call("GET", f"/api/training/{trained}/results?limit=5{token}")
        assert page.status_code == 200, page.text
        images += page.json()["images"]
        if page.json()["nextToken"] is None:
            break
        token = f"&nextToken={page.json()['nextToken']}"
    assert len(images) == page.json()["total"] == job["dataset"]["testEntries"]
    assert len({image["filename"] for image in images}) == len(images)
    assert [image["wrong"] for image in images] == sorted((image["wrong"] for image in images), reverse=True)
    assert {box["label"] for image in images for box in image["truth"]} <= set(LABELS)
    assert any(image["predictions"] for image in images)
    shown = pipeline.http.get(images[0]["imageUrl"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")


def test_a_photo_can_be_tried_on_the_running_model(
    pipeline: Pipeline, trained: str, photographs: Photographs
) -> None:
    found = []
    for image in photographs.files[42:]:
        # As large as it may be: what lies behind the end of the picture is nobody's business.
        content = image.read_bytes().ljust(4 * 1024 * 1024, b"\0")
        body = {"image": base64.b64encode(content).decode()}
        answer = pipeline.call("POST", f"/api/training/{trained}/detect", json=body)
        assert answer.status_code == 200, answer.text
        found += answer.json()["boxes"]
    assert found
    assert {box["label"] for box in found} <= set(LABELS)
    assert all(0 <= box["confidence"] <= 1 for box in found)


def test_a_running_model_shows_what_it_costs(pipeline: Pipeline, trained: str) -> None:
    job = pipeline.job(trained)
    assert job["cost"]["perHourNow"] == 4.0
    assert job["cost"]["labelling"] == pytest.approx(42 * 0.08)
    assert job["model"]["runningSince"] is not None


def test_doubled_and_late_events_leave_the_job_where_it_is(
    pipeline: Pipeline, trained: str, aws: Callable[[str], Any]
) -> None:
    sns = aws("sns")
    stack = pipeline.stack
    topic = f"arn:aws:sns:{stack.region}:{stack.account_id}:{stack.prefix}-events"
    before = pipeline.job(trained)
    history = pipeline.call("GET", f"/api/training/{trained}/events").json()["events"]
    for event in reversed(history):
        envelope = {**event, "specversion": "1.0", "subject": trained, "datacontenttype": "application/json"}
        sns.publish(
            TopicArn=topic,
            Message=json.dumps(envelope),
            MessageAttributes={"type": {"DataType": "String", "StringValue": event["type"]}},
        )
    wait_until(lambda: _waiting_messages(aws("sqs")), lambda waiting: waiting == 0, seconds=60)
    after = pipeline.job(trained)
    assert (after["status"], len(pipeline.event_types(trained))) == (before["status"], len(history))
    assert pipeline.calls("CreateProjectVersion", trained) == 1


def test_nothing_is_left_in_any_queue(trained: str, aws: Callable[[str], Any]) -> None:
    assert trained
    wait_until(lambda: _waiting_messages(aws("sqs")), lambda waiting: waiting == 0, seconds=60)


def test_a_model_stops_when_asked_and_starts_again(pipeline: Pipeline, trained: str) -> None:
    assert pipeline.call("POST", f"/api/training/{trained}/model/stop").status_code == 202
    stopped = pipeline.wait_for(trained, "STOPPED", seconds=60)
    assert stopped["cost"]["perHourNow"] == 0
    body = {"image": base64.b64encode(b"no model looks at this").decode()}
    tried = pipeline.call("POST", f"/api/training/{trained}/detect", json=body)
    assert (tried.status_code, tried.json()["type"]) == (409, "urn:ekyc:problem:no-model")
    assert stopped["model"]["stopCause"] == "requested"
    assert pipeline.call("POST", f"/api/training/{trained}/model/start").status_code == 202
    assert pipeline.wait_for(trained, "RUNNING", seconds=60)["model"]["run"] == 2
    assert pipeline.call("POST", f"/api/training/{trained}/model/stop").status_code == 202
    pipeline.wait_for(trained, "STOPPED", seconds=60)


def test_an_image_can_be_put_with_nothing_but_curl(pipeline: Pipeline, photographs: Photographs) -> None:
    job_id = pipeline.create()
    url = pipeline.call(
        "GET",
        "/api/training/url",
        params={"JobId": job_id, "S3Key": "a photo.jpg"},
        headers={"Accept": "text/plain"},
    ).text
    put = subprocess.run(
        ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-T", str(photographs.files[0]), url],
        capture_output=True,
        text=True,
        check=True,
    )
    assert put.stdout == "200"


def test_a_job_without_a_usable_image_fails_and_says_why(pipeline: Pipeline, tmp_path: Path) -> None:
    text = tmp_path / "letter.jpg"
    text.write_text("Dear Sir or Madam")
    job_id = pipeline.create()
    pipeline.upload(job_id, [text])
    pipeline.start(job_id)
    failure = pipeline.wait_for(job_id, "FAILED", seconds=60)["failure"]
    assert failure["stage"] == "labelling"
    assert "letter.jpg" in failure["details"][0]
    assert failure["advice"]


def test_a_model_below_the_bar_is_not_deployed(
    pipeline: Pipeline, photographs: Photographs, tmp_path: Path
) -> None:
    categories = [category["id"] for category in photographs.coco["categories"]]
    muddled = photographs.named("muddled", 24, tmp_path, labels=lambda number: categories[number % 3])
    pipeline.annotate(muddled.coco)
    job_id = pipeline.create(labels=LABELS, options={"minF1": 1.0})
    pipeline.upload(job_id, muddled.files)
    pipeline.start(job_id)
    job = pipeline.wait_for(job_id, "REJECTED")
    assert job["model"]["f1"] < 1.0
    assert job["cost"]["perHourNow"] == 0
    assert pipeline.calls("StartProjectVersion", job_id) == 0


def _waiting_messages(sqs: Any) -> int:
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return sum(
        int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(counts))["Attributes"][count])
        for url in sqs.list_queues()["QueueUrls"]
        for count in counts
    )
