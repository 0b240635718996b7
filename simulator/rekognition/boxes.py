"""Boxes with labels, in pixels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle, origin at the top left, in pixels."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Truth:
    """A box a person drew."""

    label: str
    box: Box


@dataclass(frozen=True)
class Found:
    """A box a model drew; confidence 0 to 1."""

    label: str
    box: Box
    confidence: float


def overlap(a: Box, b: Box) -> float:
    """Return intersection over union."""
    width = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    height = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (a.width * a.height + b.width * b.height - common)
