"""Where an object might be: outlines of regions that differ from what surrounds them.

Nothing here is learnt. Several simple segmentations of a small copy of the image are each traced for
outlines; what one misses (a white card on white paper, a pattern on a pattern) another finds. The trained
part of the detector decides which outlines matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from simulator.detector.boxes import Array

WORKING_SIDE = 320
"""Long side, in pixels, of the copy in which outlines are sought."""

_SMALLEST_SHARE, _LARGEST_SHARE = 0.004, 0.95  # of the image's area
_SHORTEST_SIDE = 8
_FEW = 40
_GRID = 4.0  # outlines whose boxes agree to this many pixels count as one


@dataclass(frozen=True)
class Proposals:
    """Candidate regions of one image, in its own pixels.

    `boxes` (n, 4) are left, top, width, height; `quads` (n, 4, 2) are corners clockwise from one end of a
    short side, so that the long side runs "down"; `shapes` (n, 2) hold outline area over hull area, and hull
    area over quadrilateral area.
    """

    boxes: Array
    quads: Array
    shapes: Array

    def __len__(self) -> int:
        return len(self.boxes)

    def take(self, rows: Array) -> "Proposals":
        """The proposals at these rows."""
        return Proposals(self.boxes[rows], self.quads[rows], self.shapes[rows])


def shrink(image: MatLike, side: int) -> tuple[MatLike, float]:
    """The image with its long side at most `side`, and the factor it was scaled by (at most 1)."""
    factor = min(1.0, side / max(image.shape[:2]))
    if factor == 1.0:
        return image, 1.0
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), factor


def propose(image: MatLike) -> Proposals:
    """Find candidate regions in a BGR image.

    Where the segmentations find few outlines, boxes on a sliding grid of several sizes and shapes are added.
    """
    small, factor = shrink(image, WORKING_SIDE)
    outlines = _outlines(small)
    boxes = np.array([cv2.boundingRect(outline) for outline in outlines], float).reshape(-1, 4)
    hulls = [cv2.convexHull(outline) for outline in outlines]
    quads = order_corners(np.array([_quadrilateral(hull) for hull in hulls], np.float32))
    shapes = np.array(
        [_shape(*parts) for parts in zip(outlines, hulls, quads.astype(np.float32), strict=True)], float
    ).reshape(-1, 2)
    if len(outlines) < _FEW:
        sliding = _sliding(small.shape[1], small.shape[0])
        boxes = np.concatenate([boxes, sliding])
        quads = np.concatenate([quads, box_corners(sliding)])
        shapes = np.concatenate([shapes, np.ones((len(sliding), 2))])
    return Proposals(boxes / factor, quads / factor, shapes)


def order_corners(quads: Array) -> Array:
    """Corners (n, 4, 2) clockwise from the upper end of a short side; the first side is a short one."""
    quads = np.asarray(quads, float).reshape(-1, 4, 2)
    rows = np.arange(len(quads))[:, None]
    around = quads - quads.mean(axis=1, keepdims=True)
    quads = quads[rows, np.argsort(np.arctan2(around[..., 1], around[..., 0]), axis=1, kind="stable")]
    sides = np.linalg.norm(quads - np.roll(quads, -1, axis=1), axis=2)
    wide = sides[:, 0] + sides[:, 2] > sides[:, 1] + sides[:, 3]
    quads = np.where(wide[:, None, None], np.roll(quads, -1, axis=1), quads)
    upside_down = quads[:, 0, 1] + quads[:, 1, 1] > quads[:, 2, 1] + quads[:, 3, 1]
    return np.where(upside_down[:, None, None], np.roll(quads, 2, axis=1), quads)


def box_corners(boxes: Array) -> Array:
    """The corners (n, 4, 2) of axis-aligned boxes (n, 4), ordered as `order_corners` does."""
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return order_corners(boxes[:, None, :2] + unit * boxes[:, None, 2:])


def _outlines(small: MatLike) -> list[MatLike]:
    """The outlines of all segmentations, near-doubles and those of unlikely size left out."""
    area = small.shape[0] * small.shape[1]
    least, most = _SMALLEST_SHARE * area, _LARGEST_SHARE * area
    seen: dict[tuple[int, ...], MatLike] = {}
    for mask in _masks(small):
        for outline in cv2.findContours(cv2.medianBlur(mask, 3), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
            if len(outline) < 4:
                continue
            left, top, width, height = cv2.boundingRect(outline)
            if min(width, height) < _SHORTEST_SIDE or not least <= width * height <= most:
                continue
            corners = (left, top, left + width, top + height)
            key = (*(round(value / _GRID) for value in corners), _coarse_fill(outline, width * height))
            seen.setdefault(key, outline)
    return list(seen.values())


def _masks(small: MatLike) -> Iterator[MatLike]:
    """Binary segmentations by local contrast, by edges and by brightness or colour levels."""
    smooth = cv2.GaussianBlur(small, (3, 3), 0)
    lightness, green_red, blue_yellow = cv2.split(cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB))
    saturation = cv2.cvtColor(smooth, cv2.COLOR_BGR2HSV)[..., 1]
    darkest = smooth.min(axis=2)
    for channel in (lightness, darkest, saturation):
        yield from _local_contrast(channel)
    yield from _edges(cv2.GaussianBlur(small, (5, 5), 0))
    yield from _edges(cv2.bilateralFilter(small, 7, 40, 5))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    yield from _levels(cv2.morphologyEx(lightness, cv2.MORPH_OPEN, disc))
    yield from _levels(cv2.morphologyEx(blue_yellow, cv2.MORPH_OPEN, disc))
    yield from _levels(cv2.morphologyEx(saturation, cv2.MORPH_CLOSE, disc))
    yield from _levels(cv2.morphologyEx(green_red, cv2.MORPH_CLOSE, disc))
    yield from _levels(darkest)


def _local_contrast(channel: MatLike) -> Iterator[MatLike]:
    """What is brighter or darker than its neighbourhood, at two neighbourhood sizes."""
    kernel = np.ones((3, 3), np.uint8)
    for size in (21, 51):
        for offset in (-12, -4, 4, 12):
            mask = cv2.adaptiveThreshold(
                channel, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, size, offset
            )
            if offset < 0:
                yield cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
            else:
                yield cv2.bitwise_not(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel))


def _edges(smooth: MatLike) -> Iterator[MatLike]:
    """Edges in brightness and colour, thickened so that broken outlines close."""
    lightness, green_red, blue_yellow = cv2.split(cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB))
    for low, high in ((10, 30), (25, 60), (50, 120), (90, 200)):
        edges = cv2.Canny(lightness, low, high)
        for channel in (green_red, blue_yellow):
            edges = cv2.bitwise_or(edges, cv2.Canny(channel, low / 2, high / 2))
        yield edges
        for size in (2, 3, 5):
            yield cv2.dilate(edges, np.ones((size, size), np.uint8))


def _levels(channel: MatLike) -> Iterator[MatLike]:
    """The channel cut at levels that spread over its own values; outlines show both sides of a cut."""
    for level in np.unique(np.percentile(channel[::3, ::3], np.linspace(4, 97, 8)).astype(int)):
        _, mask = cv2.threshold(channel, int(level), 255, cv2.THRESH_BINARY)
        yield mask


def _quadrilateral(hull: MatLike) -> Array:
    """The hull simplified to four corners where it has four, else its smallest turned rectangle."""
    length = cv2.arcLength(hull, True)
    for tolerance in (0.02, 0.035, 0.05, 0.07, 0.1):
        corners = cv2.approxPolyDP(hull, tolerance * length, True)
        if len(corners) <= 4:
            break
    if len(corners) == 4 and cv2.contourArea(corners) > 0.6 * cv2.contourArea(hull):
        return np.asarray(corners[:, 0], np.float32)
    return np.asarray(cv2.boxPoints(cv2.minAreaRect(hull)), np.float32)


def _shape(outline: MatLike, hull: MatLike, quad: MatLike) -> tuple[float, float]:
    """How full the outline fills its hull, and the hull its quadrilateral."""
    area = cv2.contourArea(hull)
    return cv2.contourArea(outline) / max(area, 1.0), area / max(cv2.contourArea(quad), 1.0)


def _coarse_fill(outline: MatLike, area: int) -> int:
    """Which share of its box an outline encloses, roughly: two shapes in one box may both matter."""
    return round(2 * cv2.contourArea(outline) / area)


def _sliding(width: int, height: int) -> Array:
    """Overlapping boxes (n, 4) of several sizes and shapes over the whole image."""
    found = []
    for share in (0.2, 0.33, 0.5, 0.75):
        for stretch in (0.65, 1.0, 1.55):
            wide, tall = share * min(width, height) * np.sqrt([stretch, 1 / stretch])
            for top in np.arange(0, height - tall + 1e-6, tall / 3):
                found += [(left, top, wide, tall) for left in np.arange(0, width - wide + 1e-6, wide / 3)]
    return np.array(found, float).reshape(-1, 4)
