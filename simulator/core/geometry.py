"""Rectangles."""

from typing import Protocol


class Rectangle(Protocol):
    """Anything that has a place and a size, in one unit, from the top left."""

    @property
    def left(self) -> float:
        """How far from the left."""
        ...

    @property
    def top(self) -> float:
        """How far from the top."""
        ...

    @property
    def width(self) -> float:
        """Extent to the right."""
        ...

    @property
    def height(self) -> float:
        """Extent downwards."""
        ...


def overlap(a: Rectangle, b: Rectangle) -> float:
    """Return intersection over union, 0 to 1."""
    width = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    height = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (a.width * a.height + b.width * b.height - common)
