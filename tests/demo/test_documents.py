import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from demo.documents import LABELS, make_documents, make_photograph
from demo.documents_camera import corners, draw_pose, lay_document
from demo.documents_content import card_lines, check_digit, invent_holder, passport_lines
from demo.documents_designs import draw_document


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    first = make_documents(tmp_path / "first", count=3, seed=5)
    second = make_documents(tmp_path / "second", count=3, seed=5)
    assert first == second
    assert read_all(tmp_path / "first") == read_all(tmp_path / "second")


def test_another_seed_gives_other_images() -> None:
    assert make_photograph(1, 0).to_jpeg() != make_photograph(2, 0).to_jpeg()


def test_a_longer_series_begins_with_the_shorter_one(tmp_path: Path) -> None:
    make_documents(tmp_path / "short", count=1, seed=5)
    make_documents(tmp_path / "long", count=2, seed=5)
    name = "document-0000.jpg"
    assert (tmp_path / "short" / name).read_bytes() == (tmp_path / "long" / name).read_bytes()


def test_three_images_show_all_labels_and_the_file_says_what_is_returned(tmp_path: Path) -> None:
    coco = make_documents(tmp_path, count=3, seed=9)
    assert {category["name"] for category in coco["categories"]} == {"passport", "id-card", "driving-licence"}
    assert {annotation["category_id"] for annotation in coco["annotations"]} == {0, 1, 2}
    assert json.loads((tmp_path / "annotations.json").read_text()) == coco


def test_the_stored_images_have_the_sizes_the_annotations_state(tmp_path: Path) -> None:
    coco = make_documents(tmp_path, count=3, seed=3)
    for image in coco["images"]:
        pixels = cv2.imread(str(tmp_path / image["file_name"]))
        assert pixels is not None
        assert pixels.shape == (image["height"], image["width"], 3)
        assert max(pixels.shape) == 800


def test_boxes_lie_inside_the_image_and_are_worth_labelling() -> None:
    documents: Counter[int] = Counter()
    for index in range(24):
        photo = make_photograph(11, index)
        height, width = photo.pixels.shape[:2]
        documents[len(photo.sightings)] += 1
        for sighting in photo.sightings:
            left, top, wide, tall = sighting.bbox
            assert 0 <= left < left + wide <= width
            assert 0 <= top < top + tall <= height
            assert min(wide, tall) > 60
    assert set(documents) == {1, 2}
    assert documents[1] > documents[2]


def test_a_document_covers_what_its_corners_span() -> None:
    """Rounded corners let a turned document's box be a little smaller than its corners' box, never larger."""
    size = (800, 600)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        document = draw_document("id-card", rng)
        quad = corners(draw_pose(size, (0.4, 0.6), (400.0, 300.0), rng), size, document.pixels.shape[1::-1])
        mask = lay_document(np.full((600, 800, 3), 128, np.uint8), document, quad, rng)
        rows, columns = np.nonzero(mask >= 0.5)
        covered = np.array([columns.min(), rows.min(), columns.max(), rows.max()])
        spanned = np.concatenate([quad.min(0), quad.max(0)])
        assert np.abs(covered - spanned).max() < 0.03 * float(np.ptp(quad, axis=0).max())


def test_no_images_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        make_documents(tmp_path, count=0, seed=1)


def test_machine_readable_lines_have_the_lengths_and_check_digits_of_doc_9303() -> None:
    # Doc 9303 part 4, appendix B: number L898902C3, born 740812, expires 120415.
    assert [check_digit(text) for text in ("L898902C3", "740812", "120415")] == ["6", "2", "9"]
    for seed in range(20):
        holder = invent_holder(np.random.default_rng(seed))
        assert [len(line) for line in passport_lines(holder)] == [44, 44]
        assert [len(line) for line in card_lines(holder)] == [30, 30, 30]


def test_the_labels_are_the_three_document_types_in_order_of_their_ids() -> None:
    assert LABELS == ("passport", "id-card", "driving-licence")
