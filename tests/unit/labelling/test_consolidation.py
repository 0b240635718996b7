"""Several people's boxes of one image: cases by hand, and what holds of all."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.boxes import Box
from services.labelling.boxes import AgreedBox
from services.labelling.console.consolidation import consolidate, overlap

LABELS = ("passport", "id-card", "visa")
WIDTH, HEIGHT = 640, 480


def box(left: int, top: int, width: int, height: int, label: str = "passport") -> Box:
    return Box(label=label, left=left, top=top, width=width, height=height)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left = draw(st.integers(0, WIDTH - 1))
    top = draw(st.integers(0, HEIGHT - 1))
    return Box(
        label=draw(st.sampled_from(LABELS)),
        left=left,
        top=top,
        width=draw(st.integers(1, WIDTH - left)),
        height=draw(st.integers(1, HEIGHT - top)),
    )


@st.composite
def near(draw: st.DrawFn, drawn: Box) -> Box:
    """Give a box somewhat beside another one, as a second person would draw it."""
    left = draw(st.integers(max(0, drawn.left - 9), min(WIDTH - 1, drawn.left + 9)))
    top = draw(st.integers(max(0, drawn.top - 9), min(HEIGHT - 1, drawn.top + 9)))
    label = draw(st.sampled_from([drawn.label, *LABELS]))
    return Box(
        label=label,
        left=left,
        top=top,
        width=min(drawn.width, WIDTH - left),
        height=min(drawn.height, HEIGHT - top),
    )


@st.composite
def several_answers(draw: st.DrawFn) -> dict[str, list[Box]]:
    there = draw(st.lists(boxes(), max_size=4))
    return {
        f"worker-{number}": [draw(near(one)) for one in there if draw(st.integers(0, 3))]
        + draw(st.lists(boxes(), max_size=1))
        for number in range(draw(st.integers(2, 5)))
    }


def agreed(answers: dict[str, list[Box]]) -> list[Box]:
    return [one.box for one in consolidate(answers, LABELS)]


def test_two_peoples_boxes_of_one_document_become_their_mean() -> None:
    answers = {"ann": [box(100, 100, 200, 100)], "bob": [box(110, 104, 200, 100)]}
    [found] = consolidate(answers, LABELS)
    assert found.box == box(105, 102, 200, 100)
    assert 0.85 < found.confidence < 1


def test_boxes_drawn_alike_are_certain() -> None:
    same = box(10, 20, 30, 40)
    assert consolidate({"ann": [same], "bob": [same], "eve": [same]}, LABELS) == (AgreedBox(same, 1.0),)


def test_a_box_that_one_of_three_drew_is_left_out() -> None:
    document, fancy = box(100, 100, 200, 100), box(400, 300, 50, 50)
    assert agreed({"ann": [document], "bob": [document, fancy], "eve": [document]}) == [document]


def test_a_box_that_one_of_two_drew_stays() -> None:
    document, overlooked = box(100, 100, 200, 100), box(400, 300, 50, 50)
    assert agreed({"ann": [document], "bob": [document, overlooked]}) == [document, overlooked]


def test_the_label_that_most_people_chose_wins() -> None:
    answers = {
        "ann": [box(100, 100, 200, 100, "visa")],
        "bob": [box(100, 100, 200, 100, "visa")],
        "eve": [box(100, 100, 200, 100, "passport")],
    }
    assert [one.label for one in agreed(answers)] == ["visa"]


def test_of_labels_with_as_many_votes_the_jobs_first_wins() -> None:
    answers = {"ann": [box(1, 1, 9, 9, "visa")], "bob": [box(1, 1, 9, 9, "id-card")]}
    assert [one.label for one in agreed(answers)] == ["id-card"]


def test_a_document_within_a_document_stays_two() -> None:
    outer, inner = box(0, 0, 400, 400), box(100, 100, 150, 150)
    assert agreed({"ann": [outer, inner], "bob": [inner, outer]}) == [outer, inner]


def test_one_persons_two_boxes_never_count_as_two_votes() -> None:
    one, close = box(100, 100, 200, 100), box(104, 100, 200, 100)
    assert agreed({"ann": [one, close], "bob": [], "eve": []}) == []


def test_the_most_similar_boxes_find_each_other_first() -> None:
    answers = {"ann": [box(100, 0, 100, 100)], "bob": [box(102, 0, 100, 100), box(120, 0, 100, 100)]}
    assert box(101, 0, 100, 100) in agreed(answers)


def test_people_who_all_see_no_document_agree_on_none() -> None:
    assert consolidate({"ann": [], "bob": []}, LABELS) == ()


def test_nobodys_boxes_are_none() -> None:
    assert consolidate({}, LABELS) == ()


@given(st.lists(boxes(), max_size=6))
def test_one_persons_boxes_stay_as_they_are(drawn: list[Box]) -> None:
    found = consolidate({"ann": drawn}, LABELS)
    assert [one.box for one in found] == drawn
    assert {one.confidence for one in found} <= {0.0}


@given(several_answers(), st.randoms(use_true_random=False))
def test_the_order_of_answers_and_of_boxes_does_not_matter(
    answers: dict[str, list[Box]], chance: Random
) -> None:
    people = list(answers)
    chance.shuffle(people)
    shuffled = {worker: chance.sample(answers[worker], len(answers[worker])) for worker in people}
    assert consolidate(shuffled, LABELS) == consolidate(answers, LABELS)


@given(several_answers())
def test_boxes_stay_inside_the_image_and_between_those_drawn(answers: dict[str, list[Box]]) -> None:
    drawn = [one for several in answers.values() for one in several]
    for found in consolidate(answers, LABELS):
        assert found.box.left + found.box.width <= WIDTH
        assert found.box.top + found.box.height <= HEIGHT
        assert min(one.left for one in drawn) <= found.box.left <= max(one.left for one in drawn)
        assert found.box.label in {one.label for one in drawn}
        assert 0 < found.confidence <= 1


@given(several_answers())
def test_no_more_boxes_come_out_than_half_of_the_people_could_have_drawn(
    answers: dict[str, list[Box]],
) -> None:
    assert len(agreed(answers)) * len(answers) <= 2 * sum(len(drawn) for drawn in answers.values())


@given(st.lists(boxes(), min_size=1, max_size=4), st.integers(2, 5))
def test_people_who_draw_alike_are_as_one(drawn: list[Box], people: int) -> None:
    distinct = [
        one for number, one in enumerate(drawn) if all(overlap(one, other) < 1 for other in drawn[:number])
    ]
    found = agreed({f"worker-{number}": distinct for number in range(people)})
    assert sorted(found, key=repr) == sorted(distinct, key=repr)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (box(0, 0, 10, 10), 1.0),
        (box(5, 0, 10, 10), 1 / 3),
        (box(10, 0, 10, 10), 0.0),
        (box(0, 0, 10, 5), 0.5),
    ],
)
def test_overlap_is_the_intersection_over_the_union(other: Box, expected: float) -> None:
    for one, another in permutations((box(0, 0, 10, 10), other)):
        assert overlap(one, another) == pytest.approx(expected)
