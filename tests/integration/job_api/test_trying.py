"""POST /api/training/{jobId}/detect: one image, looked at by the running model."""

import base64
import io
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from PIL import Image

from services.job_api.detection import Detecting
from tests.integration.job_api.bench import Bench
from tests.support.builders import JOB, model_trained, version_arn
from tests.support.events import deployment_started, model_deployed, model_stopped
from tests.support.http_face import Answer, assert_problem
from tests.support.rekognition import refusal

THROTTLED = ["ProvisionedThroughputExceededException", "ThrottlingException", "LimitExceededException"]


@dataclass
class FakeModel:
    """A model that finds what a test says, and remembers what it was shown."""

    labels: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def detect_custom_labels(self, **request: Any) -> Any:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return {"CustomLabels": self.labels}


def picture(width: int = 400, height: int = 200) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height)).save(stream, "JPEG")
    return stream.getvalue()


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def model(bench: Bench) -> FakeModel:
    fake = FakeModel()
    detecting = Detecting(bench.api.training_jobs.require, fake)  # type: ignore[arg-type]
    bench.app = bench.routes_of(replace(bench.api, detecting=detecting))
    return fake


@pytest.fixture
def running(bench: Bench) -> str:
    """A job whose model runs."""
    job_id = bench.started()
    bench.hear(model_trained(job_id), deployment_started(job_id), model_deployed(job_id))
    return job_id


def detect(bench: Bench, job_id: str, content: bytes, **more: Any) -> Answer:
    return bench.post(f"/api/training/{job_id}/detect", {"image": in_base64(content), **more})


def test_what_the_model_finds_is_given_in_stored_pixels_the_surest_first(
    bench: Bench, model: FakeModel, running: str
) -> None:
    near_the_edge = {"Left": 0.9, "Top": -0.01, "Width": 0.2, "Height": 0.5}
    model.labels = [
        {"Name": "id-card", "Confidence": 40.0, "Geometry": {"BoundingBox": near_the_edge}},
        {
            "Name": "passport",
            "Confidence": 97.5,
            "Geometry": {"BoundingBox": {"Left": 0.25, "Top": 0.5, "Width": 0.1, "Height": 0.2}},
        },
        {"Name": "the whole image", "Confidence": 99.0},
    ]
    answer = detect(bench, running, picture())
    assert answer.status == 200, answer.text
    assert answer.json == {
        "width": 400,
        "height": 200,
        "boxes": [
            {"label": "passport", "left": 100, "top": 100, "width": 40, "height": 40, "confidence": 0.975},
            {"label": "id-card", "left": 360, "top": 0, "width": 40, "height": 98, "confidence": 0.4},
        ],
    }


def test_the_model_sees_the_image_as_it_was_sent(bench: Bench, model: FakeModel, running: str) -> None:
    content = picture()
    assert detect(bench, running, content).json["boxes"] == []
    assert model.asked == [{"ProjectVersionArn": version_arn(running), "Image": {"Bytes": content}}]


def test_a_least_confidence_is_a_share_and_zero_is_one(bench: Bench, model: FakeModel, running: str) -> None:
    for share in (0.25, 0):
        assert detect(bench, running, picture(), minConfidence=share).status == 200
    assert [asked["MinConfidence"] for asked in model.asked] == [25, 0]
    assert_problem(detect(bench, running, picture(), minConfidence=50), 422, "invalid-request")


def test_an_image_of_four_megabytes_fits(bench: Bench, model: FakeModel, running: str) -> None:
    content = picture() + bytes(4 * 1024 * 1024 - len(picture()))
    body = json.dumps({"image": in_base64(content)})
    assert len(json.dumps(body)) < 6_000_000  # what Lambda takes, all that is round it included
    assert bench.post(f"/api/training/{running}/detect", body).status == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a" + bytes(100), "JPEG"),
        (picture(63, 63), "63 by 63"),
        (picture() + bytes(4 * 1024 * 1024), "4 MB"),
        (picture()[:20], "damaged"),
    ],
)
def test_an_image_that_cannot_be_used_is_refused_before_the_model_sees_it(
    bench: Bench, model: FakeModel, running: str, content: bytes, said: str
) -> None:
    problem = assert_problem(detect(bench, running, content), 422, "image-unusable")
    assert said in problem["detail"]
    assert model.asked == []


