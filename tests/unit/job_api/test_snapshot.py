import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.boxes import Box, ScoredBox
from services.job_api.snapshot import Evaluated, Page, Place, worst_images
from tests.support.evaluated import PASSPORT, found, line

ELSEWHERE = (400.0, 300.0, 100.0, 80.0)
PASSPORT_BOX = Box(label="passport", left=10, top=20, width=300, height=200)


def only(text: bytes) -> Evaluated:
    [image] = worst_images([text], 10).images
    return image


def missing(boxes: int, number: int = 0) -> bytes:
    """An image of which the model found nothing of so many."""
    return line(f"s3://bucket/images/{number}.jpg", [PASSPORT] * boxes, [])


def test_an_image_is_shown_with_what_is_true_and_what_the_model_says() -> None:
    image = only(
        line(
            "s3://bucket/images/job/a b.jpg",
            [PASSPORT],
            [found(0.6, "false-positive", ELSEWHERE, label=1), found(0.93, "true-positive")],
        )
    )
    assert (image.source, image.width, image.height) == ("s3://bucket/images/job/a b.jpg", 640, 480)
    assert image.truth == (PASSPORT_BOX,)
    assert image.predictions == (
        ScoredBox(**dict(PASSPORT_BOX), confidence=0.93),
        ScoredBox(label="id-card", left=400, top=300, width=100, height=80, confidence=0.6),
    )


def test_a_box_below_its_threshold_is_no_prediction() -> None:
    image = only(
        line("s3://b/i/a.jpg", [PASSPORT], [found(0.2, "false-negative"), found(0.1, "true-negative")])
    )
    assert image.predictions == ()
    assert image.wrong == 1  # the passport was missed, however near the model came


@pytest.mark.parametrize(
    ("truths", "predictions", "wrong"),
    [
        ([PASSPORT], [found(0.9, "true-positive")], 0),
        ([], [], 0),
        ([], [found(0.1, "true-negative")], 0),
        ([], [found(0.9, "false-positive")], 1),
        ([PASSPORT, ELSEWHERE], [found(0.9, "true-positive")], 1),
        ([PASSPORT], [found(0.9, "false-positive", label=1)], 2),  # a passport taken for an id-card
        ([PASSPORT], [found(0.9, "true-positive"), found(0.8, "true-positive")], 0),
    ],
)
def test_missed_boxes_and_false_ones_are_wrong(
    truths: list[tuple[float, float, float, float]], predictions: list[dict[str, object]], wrong: int
) -> None:
    assert only(line("s3://b/i/a.jpg", truths, predictions)).wrong == wrong


def test_a_box_that_hangs_over_the_edge_is_cut_to_the_image() -> None:
    predictions = [found(0.9, "false-positive", box) for box in ((-3.2, 470.6, 50, 50), (639.9, 0, 9, 9))]
    first, second = only(line("s3://b/i/a.jpg", [], predictions)).predictions
    assert (first.left, first.top, first.width, first.height) == (0, 471, 47, 9)
    assert (second.left, second.top, second.width, second.height) == (639, 0, 1, 9)


def test_an_image_that_was_not_evaluated_has_no_predictions() -> None:
    document = json.loads(missing(2))
    for name in [name for name in document if "evaluation" in name]:
        del document[name]
    image = only(json.dumps(document).encode())
    assert (image.predictions, image.wrong) == ((), 2)


def test_blank_lines_are_no_images() -> None:
    assert worst_images([b"", missing(1), b"  "], 10).total == 1


@pytest.mark.parametrize("text", [b"{", b'{"source-ref": "s3://b/k"}'])
def test_a_line_of_another_form_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"another form|Expecting"):
        worst_images([text], 10)


def pages(lines: list[bytes], limit: int) -> Iterator[Page]:
    page = worst_images(lines, limit)
    yield page
    for _ in lines:  # there are never more pages than images, and a fault must not go on for ever
        if page.last is None:
            return
        page = worst_images(lines, limit, page.last)
        yield page


@given(st.lists(st.integers(0, 4), max_size=30), st.integers(1, 7))
def test_the_pages_together_are_all_images_the_worst_first(wrongs: list[int], limit: int) -> None:
    lines = [missing(wrong, number) for number, wrong in enumerate(wrongs)]
    read = list(pages(lines, limit))
    shown = [(image.wrong, image.source) for page in read for image in page.images]
    in_order = sorted(enumerate(wrongs), key=lambda pair: (-pair[1], pair[0]))
    assert shown == [(wrong, f"s3://bucket/images/{number}.jpg") for number, wrong in in_order]
    assert all(page.total == len(wrongs) for page in read)
    assert all(len(page.images) == limit for page in read[:-1])


def test_a_page_holds_no_more_than_itself() -> None:
    def lines() -> Iterator[bytes]:
        for number in range(20_000):
            yield missing(number % 5, number)

    tracemalloc.start()
    try:
        page = worst_images(lines(), 20, Place(4, 100))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (page.total, len(page.images)) == (20_000, 20)
    assert peak < 200_000  # bytes; the lines together have 14 million
