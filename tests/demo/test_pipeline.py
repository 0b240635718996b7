"""The demonstration drives the API as a user does."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.client import PipelineApi
from cli.places import LocalStack
from contracts.stages import JobStatus
from demo.__main__ import app
from demo.material import Material, from_files
from demo.pipeline import Pipeline
from demo.problem import DemoError
from tests.cli.conftest import serving
from tests.cli.fake_api import FakeApi
from tests.demo.material_files import bring_images, write_coco


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with serving(FakeApi()) as served:
        yield served


@pytest.fixture
def material(tmp_path: Path) -> Material:
    document = bring_images(tmp_path / "images")
    return from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


@pytest.fixture
def pipeline(api: FakeApi) -> Iterator[Pipeline]:
    stack = LocalStack(aws=api.url, simulator=api.url, api=api.url)
    with PipelineApi(api.url) as client:
        yield Pipeline(client, stack, Console(file=io.StringIO()), timeout=30)


def test_only_what_is_not_kept_apart_is_uploaded_and_told(
    pipeline: Pipeline, api: FakeApi, material: Material
) -> None:
    job_id = pipeline.upload(material).job_id
    job = pipeline.train(job_id, material)
    assert api.arrived(job_id) == set(material.training)
    assert {image["file_name"] for image in api.handed_over[0]["images"]} == set(material.training)
    assert (job.status, api.jobs[job_id].labels) == (JobStatus.RUNNING, list(material.labels))


def test_the_images_kept_apart_are_looked_at_and_no_others(
    pipeline: Pipeline, api: FakeApi, material: Material
) -> None:
    box = {"Left": 0.1, "Top": 0.25, "Width": 0.5, "Height": 0.5}
    api.found = [{"Name": "visa", "Confidence": 88.0, "Geometry": {"BoundingBox": box}}]
    job = pipeline.train(pipeline.upload(material).job_id, material)
    found = pipeline.detect(job, material)
    assert set(found) == set(material.check)
    assert len(api.sent_images) == len(material.check)
    assert {one.label for detections in found.values() for one in detections} == {"visa"}


def test_the_model_is_stopped_for_good(pipeline: Pipeline, api: FakeApi, material: Material) -> None:
    job_id = api.add_job(JobStatus.RUNNING)
    assert pipeline.stop(job_id).status is JobStatus.STOPPED


def test_a_job_that_fails_ends_the_demonstration(
    pipeline: Pipeline, api: FakeApi, material: Material
) -> None:
    api.end = JobStatus.FAILED
    job_id = pipeline.upload(material).job_id
    with pytest.raises(DemoError, match="ended as FAILED"):
        pipeline.train(job_id, material)


def test_a_job_that_takes_too_long_ends_the_demonstration(
    pipeline: Pipeline, api: FakeApi, material: Material
) -> None:
    job_id = pipeline.upload(material).job_id
    with pytest.raises(DemoError, match="No model after 0 seconds"):
        replace(pipeline, timeout=0).train(job_id, material)


def test_an_image_that_does_not_arrive_ends_the_demonstration(
    pipeline: Pipeline, api: FakeApi, material: Material
) -> None:
    lost = material.training[0]
    api.put_faults[lost] = [403] * 9
    with pytest.raises(DemoError, match=lost):
        pipeline.upload(material)
    assert "POST /api/training/start" not in api.calls


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--images", "somewhere"], "Give both"),
        (["--images", "nowhere", "--annotations", "no.json"], "There is no folder nowhere"),
        (["--count", "2"], "nine or more"),
    ],
)
def test_bad_input_is_refused_before_anything_starts(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 1
    assert said in ran.output
    assert not (tmp_path / "build" / "demo" / "stack").exists()
