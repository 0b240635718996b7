"""A box, cut to what lies inside its image."""

from operator import itemgetter
from typing import Any, NamedTuple

from services.dataset.reasons import Reason

_TRAINING_SIDE = 1280
"""Training scales larger images down to this; boxes shrink with them (validation rules)."""


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


class Box(NamedTuple):
    """A box in pixels, from the image's top left corner."""

    left: int
    top: int
    width: int
    height: int


_sides_of = itemgetter(*Box._fields)


def whole(annotation: dict[str, Any]) -> Box:
    """Read a box of a manifest, edges rounded to whole pixels."""
    left, top, width, height = _sides_of(annotation)
    if type(left) is type(top) is type(width) is type(height) is int:
        return Box(left, top, width, height)
    right, bottom = round(left + width), round(top + height)
    return Box(round(left), round(top), right - round(left), bottom - round(top))


def trim(box: Box, image: Size) -> Box | Reason:
    """Cut off what hangs over the image's edges; give the reason when too little is left."""
    left, top, width, height = box
    if width <= 0 or height <= 0:
        return Reason.BOX_TOO_SMALL
    if left < 0 or top < 0 or left + width > image.width or top + height > image.height:
        right, bottom = min(left + width, image.width), min(top + height, image.height)
        left, top = max(left, 0), max(top, 0)
        width, height = right - left, bottom - top
        if width <= 0 or height <= 0:
            return Reason.BOX_OUTSIDE
        box = Box(left, top, width, height)
    longest = max(*image, _TRAINING_SIDE)
    if width * _TRAINING_SIDE <= longest or height * _TRAINING_SIDE <= longest:
        return Reason.BOX_TOO_SMALL
    return box
