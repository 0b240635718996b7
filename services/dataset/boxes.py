"""A box, cut to what lies inside its image."""

from typing import Any, NamedTuple, TypeGuard

from services.dataset.reasons import Reason

_TRAINING_SIDE = 1280
"""Training scales larger images down to this; boxes shrink with them (validation rules)."""

_FARTHEST = 1e9
"""No coordinate is as large; it also keeps out infinities and what is not a number."""


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


def read_box(annotation: dict[str, Any]) -> Box | None:
    """Read a box of a manifest, edges rounded to whole pixels; ``None`` when it is not one."""
    numbers: list[float] = [side for name in Box._fields if _is_number(side := annotation.get(name))]
    if len(numbers) < len(Box._fields):
        return None
    left, top, width, height = numbers
    right, bottom = round(left + width), round(top + height)
    return Box(round(left), round(top), right - round(left), bottom - round(top))


def trim(box: Box, image: Size) -> Box | Reason:
    """Cut off what hangs over the image's edges; give the reason when too little is left."""
    if box.width <= 0 or box.height <= 0:
        return Reason.BOX_TOO_SMALL
    left, top = max(box.left, 0), max(box.top, 0)
    right = min(box.left + box.width, image.width)
    bottom = min(box.top + box.height, image.height)
    if right <= left or bottom <= top:
        return Reason.BOX_OUTSIDE
    scale = min(1.0, _TRAINING_SIDE / max(image))
    if min(right - left, bottom - top) * scale <= 1:
        return Reason.BOX_TOO_SMALL
    return Box(left, top, right - left, bottom - top)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _FARTHEST
