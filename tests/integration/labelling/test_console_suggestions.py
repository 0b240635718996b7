"""A model's boxes to begin with: offered if it answers, never waited for, and told in the manifest."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from tests.integration.labelling.bench import Bench
from tests.integration.labelling.console_bench import BOXES, Labeller, begin
from tests.support.builders import JOB, version_arn
from tests.support.rekognition import refusal

MODEL = version_arn()


@dataclass
class FakeModel:
    """Finds what it is told to, and remembers what it was asked."""

    found: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def detect_custom_labels(self, **request: Any) -> Any:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return {"CustomLabels": self.found}


def found(label: str, left: float, top: float, width: float, height: float) -> dict[str, Any]:
    box = {"Left": left, "Top": top, "Width": width, "Height": height}
    return {"Name": label, "Confidence": 90.0, "Geometry": {"BoundingBox": box}}


@pytest.fixture
def model() -> FakeModel:
    return FakeModel([found("passport", 0.25, 0.5, 0.5, 0.25), found("visa", 0, 0, 1, 1)])


def labeller(bench: Bench, model: FakeModel) -> Labeller:
    return Labeller(bench.face(model), "ann")


def metadata(bench: Bench) -> dict[str, Any]:
    [line] = bench.lines("console/output.manifest")
    told: dict[str, Any] = line["document-metadata"]
    return told


def test_the_models_boxes_of_the_jobs_labels_are_offered(bench: Bench, model: FakeModel) -> None:
    begin(bench, 1, suggestions_from=MODEL)
    task = labeller(bench, model).next()
    box = {"label": "passport", "left": 160, "top": 240, "width": 320, "height": 120}
    assert task["suggestions"] == [box]
    image = {"S3Object": {"Bucket": "ekyc-images", "Name": f"images/{JOB}/000.jpg"}}
    assert model.asked == [{"ProjectVersionArn": MODEL, "Image": image}]


def test_a_model_is_asked_once_for_each_image(bench: Bench, model: FakeModel) -> None:
    begin(bench, 1, workers=2, suggestions_from=MODEL)
    ann = labeller(bench, model)
    ann.next()
    ann.label()
    assert Labeller(bench.face(model), "bob").next()["suggestions"] != []
    assert len(model.asked) == 1


def test_no_model_is_asked_unless_the_plan_names_one(bench: Bench, model: FakeModel) -> None:
    begin(bench, 1)
    assert labeller(bench, model).next()["suggestions"] == []
    assert model.asked == []


@pytest.mark.parametrize(
    "error", [refusal("ResourceNotReadyException"), ReadTimeoutError(endpoint_url="https://rekognition")]
)
def test_people_label_without_suggestions_when_the_model_does_not_answer(
    bench: Bench, model: FakeModel, error: Exception
) -> None:
    begin(bench, 1, suggestions_from=MODEL)
    model.error = error
    ann = labeller(bench, model)
    assert ann.next()["suggestions"] == []
    ann.label()
    bench.tick()
    assert "suggested-by" not in metadata(bench)


def test_the_manifest_says_that_people_began_with_a_models_boxes(bench: Bench, model: FakeModel) -> None:
    begin(bench, 1, suggestions_from=MODEL)
    labeller(bench, model).label(BOXES)
    bench.tick()
    assert metadata(bench)["suggested-by"] == MODEL
    assert metadata(bench)["human-annotated"] == "yes"
