"""`ekyc annotations send`: boxes that exist already, to a job that was made to import them."""

from pathlib import Path

import pytest

from contracts.plan import LabellingBackendName
from contracts.stages import JobStatus
from tests.cli.conftest import Cli
from tests.cli.fake_api import FakeApi


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    path = tmp_path / "boxes.manifest"
    path.write_text('{"source-ref": "s3://b/a.jpg"}\n')
    return path


def test_a_job_that_imports_its_boxes_gets_them(ekyc: Cli, api: FakeApi, boxes: Path) -> None:
    created = ekyc("jobs", "create", "--labelling", "import")
    job_id = created.stdout.strip()
    assert f"ekyc annotations send {job_id} FILE" in created.stderr
    ran = ekyc("annotations", "send", job_id, boxes, "--json")
    assert ran.exit_code == 0
    assert ran.json == {"jobId": job_id, "file": str(boxes), "bytes": boxes.stat().st_size}
    assert api.imported == {job_id: boxes.read_bytes()}
    assert f"ekyc start {job_id}" in ran.stderr


def test_until_the_job_starts_the_last_file_counts(ekyc: Cli, api: FakeApi, boxes: Path) -> None:
    job_id = api.add_job(labelling_backend=LabellingBackendName.IMPORT)
    assert ekyc("annotations", "send", job_id, boxes).exit_code == 0
    boxes.write_text("other")
    assert ekyc("annotations", "send", job_id, boxes).exit_code == 0
    assert api.imported == {job_id: b"other"}


def test_a_job_that_people_label_takes_no_boxes(ekyc: Cli, api: FakeApi, boxes: Path) -> None:
    ran = ekyc("annotations", "send", api.add_job(), boxes, "--json")
    assert (ran.exit_code, ran.json["error"]["code"]) == (1, "wrong-state")
    assert api.imported == {}


def test_a_job_that_has_started_takes_no_boxes(ekyc: Cli, api: FakeApi, boxes: Path) -> None:
    job_id = api.add_job(JobStatus.LABELLING, labelling_backend=LabellingBackendName.IMPORT)
    ran = ekyc("annotations", "send", job_id, boxes, "--json")
    assert (ran.exit_code, ran.json["error"]["code"]) == (1, "job-started")


def test_an_empty_file_is_refused_before_anything_is_asked(ekyc: Cli, api: FakeApi, boxes: Path) -> None:
    boxes.write_bytes(b"")
    ran = ekyc("annotations", "send", api.add_job(labelling_backend=LabellingBackendName.IMPORT), boxes)
    assert (ran.exit_code, api.calls) == (2, [])
    assert "is empty" in ran.stderr


def test_boxes_that_do_not_arrive_can_be_sent_again(ekyc: Cli, api: FakeApi, boxes: Path) -> None:
    job_id = api.add_job(labelling_backend=LabellingBackendName.IMPORT)
    api.put_faults["annotations"] = [403]
    ran = ekyc("annotations", "send", job_id, boxes)
    assert ran.exit_code == 5
    assert f"ekyc annotations send {job_id} {boxes}" in ran.stderr
    assert ekyc("annotations", "send", job_id, boxes).exit_code == 0


def test_a_running_model_can_be_asked_to_suggest_boxes(ekyc: Cli, api: FakeApi) -> None:
    model = api.add_job(JobStatus.RUNNING)
    ran = ekyc("jobs", "create", "--labelling", "console", "--suggestions-from", model.upper())
    assert ran.exit_code == 0
    assert api.suggesting == [model]
