"""Boxes, what is said about them, and how much they overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
"""A numpy array; the docstring of whoever takes one states its shape."""


@dataclass(frozen=True)
class Box:
    """An axis-aligned rectangle in pixels, from the image's top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Labelled:
    """A box that a person drew, with the label they gave it."""

    label: str
    box: Box


@dataclass(frozen=True)
class Detection:
    """A box that a model found; `confidence` (0 to 1) estimates how often such a detection is right."""

    label: str
    box: Box
    confidence: float


def to_array(boxes: Sequence[Box]) -> Array:
    """Rows of left, top, width, height: shape (n, 4)."""
    return np.array([(box.left, box.top, box.width, box.height) for box in boxes], float).reshape(-1, 4)


def to_box(row: Array) -> Box:
    """The box of one such row."""
    left, top, width, height = (float(value) for value in row)
    return Box(left, top, width, height)


def iou_matrix(first: Array, second: Array) -> Array:
    """Intersection over union of every box of `first` (n, 4) with every box of `second` (m, 4): (n, m).

    Boxes without area overlap nothing.
    """
    top_left = np.maximum(first[:, None, :2], second[None, :, :2])
    ends = np.minimum((first[:, :2] + first[:, 2:])[:, None], (second[:, :2] + second[:, 2:])[None])
    shared = np.clip(ends - top_left, 0, None).prod(axis=2)
    areas = first[:, 2:].prod(axis=1)[:, None] + second[:, 2:].prod(axis=1)[None]
    return np.asarray(shared / np.maximum(areas - shared, 1e-9))


def suppress(boxes: Array, scores: Array, limit: float, *, most: int | None = None) -> list[int]:
    """Non-maximum suppression: which rows to keep, best first.

    A box is dropped when a better one overlaps it by more than `limit` (intersection over union). Ties go to
    the earlier row. At most `most` are kept.
    """
    kept: list[int] = []
    alive = np.ones(len(boxes), bool)
    for index in np.argsort(-scores, kind="stable"):
        if most is not None and len(kept) == most:
            break
        if alive[index]:
            kept.append(int(index))
            alive &= iou_matrix(boxes[index : index + 1], boxes)[0] <= limit
    return kept


def vote(box: Array, others: Array, weights: Array, *, limit: float) -> Array:
    """Refine one box (4,) to the weighted mean of the `others` (n, 4) that overlap it by at least `limit`.

    The box itself is expected among the others. Without any that overlap enough it stays as it is.
    """
    share = weights.astype(float) * (iou_matrix(box[None], others)[0] >= limit)
    if share.sum() <= 0:
        return box
    return np.asarray((share[:, None] * others).sum(axis=0) / share.sum())
