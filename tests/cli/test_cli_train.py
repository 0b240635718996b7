"""`ekyc train`: the whole sequence, and what it refuses to begin."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cli.coco import Coco, read_coco
from cli.exits import CliError
from contracts.stages import JobStatus
from tests.cli.conftest import Cli
from tests.cli.fake_api import FakeApi

MakeImages = Callable[[Sequence[str]], Path]


def coco(names: Sequence[str] = ("passport", "id-card"), **changes: Any) -> dict[str, Any]:
    """Two images, `a.jpg` with the first category and `b.jpg` with the second."""
    whole = {
        "images": [
            {"id": 1, "file_name": "train/a.jpg", "width": 100, "height": 100},
            {"id": 2, "file_name": "b.jpg", "width": 100, "height": 100},
        ],
        "annotations": [
            {"image_id": 1, "category_id": 0, "bbox": [1, 2, 30, 40], "iscrowd": 0},
            {"image_id": 2, "category_id": 1, "bbox": [1, 2, 30, 40]},
        ],
        "categories": [{"id": place, "name": name} for place, name in enumerate(names)],
    }
    return {**whole, **changes}


@pytest.fixture
def annotations(tmp_path: Path) -> Callable[[Any], Path]:
    def write(document: Any) -> Path:
        path = tmp_path / "coco.json"
        path.write_text(json.dumps(document))
        return path

    return write


Write = Callable[[Any], Path]
GROUND_TRUTH = ("--labelling", "ground-truth")


def test_annotations_are_imported_wherever_the_api_is(
    no_api_cli: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    given = annotations(coco())
    ran = no_api_cli("train", images(["a.jpg", "b.jpg"]), "--annotations", given, "--api", api.url)
    (job,) = api.jobs.values()
    assert ran.exit_code == 0
    assert (job.labels, api.backends) == (["passport", "id-card"], ["import"])
    assert api.imported == {job.job_id: given.read_bytes()}
    assert api.handed_over == []
    assert job.status is not JobStatus.CREATED


def test_labels_of_other_formats_must_be_said(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    given = annotations({"source-ref": "s3://b/a.jpg"})
    folder = images(["a.jpg"])
    ran = ekyc("train", folder, "--annotations", given)
    assert (ran.exit_code, api.calls) == (2, [])
    assert "--label" in ran.stderr
    assert ekyc("train", folder, "--annotations", given, "--label", "passport").exit_code == 0
    assert [*api.imported.values()] == [given.read_bytes()]


def test_a_job_whose_labels_do_not_arrive_is_not_started(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    api.put_faults["annotations"] = [403]
    ran = ekyc("train", images(["a.jpg"]), "--annotations", annotations(coco()), "--json")
    (job,) = api.jobs.values()
    assert (ran.exit_code, job.status) == (5, JobStatus.CREATED)
    assert ran.json["error"]["code"] == "annotations-not-uploaded"


def test_people_can_be_asked_to_label_on_the_console(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    assert ekyc("train", images(["a.jpg"]), "--labelling", "console").exit_code == 0
    assert api.backends == ["console"]


@pytest.mark.parametrize("options", [("console", True), ("import", False)])
def test_boxes_and_the_way_to_get_them_must_go_together(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write, options: tuple[str, bool]
) -> None:
    backend, given = options
    file = ("--annotations", annotations(coco())) if given else ()
    ran = ekyc("train", images(["a.jpg"]), "--labelling", backend, *file)
    assert (ran.exit_code, api.calls) == (2, [])
    assert "--annotations" in ran.stderr


def test_train_creates_uploads_and_starts(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    ran = ekyc("train", images(["a.jpg", "b.jpg"]), "--label", "passport", "--name", "n")
    (job,) = api.jobs.values()
    assert (ran.exit_code, ran.stdout) == (0, job.job_id + "\n")
    assert job.name == "n"
    assert job.status is not JobStatus.CREATED
    assert api.arrived(job.job_id) == {"a.jpg", "b.jpg"}


def test_the_local_stack_is_reached_past_a_proxy_and_a_profile_meant_for_others(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    ekyc.env |= {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "AWS_PROFILE": "nobody",
        "NO_PROXY": None,
        "no_proxy": None,
    }
    given = annotations(coco())
    ran = ekyc("train", images(["a.jpg", "b.jpg"]), *GROUND_TRUTH, "--annotations", given, "--json")
    (job,) = api.jobs.values()
    assert ran.exit_code == 0
    assert api.arrived(job.job_id) == {"a.jpg", "b.jpg"}
    assert len(api.handed_over) == 1


def test_train_can_wait_for_the_model(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    ran = ekyc("train", images(["a.jpg"]), "--wait", "--interval", "0.05", "--json")
    assert ran.exit_code == 0
    assert (ran.json["job"]["status"], ran.json["upload"]["uploaded"]) == ("RUNNING", 1)


def test_train_that_waits_ends_as_the_job_does(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    api.end = JobStatus.FAILED
    assert ekyc("train", images(["a.jpg"]), "--wait", "--interval", "0.05").exit_code == 3


def test_labels_come_from_the_annotations_which_the_workforce_gets(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    given = annotations(coco(("passport", "id-card", "unused")))
    ran = ekyc("train", images(["a.jpg", "b.jpg"]), *GROUND_TRUTH, "--annotations", given)
    (job,) = api.jobs.values()
    assert ran.exit_code == 0
    assert job.labels == ["passport", "id-card"]
    assert api.backends == ["ground-truth"]
    assert api.imported == {}
    (handed,) = api.handed_over
    assert [image["file_name"] for image in handed["images"]] == ["a.jpg", "b.jpg"]


def test_a_label_narrows_the_boxes_that_are_handed_over(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    folder = images(["a.jpg", "b.jpg"])
    given = annotations(coco())
    ran = ekyc("train", folder, *GROUND_TRUTH, "--annotations", given, "--label", "id-card")
    assert ran.exit_code == 0
    assert [box["image_id"] for box in api.handed_over[0]["annotations"]] == [2]


def test_a_label_without_boxes_is_refused(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    given = annotations(coco())
    ran = ekyc("train", images(["a.jpg"]), *GROUND_TRUTH, "--annotations", given, "--label", "id-card")
    assert ran.exit_code == 2
    assert "no box of id-card" in ran.stderr
    assert not api.calls


def test_only_the_local_stacks_labellers_can_be_told_what_to_draw(
    no_api_cli: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    given = annotations(coco())
    ran = no_api_cli(
        "train", images(["a.jpg"]), *GROUND_TRUTH, "--annotations", given, "--api", api.url, "--json"
    )
    assert ran.exit_code == 2
    assert ran.json["error"]["code"] == "no-simulator"
    assert not api.calls


def test_annotations_of_other_images_are_refused(
    ekyc: Cli, api: FakeApi, images: MakeImages, annotations: Write
) -> None:
    ran = ekyc("train", images(["other.jpg"]), "--annotations", annotations(coco()))
    assert ran.exit_code == 2
    assert "do the file names agree?" in ran.stderr
    assert not api.calls


def test_bad_file_names_stop_it_before_a_job_is_made_unless_they_may_be_skipped(
    ekyc: Cli, api: FakeApi, images: MakeImages
) -> None:
    folder = images(["a.jpg", "b,.jpg"])
    ran = ekyc("train", folder)
    assert ran.exit_code == 2
    assert "b,.jpg: The file name may hold" in ran.stderr
    assert not api.calls
    assert ekyc("train", folder, "--skip-refused").exit_code == 0


def test_an_empty_folder_makes_no_job(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    ran = ekyc("train", images(["readme.txt"]))
    assert ran.exit_code == 2
    assert "holds no image" in ran.stderr
    assert not api.calls


def test_an_upload_with_losses_is_not_started(ekyc: Cli, api: FakeApi, images: MakeImages) -> None:
    api.put_faults["b.jpg"] = [403] * 9
    ran = ekyc("train", images(["a.jpg", "b.jpg"]), "--json")
    (job,) = api.jobs.values()
    assert ran.exit_code == 5
    assert job.status is JobStatus.CREATED
    assert ran.json["upload"]["notUploaded"][0]["filename"] == "b.jpg"
    assert f"ekyc upload {job.job_id}" in ran.stderr


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "is not a COCO file"),
        (coco(annotations=[{"image_id": 7, "category_id": 0, "bbox": [0, 0, 1, 1]}]), "image 7"),
        (coco(annotations=[{"image_id": 1, "category_id": 9, "bbox": [0, 0, 1, 1]}]), "category 9"),
        (coco(annotations=[{"image_id": 1, "category_id": 0, "bbox": [0, 0, 1]}]), "annotations.0.bbox"),
        (coco(images=[*coco()["images"], coco()["images"][0]]), "two images have the same id"),
        (coco(categories=[*coco()["categories"], {"id": 0, "name": "x"}]), "two categories have the same id"),
    ],
)
def test_a_file_that_is_not_coco_is_refused_with_the_place(
    annotations: Write, document: Any, said: str
) -> None:
    with pytest.raises(CliError, match=said):
        read_coco(annotations(document))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("passport!", "id-card"), "'passport!'"),
        (("passport", "Passport"), "differ"),
    ],
)
def test_categories_that_cannot_be_labels_are_named(names: tuple[str, ...], said: str) -> None:
    with pytest.raises(CliError, match=said):
        Coco.model_validate(
            coco(categories=[{"id": n, "name": name} for n, name in enumerate(names)])
        ).labels()


def test_more_than_ten_categories_are_too_many() -> None:
    boxes = [{"image_id": 1, "category_id": number, "bbox": [0, 0, 1, 1]} for number in range(11)]
    names = [{"id": number, "name": f"type {number}"} for number in range(11)]
    with pytest.raises(CliError, match="11 categories; a job has one to ten"):
        Coco.model_validate(coco(annotations=boxes, categories=names)).labels()
