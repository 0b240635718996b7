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
