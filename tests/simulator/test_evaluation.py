"""How good a model is on its test set: pure arithmetic, checked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.geometry import overlap
from simulator.rekognition.boxes import Box, Found, Truth
from simulator.rekognition.evaluation import evaluate, match

HERE, THERE = Box(0, 0, 10, 10), Box(100, 100, 10, 10)


def found(confidence: float, box: Box = HERE, label: str = "a") -> Found:
    return Found(label, box, confidence)


def truth(box: Box = HERE, label: str = "a") -> Truth:
    return Truth(label, box)


def test_a_perfect_model_scores_one_in_everything() -> None:
    evaluation = evaluate(["a"], [[truth()], [truth(THERE)]], [[found(0.9)], [found(0.7, THERE)]])
    (metrics,) = evaluation.labels
    assert (metrics.precision, metrics.recall, metrics.f1, metrics.average_precision) == (1, 1, 1, 1)
    assert metrics.threshold == pytest.approx(0.35)


def test_the_threshold_lies_between_the_last_hit_and_the_first_false_alarm() -> None:
    evaluation = evaluate(["a"], [[truth()], []], [[found(0.8)], [found(0.4)]])
    (metrics,) = evaluation.labels
    assert metrics.threshold == pytest.approx(0.6)
    assert (metrics.precision, metrics.f1) == (1, 1)


def test_a_false_alarm_surer_than_the_hit_is_let_in_when_that_is_better() -> None:
    evaluation = evaluate(["a"], [[truth()], []], [[found(0.4)], [found(0.8)]])
    (metrics,) = evaluation.labels
    assert (metrics.precision, metrics.recall) == (0.5, 1)
    assert metrics.f1 == pytest.approx(2 / 3)
    assert metrics.average_precision == 0.5


def test_a_second_box_on_the_same_thing_is_a_false_alarm() -> None:
    assert match([truth()], [found(0.9), found(0.8)]) == [0, None]


def test_a_box_must_overlap_by_half_and_have_the_right_label() -> None:
    assert match([truth(Box(0, 0, 10, 5))], [found(0.9)]) == [0]
    assert match([truth(Box(0, 0, 10, 4.9))], [found(0.9)]) == [None]
    assert match([truth(label="b")], [found(0.9)]) == [None]


def test_boxes_of_equal_confidence_stand_or_fall_together() -> None:
    evaluation = evaluate(["a"], [[truth()], []], [[found(0.5)], [found(0.5)]])
    (metrics,) = evaluation.labels
    assert (metrics.threshold, metrics.precision) == (0.25, 0.5)


def test_averages_leave_out_labels_without_test_images() -> None:
    evaluation = evaluate(["a", "b"], [[truth()]], [[found(0.9), found(0.9, THERE, "b")]])
    assert (evaluation.f1, evaluation.average_precision, evaluation.average_recall) == (1, 1, 1)
    assert evaluation.labels[1].test_images == 0


def test_the_aggregate_is_the_harmonic_mean_of_averages() -> None:
    truths = [[truth()], [truth(label="b")]]
    evaluation = evaluate(["a", "b"], truths, [[found(0.9)], []])
    assert (evaluation.precision, evaluation.recall, evaluation.f1) == (0.5, 0.5, 0.5)


def test_nothing_found_is_no_error() -> None:
    evaluation = evaluate(["a"], [[truth()]], [[]])
    assert (evaluation.f1, evaluation.labels[0].threshold) == (0, 0.5)


BOXES = st.builds(Box, *[st.floats(0, 50)] * 2, *[st.floats(1, 50)] * 2)


@given(BOXES, BOXES)
def test_overlap_is_symmetric_and_a_share(a: Box, b: Box) -> None:
    assert 0 <= overlap(a, b) <= 1 + 1e-9
    assert overlap(a, b) == pytest.approx(overlap(b, a))
    assert overlap(a, a) == pytest.approx(1)


@given(st.lists(st.lists(st.builds(found, st.floats(0, 1), BOXES), max_size=4), min_size=2, max_size=2))
def test_every_figure_is_a_share_whatever_was_found(findings: list[list[Found]]) -> None:
    evaluation = evaluate(["a"], [[truth()], [truth(THERE)]], findings)
    (metrics,) = evaluation.labels
    for figure in (metrics.precision, metrics.recall, metrics.f1, metrics.average_precision, evaluation.f1):
        assert 0 <= figure <= 1
    assert metrics.best_recall >= metrics.recall