@pytest.mark.parametrize("image", ["no base64!", "abc", "data:image/png;base64,aaaa", "äöüß"])
def test_what_is_no_base64_is_refused(bench: Bench, model: FakeModel, running: str, image: str) -> None:
    answer = bench.post(f"/api/training/{running}/detect", {"image": image})
    assert "base64" in assert_problem(answer, 422, "image-unusable")["detail"]


@pytest.mark.parametrize("body", [None, "", "{}", {"image": 1}, {"image": ""}, {"image": "aaaa", "more": 1}])
def test_a_body_of_another_form_is_refused(bench: Bench, running: str, body: Any) -> None:
    assert_problem(bench.post(f"/api/training/{running}/detect", body), 422, "invalid-request")


def test_a_job_without_a_running_model_says_what_to_do(bench: Bench, model: FakeModel) -> None:
    job_id = bench.started()
    assert_problem(detect(bench, job_id, picture()), 409, "no-model")
    bench.hear(model_trained(job_id), deployment_started(job_id))
    assert "wait" in assert_problem(detect(bench, job_id, picture()), 409, "no-model")["detail"]
    bench.hear(model_deployed(job_id), model_stopped(job_id))
    assert "start the model" in assert_problem(detect(bench, job_id, picture()), 409, "no-model")["detail"]
    assert model.asked == []


def test_an_unknown_job_has_no_model_to_try(bench: Bench) -> None:
    assert_problem(detect(bench, JOB, picture()), 404, "job-not-found")


@pytest.mark.parametrize("code", ["ResourceNotReadyException", "ResourceNotFoundException"])
def test_a_model_that_has_just_stopped_is_no_model(
    bench: Bench, model: FakeModel, running: str, code: str
) -> None:
    model.error = refusal(code)
    assert_problem(detect(bench, running, picture()), 409, "no-model")


@pytest.mark.parametrize(
    "code", ["InvalidImageFormatException", "ImageTooLargeException", "InvalidParameterException"]
)
def test_an_image_that_the_model_refuses_is_unusable(
    bench: Bench, model: FakeModel, running: str, code: str
) -> None:
    model.error = refusal(code)
    assert_problem(detect(bench, running, picture()), 422, "image-unusable")


@pytest.mark.parametrize("code", THROTTLED)
def test_a_model_that_is_asked_too_often_is_to_be_asked_again(
    bench: Bench, model: FakeModel, running: str, code: str
) -> None:
    model.error = refusal(code)
    answer = detect(bench, running, picture())
    assert_problem(answer, 503, "try-again")
    assert int(answer.headers["retry-after"]) > 0


def test_a_model_that_does_not_answer_is_to_be_asked_again(
    bench: Bench, model: FakeModel, running: str
) -> None:
    model.error = ReadTimeoutError(endpoint_url="https://rekognition")
    assert_problem(detect(bench, running, picture()), 503, "try-again")


def test_a_right_that_is_missing_is_a_fault_of_ours(bench: Bench, model: FakeModel, running: str) -> None:
    model.error = refusal("AccessDeniedException")
    assert_problem(detect(bench, running, picture()), 500, "internal")


@pytest.mark.parametrize(
    "error", [None, refusal("ThrottlingException"), refusal("AccessDeniedException"), RuntimeError("a bug")]
)
def test_nothing_of_the_image_is_logged(
    bench: Bench,
    model: FakeModel,
    running: str,
    caplog: pytest.LogCaptureFixture,
    error: Exception | None,
) -> None:
    model.error = error
    content = picture()
    detect(bench, running, content)
    detect(bench, running, b"GIF89a" + content)
    bench.post(f"/api/training/{running}/detect", {"image": in_base64(content) + "!"})
    bench.post(f"/api/training/{running}/detect", {"picture": in_base64(content)})
    logged = "\n".join([caplog.text, *(str(vars(record)) for record in caplog.records)])
    assert logged.count("/detect") >= 4
    for part in (in_base64(content)[:40], in_base64(content)[400:440], repr(content[:12])[2:-1]):
        assert part not in logged
