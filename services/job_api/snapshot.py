"""Reading the evaluation manifest snapshot of the test images, the worst images first.

Custom Labels writes a JSON line for each image: what is true, and what the model found, with a verdict on
each box (im-evaluation-manifest-snapshot-api). There may be 250,000 lines. One pass over the stream keeps the
worst of those behind the page before, and no more of them than a page has; so nothing has to be made
beforehand, stored and kept right, and nothing but reading has to be allowed.
"""

import heapq
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from contracts.boxes import Box, ScoredBox
from contracts.pixels import box_within

_TRUTH = "rekognition-custom-labels-training-0"
_FOUND = "rekognition-custom-labels-evaluation"
_VERDICT = "rekognition-custom-labels-evaluation-details"

Line = dict[str, Any]


class Place(NamedTuple):
    """Where an image stands: the more boxes are wrong the further ahead, then as the snapshot has them."""

    wrong: int
    number: int

    def is_after(self, other: "Place") -> bool:
        """Tell whether it stands further back."""
        return (-self.wrong, self.number) > (-other.wrong, other.number)


@dataclass(frozen=True)
class Evaluated:
    """One image of the test dataset.

    Attributes:
        source: its S3 URI.
        width: in pixels as stored, as is ``height``.
        truth: the boxes that people drew.
        predictions: the boxes that the model reports, by its own threshold for each label, the surest first.
        wrong: how many true boxes it missed and how many of its own are no true ones.
    """

    source: str
    width: int
    height: int
    truth: tuple[Box, ...]
    predictions: tuple[ScoredBox, ...]
    wrong: int


@dataclass(frozen=True)
class Page:
    """Some of the images, and how many there are in all; ``last`` is where the next page goes on, if any."""

    images: tuple[Evaluated, ...]
    total: int
    last: Place | None


def worst_images(lines: Iterable[bytes], limit: int, after: Place | None = None) -> Page:
    """Give the worst images that stand behind ``after``; holds no more than ``limit`` + 1 lines.

    Raises:
        ValueError: a line is no JSON, or not of the form that Custom Labels writes.
    """
    total = 0
    kept: list[tuple[int, int, bytes]] = []  # a heap; the one that would go first is the least wrong
    for number, text in enumerate(lines):
        if not text.strip():
            continue
        total += 1
        place = Place(_wrong(json.loads(text)), number)
        if after is not None and not place.is_after(after):
            continue
        entry = (place.wrong, -number, text)
        if len(kept) <= limit:
            heapq.heappush(kept, entry)
        else:
            heapq.heappushpop(kept, entry)
    ordered = sorted(kept, reverse=True)
    page = ordered[:limit]
    last = Place(page[-1][0], -page[-1][1]) if len(ordered) > limit else None
    return Page(tuple(_image(json.loads(text)) for _, _, text in page), total, last)


def _image(line: Line) -> Evaluated:
    try:
        (size,) = line[_TRUTH]["image_size"]
        width, height = size["width"], size["height"]
        truth = tuple(box for box, _ in _boxes(line, _TRUTH, width, height))
        predictions = [
            ScoredBox(**dict(box), confidence=told["confidence"])
            for box, told in _boxes(line, _FOUND, width, height)
            if _says(told, "is-true-positive") or _says(told, "is-false-positive")
        ]
        surest_first = tuple(sorted(predictions, key=lambda box: -box.confidence))
        return Evaluated(line["source-ref"], width, height, truth, surest_first, _wrong(line))
    except (KeyError, TypeError) as error:
        raise ValueError(f"a line of the evaluation is of another form: {error}") from error


def _wrong(line: Line) -> int:
    """Count what is wrong: a prediction below its threshold is no prediction, whatever it would have hit."""
    told = line.get(f"{_FOUND}-metadata", {}).get("objects", [])
    hits = sum(_says(item, "is-true-positive") for item in told)
    false_alarms = sum(_says(item, "is-false-positive") for item in told)
    true_boxes = len(line.get(_TRUTH, {}).get("annotations", []))
    return false_alarms + max(true_boxes - hits, 0)


def _boxes(line: Line, attribute: str, width: int, height: int) -> Iterator[tuple[Box, Line]]:
    """Give each box with what is told of it."""
    metadata = line.get(f"{attribute}-metadata", {})
    annotations = line.get(attribute, {}).get("annotations", [])
    for edges, told in zip(annotations, metadata.get("objects", []), strict=True):
        left, top = edges["left"], edges["top"]
        right, bottom = left + edges["width"], top + edges["height"]
        label = metadata["class-map"][str(edges["class_id"])]
        yield box_within(width, height, label, left=left, top=top, right=right, bottom=bottom), told


def _says(told: Line, verdict: str) -> bool:
    return bool(told.get(_VERDICT, {}).get(verdict, False))
