import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor

from simulator.detector.boxes import iou_matrix, to_array
from simulator.detector.calibration import Calibration
from simulator.detector.crops import describe_region, rectify
from simulator.detector.discriminant import Discriminant
from simulator.detector.forest import Forest
from simulator.detector.proposals import box_corners, order_corners, propose
from simulator.detector.regions import describe_regions
from tests.simulator.detector.samples import documents


def test_a_joined_forest_answers_the_mean_of_its_parts() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 5)).astype(np.float32)
    first = Forest.fit(rows, rows[:, 0], seed=1)
    second = Forest.fit(rows, rows[:, 1], seed=2)
    joined = Forest.join([first, second])
    assert np.allclose(joined.predict(rows), (first.predict(rows) + second.predict(rows)) / 2, atol=1e-6)


def test_the_array_forest_answers_as_the_library_forest_it_was_made_from() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 6)).astype(np.float32)
    targets = np.sin(rows[:, 0]) + rows[:, 1] ** 2
    library = ExtraTreesRegressor(n_estimators=5, max_depth=9, random_state=7).fit(rows, targets)
    unseen = rng.normal(size=(100, 6)).astype(np.float32)
    assert np.allclose(Forest.of(library).predict(unseen), library.predict(unseen), atol=1e-5)


@pytest.mark.parametrize("present", [[0, 1, 2], [0, 2], [2]])
def test_classes_without_examples_are_never_answered(present: list[int]) -> None:
    rng = np.random.default_rng(0)
    classes = np.repeat(present, 20)
    rows = rng.normal(size=(len(classes), 4)) + 6 * np.eye(4)[classes]
    chances = Discriminant.fit(rows, classes, count=3).probabilities(rows)
    assert np.allclose(chances.sum(axis=1), 1)
    assert (chances.argmax(axis=1) == classes).all()
    assert chances[:, [kind for kind in range(3) if kind not in present]].max(initial=0) < 1e-6


def test_confidence_rises_with_evidence_and_matches_how_often_it_is_right() -> None:
    rng = np.random.default_rng(0)
    evidence = rng.normal(size=(4000, 1))
    right = rng.uniform(size=4000) < 1 / (1 + np.exp(-2 * evidence[:, 0]))
    calibration = Calibration.fit(evidence, right)
    chances = calibration.confidence(evidence)
    assert calibration.confidence(np.array([[-1.0], [0.0], [1.0]])).tolist() == sorted(
        calibration.confidence(np.array([[-1.0], [0.0], [1.0]])).tolist()
    )
    for low in (0.1, 0.4, 0.7):
        inside = (chances >= low) & (chances < low + 0.2)
        assert abs(right[inside].mean() - chances[inside].mean()) < 0.06


def test_one_sided_evidence_makes_it_not_quite_sure() -> None:
    calibration = Calibration.fit(np.ones((3, 1)), np.ones(3, bool))
    assert 0.5 < calibration.confidence(np.ones((1, 1)))[0] < 0.95


def test_corners_run_clockwise_from_a_short_side_whatever_their_order() -> None:
    quad = np.array([[0, 0], [4, 0], [4, 9], [0, 9]], float)
    rng = np.random.default_rng(0)
    for _ in range(10):
        assert np.array_equal(order_corners(rng.permutation(quad)[None])[0], quad)


def test_rectifying_a_turned_rectangle_shows_it_upright() -> None:
    image = np.full((300, 300, 3), 30, np.uint8)
    image[60:240, 90:210] = 220
    image[60:150, 90:210] = (0, 0, 220)
    upright = rectify(image, box_corners(np.array([[90.0, 60, 120, 180]]))[0])
    assert np.abs(upright[10:60, 10:-10] - np.array([0, 0, 220.0])).max() < 3
    assert np.abs(upright[-60:-10, 10:-10] - 220.0).max() < 3


def test_turning_the_image_upside_down_only_swaps_the_two_views() -> None:
    sample = documents(0, 1)[0]
    height, width = sample.pixels.shape[:2]
    quad = np.array([[40, 30], [140, 40], [150, 190], [45, 200]], float)
    turned = order_corners(np.array([[width, height]]) - quad[None])[0]
    views = describe_region(sample.pixels, order_corners(quad[None])[0])
    again = describe_region(np.ascontiguousarray(sample.pixels[::-1, ::-1]), turned)
    assert np.abs(views - again[::-1]).mean() < 0.03


def test_a_plain_picture_gets_sliding_boxes_instead_of_outlines() -> None:
    proposals = propose(np.full((240, 320, 3), 90, np.uint8))
    assert len(proposals) > 40
    assert (proposals.boxes[:, :2] >= 0).all()
    assert (proposals.boxes[:, :2] + proposals.boxes[:, 2:] <= (320.001, 240.001)).all()


def test_every_drawn_document_is_among_the_regions() -> None:
    for sample in documents(0, 6):
        boxes = propose(sample.pixels).boxes
        fits = iou_matrix(boxes, to_array([item.box for item in sample.truth]))
        assert (fits.max(axis=0) > 0.8).all()


def test_figures_are_finite_and_do_not_depend_on_the_other_regions() -> None:
    sample = documents(2, 1)[0]
    proposals = propose(sample.pixels)
    figures = describe_regions(sample.pixels, proposals)
    assert np.isfinite(figures).all()
    some = np.arange(0, len(proposals), 7)
    assert np.allclose(describe_regions(sample.pixels, proposals.take(some)), figures[some], atol=1e-5)
