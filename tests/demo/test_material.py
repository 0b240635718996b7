"""What the demonstration makes of anyone's images, and what it says when it cannot."""

from pathlib import Path

import pytest
from PIL import Image

from cli.detecting import Box
from demo.material import Truth, from_files, synthetic
from demo.problem import DemoError
from tests.demo.material_files import bring_images, write_coco


def test_a_fifth_is_kept_apart_and_its_boxes_are_told_to_nobody(tmp_path: Path) -> None:
    coco = write_coco(tmp_path / "coco.json", bring_images(tmp_path / "images", count=20))
    material = from_files(tmp_path / "images", coco, seed=1)
    assert (len(material.training), len(material.check)) == (16, 4)
    assert material.labels == ("passport", "visa")
    assert {image.file_name for image in material.coco.images} == set(material.training)
    assert not set(material.check) & set(material.training)
    kept = {image.id for image in material.coco.images}
    assert {box.image_id for box in material.coco.annotations} == kept


def test_images_of_several_documents_are_in_the_check_too(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images", count=40)
    for number in range(2):
        document["annotations"].append({"image_id": number, "category_id": 0, "bbox": [60, 20, 30, 40]})
    material = from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)
    assert sum(len(truths) == 2 for truths in material.check.values()) == 1


def test_the_truth_is_in_shares_of_the_image(tmp_path: Path) -> None:
    coco = write_coco(tmp_path / "coco.json", bring_images(tmp_path / "images"))
    material = from_files(tmp_path / "images", coco, seed=1)
    truths = next(iter(material.check.values()))
    assert truths == (Truth(truths[0].label, Box(0.1, 0.25, 0.5, 0.5)),)


def test_images_without_boxes_and_boxes_without_images_are_left_out_and_named(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images")
    Image.new("RGB", (100, 80)).save(tmp_path / "images" / "extra.jpg")
    (tmp_path / "images" / "00.jpg").unlink()
    material = from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)
    assert len(material.training) + len(material.check) == 11
    assert material.notes == (
        "1 annotated images are not in the folder and left out: 00.jpg",
        "1 images have no boxes in the annotations and are left out: extra.jpg",
    )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="There is no folder"):
        from_files(tmp_path / "nowhere", tmp_path / "coco.json", seed=1)


def test_a_missing_annotations_file_is_named(tmp_path: Path) -> None:
    bring_images(tmp_path / "images")
    with pytest.raises(DemoError, match=r"coco\.json cannot be read: No such file"):
        from_files(tmp_path / "images", tmp_path / "coco.json", seed=1)


def test_annotations_of_other_images_are_told(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images")
    (tmp_path / "other").mkdir()
    with pytest.raises(DemoError, match="no box for any image"):
        from_files(tmp_path / "other", write_coco(tmp_path / "coco.json", document), seed=1)


def test_a_category_that_cannot_be_a_label_is_named(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images", names=("passport", "visa/2"))
    with pytest.raises(DemoError, match="'visa/2'"):
        from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


def test_a_label_on_too_few_images_is_named_with_its_count(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images")
    document["annotations"] = [box for box in document["annotations"] if box["image_id"] not in {1, 3, 5, 7}]
    with pytest.raises(DemoError, match=r"visa \(2\)"):
        from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


def test_boxes_drawn_on_other_pixels_are_refused(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images")
    document["images"][0].update(width=80, height=100)
    with pytest.raises(DemoError, match=r"00\.jpg: It has 100 x 80 pixels, the annotations say 80 x 100"):
        from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images")
    (tmp_path / "images" / "03.jpg").write_text("no image")
    with pytest.raises(DemoError, match=r"03\.jpg: It is not a JPEG or PNG"):
        from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


def test_two_images_of_one_name_are_refused(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images")
    document["images"][1]["file_name"] = "elsewhere/00.jpg"
    with pytest.raises(DemoError, match=r"00\.jpg: two images"):
        from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


def test_a_name_that_cannot_be_uploaded_is_refused(tmp_path: Path) -> None:
    document = bring_images(tmp_path / "images")
    (tmp_path / "images" / "00.jpg").rename(tmp_path / "images" / "ö.jpg")
    document["images"][0]["file_name"] = "ö.jpg"
    with pytest.raises(DemoError, match=r"ö\.jpg: The file name may hold"):
        from_files(tmp_path / "images", write_coco(tmp_path / "coco.json", document), seed=1)


def test_too_few_synthetic_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="nine or more"):
        synthetic(tmp_path, count=3, seed=1)


def test_synthetic_images_show_all_labels_on_both_sides(tmp_path: Path) -> None:
    material = synthetic(tmp_path, count=15, seed=1)
    checked = {truth.label for truths in material.check.values() for truth in truths}
    assert checked == set(material.labels)
    assert (len(material.training), len(material.check)) == (12, 3)
