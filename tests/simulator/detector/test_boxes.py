import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simulator.detector.boxes import Array, Box, iou_matrix, suppress, to_array, to_box, vote

BOXES = st.integers(1, 12).flatmap(
    lambda count: st.lists(
        st.tuples(*[st.floats(0, 100, width=32)] * 2, *[st.floats(1, 60, width=32)] * 2),
        min_size=count,
        max_size=count,
    ).map(lambda rows: np.array(rows, float))
)


def scores_for(boxes: Array) -> Array:
    return np.random.default_rng(len(boxes)).uniform(size=len(boxes))


@given(BOXES)
def test_overlap_is_symmetric_at_most_one_and_one_with_itself(boxes: Array) -> None:
    overlaps = iou_matrix(boxes, boxes)
    assert np.allclose(overlaps, overlaps.T)
    assert (overlaps >= 0).all()
    assert (overlaps <= 1 + 1e-9).all()
    assert np.allclose(np.diag(overlaps), 1)


@given(BOXES, st.floats(0.5, 4), st.floats(-50, 50))
def test_overlap_does_not_depend_on_scale_or_place(boxes: Array, scale: float, shift: float) -> None:
    moved = boxes * scale + (shift, shift, 0, 0)
    assert np.allclose(iou_matrix(boxes, boxes), iou_matrix(moved, moved), atol=1e-6)


def test_known_overlaps() -> None:
    boxes = to_array([Box(0, 0, 10, 10), Box(5, 0, 10, 10), Box(20, 20, 5, 5)])
    assert np.allclose(iou_matrix(boxes[:1], boxes)[0], [1, 1 / 3, 0])


def test_a_box_without_area_overlaps_nothing() -> None:
    flat = to_array([Box(2, 2, 0, 5)])
    assert iou_matrix(flat, flat)[0, 0] == 0


@given(BOXES, st.floats(0.1, 0.9))
def test_suppression_keeps_the_best_and_nothing_that_overlaps_it_too_much(boxes: Array, limit: float) -> None:
    scores = scores_for(boxes)
    kept = suppress(boxes, scores, limit)
    assert kept[0] == int(scores.argmax())
    assert [scores[index] for index in kept] == sorted(scores[kept], reverse=True)
    overlaps = iou_matrix(boxes[kept], boxes[kept])
    np.fill_diagonal(overlaps, 0)
    assert (overlaps <= limit).all()


@given(BOXES, st.floats(0.1, 0.9))
def test_suppression_drops_only_what_a_better_kept_box_overlaps(boxes: Array, limit: float) -> None:
    scores = scores_for(boxes)
    kept = suppress(boxes, scores, limit)
    for index in set(range(len(boxes))) - set(kept):
        better = [other for other in kept if scores[other] >= scores[index]]
        assert (iou_matrix(boxes[index : index + 1], boxes[better]) > limit).any()


def test_suppression_keeps_no_more_than_asked_for() -> None:
    apart = np.array([[0, 0, 5, 5], [10, 0, 5, 5], [20, 0, 5, 5]], float)
    assert suppress(apart, np.array([0.1, 0.9, 0.5]), 0.5, most=2) == [1, 2]


@given(BOXES)
def test_refinement_stays_within_what_it_averages(boxes: Array) -> None:
    refined = vote(boxes[0], boxes, np.ones(len(boxes)), limit=0.5)
    near = boxes[iou_matrix(boxes[:1], boxes)[0] >= 0.5]
    assert (refined >= near.min(axis=0) - 1e-9).all()
    assert (refined <= near.max(axis=0) + 1e-9).all()


def test_refinement_leaves_a_lonely_box_alone() -> None:
    box = np.array([0.0, 0, 10, 10])
    assert np.array_equal(vote(box, np.array([[50.0, 50, 10, 10]]), np.ones(1), limit=0.7), box)


@given(arrays.arrays(float, 4, elements=st.floats(0, 500, width=32)))
def test_boxes_survive_the_way_to_rows_and_back(row: Array) -> None:
    assert np.array_equal(to_array([to_box(row)])[0], row)
