"""How detections are compared with the truth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.detecting import Box, Detection
from demo.evaluation import Score, Verdict, judge, overlap, score
from demo.material import Truth

LEFT = Box(0.0, 0.0, 0.4, 0.4)
RIGHT = Box(0.5, 0.5, 0.4, 0.4)
SHARES = st.floats(0.01, 1)
BOXES = st.builds(Box, SHARES, SHARES, SHARES, SHARES)


def test_overlap_is_the_shared_area_over_the_area_of_both() -> None:
    assert overlap(LEFT, LEFT) == pytest.approx(1)
    assert overlap(LEFT, RIGHT) == 0
    assert overlap(Box(0, 0, 0.2, 0.2), Box(0.1, 0, 0.2, 0.2)) == pytest.approx(1 / 3)


def test_boxes_that_only_touch_do_not_overlap() -> None:
    assert overlap(Box(0, 0, 0.5, 0.5), Box(0.5, 0, 0.5, 0.5)) == 0


@given(BOXES, BOXES)
def test_overlap_is_a_share_and_the_same_both_ways(one: Box, other: Box) -> None:
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, other) == pytest.approx(overlap(other, one))


def test_a_document_is_found_once_and_the_surer_detection_counts() -> None:
    unsure, sure = Detection("passport", 60, LEFT), Detection("passport", 90, LEFT)
    judgement = judge([Truth("passport", LEFT)], [unsure, sure])
    assert [(one.detection, one.verdict) for one in judgement.judged] == [
        (sure, Verdict.FOUND),
        (unsure, Verdict.NOTHING_THERE),
    ]
    assert (judgement.found, judgement.faults) == (1, 1)


def test_the_right_place_under_another_name_is_a_wrong_label_and_a_miss() -> None:
    judgement = judge([Truth("passport", LEFT)], [Detection("visa", 90, LEFT)])
    assert [one.verdict for one in judgement.judged] == [Verdict.WRONG_LABEL]
    assert judgement.missed == (Truth("passport", LEFT),)


def test_less_than_half_an_overlap_finds_nothing() -> None:
    judgement = judge(
        [Truth("passport", Box(0, 0, 0.2, 0.2))], [Detection("passport", 90, Box(0.1, 0, 0.2, 0.2))]
    )
    assert [one.verdict for one in judgement.judged] == [Verdict.NOTHING_THERE]
    assert judgement.judged[0].overlap == pytest.approx(1 / 3)


def test_two_documents_of_one_type_are_found_by_two_detections() -> None:
    truths = [Truth("passport", LEFT), Truth("passport", RIGHT)]
    judgement = judge(truths, [Detection("passport", 90, RIGHT), Detection("passport", 80, LEFT)])
    assert (judgement.found, judgement.faults) == (2, 0)


def test_scores_add_up_over_images_and_labels() -> None:
    judgements = [
        judge([Truth("passport", LEFT)], [Detection("passport", 90, LEFT)]),
        judge([Truth("visa", LEFT)], [Detection("passport", 90, RIGHT)]),
    ]
    assert score(judgements) == Score(documents=2, found=1, false_alarms=1)
    assert score(judgements, "passport") == Score(documents=1, found=1, false_alarms=1)
    assert score(judgements, "visa") == Score(documents=1, found=0, false_alarms=0)


def test_the_shares_of_a_score() -> None:
    one = Score(documents=4, found=3, false_alarms=1)
    assert (one.precision, one.recall, one.f1) == (0.75, 0.75, 0.75)
    assert (Score(0, 0, 0).precision, Score(0, 0, 0).recall, Score(0, 0, 0).f1) == (None, None, None)
    assert Score(2, 0, 0).f1 == 0


@given(st.lists(BOXES, max_size=5), st.lists(BOXES, max_size=5))
def test_every_document_is_either_found_or_missed(there: list[Box], seen: list[Box]) -> None:
    judgement = judge(
        [Truth("visa", box) for box in there],
        [Detection("visa", place, box) for place, box in enumerate(seen)],
    )
    right = sum(one.verdict is Verdict.FOUND for one in judgement.judged)
    assert right + len(judgement.missed) == len(there)
    assert len(judgement.judged) == len(seen)
