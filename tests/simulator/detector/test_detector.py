import io
import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.detector import Baseline
from simulator.detector import Box, Detector, Labelled
from simulator.detector.boxes import to_array, to_box
from tests.simulator.detector.samples import Sample, discs, documents, overlap, share_found


def fit(samples: list[Sample], seed: int = 0) -> Detector:
    return Detector.fit(
        [sample.source for sample in samples], [sample.truth for sample in samples], seed=seed
    )


@pytest.fixture(scope="module")
def seen() -> list[Sample]:
    return documents(0, 12)


@pytest.fixture(scope="module")
def unseen() -> list[Sample]:
    return documents(18, 7)


@pytest.fixture(scope="module")
def detector(seen: list[Sample]) -> Detector:
    return fit(seen)


def test_it_finds_documents_it_has_not_seen_far_better_than_the_baseline(
    detector: Detector, seen: list[Sample], unseen: list[Sample]
) -> None:
    baseline = Baseline.fit([sample.source for sample in seen], [sample.truth for sample in seen], 0)
    own = share_found([detector.predict(sample.pixels) for sample in unseen], unseen)
    naive = share_found([baseline.predict(sample.pixels) for sample in unseen], unseen)
    assert own >= 0.85
    assert own > naive + 0.2


def test_a_found_box_fits_its_document_closely(detector: Detector, unseen: list[Sample]) -> None:
    fits = []
    for sample in unseen:
        best = detector.predict(sample.pixels)[0]
        fits.append(max(overlap(item.box, best.box) for item in sample.truth))
    assert np.median(fits) > 0.85


def test_detections_come_best_first_inside_the_image_with_confidences_between_0_and_1(
    detector: Detector, unseen: list[Sample]
) -> None:
    for sample in unseen:
        found = detector.predict(sample.pixels)
        height, width = sample.pixels.shape[:2]
        confidences = [item.confidence for item in found]
        assert confidences == sorted(confidences, reverse=True)
        for item in found:
            assert item.label in detector.labels
            assert 0 <= item.confidence <= 1
            assert item.box.left >= 0
            assert item.box.top >= 0
            assert item.box.left + item.box.width <= width + 1e-6
            assert item.box.top + item.box.height <= height + 1e-6


def test_right_detections_are_trusted_and_the_rest_of_the_picture_is_not(
    detector: Detector, unseen: list[Sample]
) -> None:
    right: list[float] = []
    wrong: list[float] = []
    for sample in unseen:
        for item in detector.predict(sample.pixels):
            hit = any(overlap(item.box, drawn.box) >= 0.5 for drawn in sample.truth)
            (right if hit else wrong).append(item.confidence)
    assert np.median(right) > 0.5
    assert np.median(wrong) < 0.2


def test_the_same_seed_learns_the_same_detector(unseen: list[Sample]) -> None:
    few = documents(0, 3)
    first, second = fit(few, seed=3), fit(few, seed=3)
    assert first.to_bytes() == second.to_bytes()
    assert first.predict(unseen[0].pixels) == second.predict(unseen[0].pixels)


def test_a_stored_detector_answers_as_before(detector: Detector, unseen: list[Sample]) -> None:
    restored = Detector.from_bytes(detector.to_bytes())
    assert restored.labels == detector.labels
    for sample in unseen[:3]:
        assert restored.predict(sample.pixels) == detector.predict(sample.pixels)


@pytest.mark.parametrize("data", [b"", b"not a detector", b"PK\x03\x04 broken"])
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored detector"):
        Detector.from_bytes(data)


def test_a_detector_of_another_format_is_refused() -> None:
    stream = io.BytesIO()
    np.savez(stream, head=np.frombuffer(json.dumps({"format": 0}).encode(), np.uint8))
    with pytest.raises(ValueError, match="train it again"):
        Detector.from_bytes(stream.getvalue())


def test_one_label_is_enough(seen: list[Sample]) -> None:
    named_alike = [
        replace(sample, truth=tuple(Labelled("document", item.box) for item in sample.truth))
        for sample in seen[:6]
    ]
    detector = fit(named_alike)
    assert detector.labels == ("document",)
    again = documents(18, 3)
    truth = [
        replace(sample, truth=tuple(Labelled("document", item.box) for item in sample.truth))
        for sample in again
    ]
    assert share_found([detector.predict(sample.pixels) for sample in truth], truth) >= 2 / 3


def test_one_image_per_label_is_enough_to_find_those_again(seen: list[Sample]) -> None:
    few = seen[:3]
    detector = fit(few)
    assert len(detector.labels) == 3
    assert share_found([detector.predict(sample.pixels) for sample in few], few) == 1


def test_a_single_image_is_enough_to_learn_from(seen: list[Sample]) -> None:
    detector = fit(seen[:1])
    assert share_found([detector.predict(seen[0].pixels)], seen[:1]) == 1


def test_images_without_objects_may_be_among_those_to_learn_from(seen: list[Sample]) -> None:
    bare = Sample(np.full((200, 300, 3), 127, np.uint8), ())
    detector = fit([*seen[:3], bare])
    assert not [item for item in detector.predict(bare.pixels) if item.confidence > 0.5]


def test_boxes_drawn_a_few_pixels_off_do_no_harm(unseen: list[Sample]) -> None:
    rng = np.random.default_rng(1)
    noisy = []
    for sample in documents(0, 6):
        rows = to_array([item.box for item in sample.truth]) + rng.uniform(-4, 4, (len(sample.truth), 4))
        drawn = [Labelled(item.label, to_box(row)) for item, row in zip(sample.truth, rows, strict=True)]
        noisy.append(replace(sample, truth=tuple(drawn)))
    detector = fit(noisy)
    assert share_found([detector.predict(sample.pixels) for sample in unseen], unseen) >= 0.7


def test_tiny_images_and_boxes_without_a_pixel_inside_are_passed_over(seen: list[Sample]) -> None:
    outside = Labelled(seen[0].truth[0].label, Box(-50, 9000, 20, 20))
    flat = Labelled(seen[0].truth[0].label, Box(5, 5, 0, 40))
    odd = [
        replace(seen[0], truth=(*seen[0].truth, outside, flat)),
        Sample(np.zeros((2, 3, 3), np.uint8), ()),
    ]
    assert share_found([fit([*odd, *seen[1:3]]).predict(seen[0].pixels)], odd[:1]) == 1


def test_objects_need_not_have_corners() -> None:
    detector = fit(discs(6, seed=1))
    again = discs(3, seed=2)
    assert share_found([detector.predict(sample.pixels) for sample in again], again) == 1


def test_an_empty_picture_holds_nothing_to_be_sure_of(detector: Detector) -> None:
    blank = np.full((300, 400, 3), 200, np.uint8)
    assert not [item for item in detector.predict(blank) if item.confidence > 0.5]


def test_a_picture_of_few_pixels_is_no_error(detector: Detector) -> None:
    assert isinstance(detector.predict(np.zeros((3, 5, 3), np.uint8)), list)


def test_no_box_at_all_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="draw at least one"):
        Detector.fit([lambda: np.zeros((60, 60, 3), np.uint8)], [[]])


def test_boxes_must_be_given_for_each_image() -> None:
    with pytest.raises(ValueError, match="one list per image"):
        Detector.fit([lambda: np.zeros((60, 60, 3), np.uint8)], [])
