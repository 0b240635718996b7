"""`ekyc detect`: what is sent, what is shown, what is written."""

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cli.detecting import MAX_BYTES, MAX_SIDE, Box, read_picture
from contracts.stages import JobStatus
from tests.cli.conftest import Cli
from tests.cli.fake_api import VERSION_ARN, FakeApi


def seen(
    name: str, confidence: float, left: float, top: float, width: float, height: float
) -> dict[str, Any]:
    box = {"Left": left, "Top": top, "Width": width, "Height": height}
    return {"Name": name, "Confidence": confidence, "Geometry": {"BoundingBox": box}}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A red page on white: 200 by 100 pixels, the page from (50, 20) to (150, 80)."""
    image = Image.new("RGB", (200, 100), "white")
    image.paste("red", (50, 20, 150, 80))
    path = tmp_path / "photo.png"
    image.save(path)
    return path


def test_detections_are_given_as_shares_and_in_pixels(ekyc: Cli, api: FakeApi, photo: Path) -> None:
    api.found = [seen("id-card", 50, 0, 0, 0.1, 0.1), seen("passport", 97.5, 0.25, 0.2, 0.5, 0.6)]
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), photo, "--json")
    assert ran.exit_code == 0
    assert ran.json["projectVersionArn"] == VERSION_ARN
    (image,) = ran.json["images"]
    assert [found["label"] for found in image["detections"]] == ["passport", "id-card"]
    assert image["detections"][0]["pixels"] == {"left": 50, "top": 20, "width": 100, "height": 60}
    assert base64.b64decode(api.sent_images[0]) == photo.read_bytes()


def test_the_simulator_is_reached_past_a_proxy_and_a_profile_meant_for_others(
    ekyc: Cli, api: FakeApi, photo: Path
) -> None:
    ekyc.env |= {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "AWS_PROFILE": "nobody",
        "NO_PROXY": None,
        "no_proxy": None,
    }
    assert ekyc("detect", api.add_job(JobStatus.RUNNING), photo).exit_code == 0
    assert len(api.sent_images) == 1


def test_people_see_label_confidence_and_place(ekyc: Cli, api: FakeApi, photo: Path) -> None:
    api.found = [seen("passport", 97.5, 0.25, 0.2, 0.5, 0.6)]
    shown = ekyc("detect", api.add_job(JobStatus.RUNNING), photo).stdout
    assert "passport" in shown
    assert "97.5 %  100 x 60 at 50, 20" in shown


def test_a_confidence_of_ones_own_replaces_the_models_thresholds(
    ekyc: Cli, api: FakeApi, photo: Path
) -> None:
    api.found = [seen("passport", 40, 0.25, 0.2, 0.5, 0.6)]
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), photo, "--min-confidence", "60")
    assert "nothing found" in ran.stdout


def test_a_crop_is_the_document_and_nothing_else(
    ekyc: Cli, api: FakeApi, photo: Path, tmp_path: Path
) -> None:
    api.found = [seen("passport", 90, 0.25, 0.2, 0.5, 0.6)]
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), photo, "--crop", tmp_path / "crops", "--json")
    (path,) = ran.json["images"][0]["crops"]
    with Image.open(path) as cropped:
        assert cropped.size == (100, 60)
        assert cropped.getextrema() == ((255, 255), (0, 0), (0, 0))


def test_a_drawn_image_keeps_its_size_and_shows_the_box(
    ekyc: Cli, api: FakeApi, photo: Path, tmp_path: Path
) -> None:
    api.found = [seen("passport", 90, 0.25, 0.2, 0.5, 0.6)]
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), photo, "--draw", tmp_path / "drawn", "--json")
    with Image.open(ran.json["images"][0]["drawn"]) as drawn, Image.open(photo) as before:
        assert drawn.size == before.size
        assert drawn.getpixel((50, 50)) == (0x00, 0x72, 0xB2)
        assert drawn.getpixel((100, 50)) == before.getpixel((100, 50))


def test_the_original_is_never_written_over(ekyc: Cli, api: FakeApi, photo: Path) -> None:
    before = photo.read_bytes()
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), photo, "--draw", photo.parent)
    assert ran.exit_code == 2
    assert "folder of their own" in ran.stderr
    assert photo.read_bytes() == before


def test_images_of_one_name_from_two_folders_are_both_written(
    ekyc: Cli, api: FakeApi, photo: Path, tmp_path: Path
) -> None:
    twin = tmp_path / "other" / "photo.png"
    twin.parent.mkdir()
    twin.write_bytes(photo.read_bytes())
    ekyc("detect", api.add_job(JobStatus.RUNNING), photo, twin.parent, "--draw", tmp_path / "drawn")
    assert {path.name for path in (tmp_path / "drawn").iterdir()} == {"photo.png", "photo-2.png"}


def test_one_file_that_is_no_image_does_not_keep_the_others_from_being_looked_at(
    ekyc: Cli, api: FakeApi, photo: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_text("not an image")
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), broken, photo, "--json")
    assert ran.exit_code == 1
    assert [image["error"] for image in ran.json["images"]] == ["not a JPEG or PNG image", None]


def test_an_image_that_aws_refuses_is_named_with_its_words(ekyc: Cli, api: FakeApi, photo: Path) -> None:
    api.rekognition_error = ("InvalidImageFormatException", "Request has invalid image format")
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), photo)
    assert ran.exit_code == 1
    assert "Request has invalid image format" in ran.stdout


def test_a_model_that_stopped_meanwhile_ends_the_command(ekyc: Cli, api: FakeApi, photo: Path) -> None:
    api.rekognition_error = ("ResourceNotReadyException", "The model is not ready.")
    ran = ekyc("detect", api.add_job(JobStatus.RUNNING), photo, "--json")
    assert ran.exit_code == 1
    assert ran.json["error"]["code"] == "ResourceNotReadyException"


def test_a_model_that_does_not_run_is_not_asked(ekyc: Cli, api: FakeApi, photo: Path) -> None:
    job_id = api.add_job(JobStatus.STOPPED)
    ran = ekyc("detect", job_id, photo)
    assert ran.exit_code == 1
    assert f"ekyc model start {job_id}" in ran.stderr
    assert not api.sent_images


def test_the_stored_pixels_count_whatever_the_exif_orientation_says(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 64)).save(path, exif=exif)
    assert read_picture(path).image.size == (80, 64)


def test_an_image_of_too_many_bytes_is_sent_smaller_in_the_same_shape(tmp_path: Path) -> None:
    path = tmp_path / "noise.png"
    Image.effect_noise((1600, 1200), 120).convert("RGB").resize((3200, 2400)).save(path, compress_level=1)
    assert path.stat().st_size > MAX_BYTES
    sent = read_picture(path).sendable()
    assert len(sent) <= MAX_BYTES
    with Image.open(io.BytesIO(sent)) as smaller:
        assert smaller.width / smaller.height == pytest.approx(4 / 3, rel=0.01)


def test_an_image_with_too_long_a_side_is_sent_smaller(tmp_path: Path) -> None:
    path = tmp_path / "long.png"
    Image.new("RGB", (5000, 500)).save(path)
    with Image.open(io.BytesIO(read_picture(path).sendable())) as smaller:
        assert max(smaller.size) == MAX_SIDE


@pytest.mark.parametrize(
    ("box", "pixels"),
    [
        (Box(-0.1, -0.1, 2, 2), (0, 0, 100, 50)),
        (Box(0.999, 0.999, 0, 0), (99, 49, 100, 50)),
        (Box(0.1, 0.2, 0.3, 0.4), (10, 10, 40, 30)),
    ],
)
def test_a_box_in_pixels_lies_in_the_image_and_is_never_empty(
    box: Box, pixels: tuple[int, int, int, int]
) -> None:
    assert box.pixels((100, 50)) == pixels
