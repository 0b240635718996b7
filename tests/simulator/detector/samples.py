"""Images to learn from and to be measured on, small enough for tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from demo.documents import make_photograph
from simulator.detector import Box, Detection, ImageSource, Labelled
from simulator.detector.boxes import Array, iou_matrix, to_array


@dataclass(frozen=True)
class Sample:
    pixels: Array
    truth: tuple[Labelled, ...]

    @property
    def source(self) -> ImageSource:
        return lambda: self.pixels


def documents(first: int, count: int) -> list[Sample]:
    """Part of one fixed series of synthetic documents, at half size."""
    return [_document(index) for index in range(first, first + count)]


@cache
def _document(index: int) -> Sample:
    photo = make_photograph(4, index)
    half = cv2.resize(photo.pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    truth = [Labelled(item.label, Box(*(value / 2 for value in item.bbox))) for item in photo.sightings]
    return Sample(np.asarray(half), tuple(truth))


def discs(count: int, seed: int) -> list[Sample]:
    """Coloured discs on grey noise: objects that are not quadrilaterals."""
    rng = np.random.default_rng(seed)
    samples = []
    for index in range(count):
        pixels = rng.integers(90, 130, (240, 320, 3)).astype(np.uint8)
        radius = int(rng.integers(25, 50))
        x, y = int(rng.integers(60, 260)), int(rng.integers(60, 180))
        label, colour = (("red", (40, 40, 220)), ("blue", (220, 80, 30)))[index % 2]
        cv2.circle(pixels, (x, y), radius, colour, -1)
        box = Box(x - radius, y - radius, 2 * radius + 1, 2 * radius + 1)
        samples.append(Sample(pixels, (Labelled(label, box),)))
    return samples


def overlap(first: Box, second: Box) -> float:
    return float(iou_matrix(to_array([first]), to_array([second]))[0, 0])


def share_found(found: Sequence[Sequence[Detection]], samples: Sequence[Sample]) -> float:
    """The share of images whose most confident detection has a drawn box's label and overlaps it by half."""
    hits = [
        any(
            item.label == several[0].label and overlap(item.box, several[0].box) >= 0.5
            for item in sample.truth
        )
        for several, sample in zip(found, samples, strict=True)
        if several
    ]
    return sum(hits) / len(samples)
