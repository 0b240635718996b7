"""What a file of labels says, whatever its format: images with boxes, and what is wrong with them."""

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_FAR = 1e9
"""No pixel is as far from an image's corner; keeps arithmetic with a hostile file's numbers harmless."""

_SHOWN = 200
"""Characters of the file's own words that a report repeats."""


class Code(StrEnum):
    """Why something of the file is left out, for programs."""

    MALFORMED = "malformed"
    UNKNOWN_FILE = "unknown-file"
    IMAGE_REFUSED = "image-refused"
    REPEATED_IMAGE = "repeated-image"
    IMAGE_SIZE = "image-size"
    IMAGE_GONE = "image-gone"
    NOT_LABELLED = "not-labelled"
    UNKNOWN_LABEL = "unknown-label"
    BOX_OUTSIDE = "box-outside"
    BOX_CUT = "box-cut"
    BOX_WITHOUT_AREA = "box-without-area"
    BOXES_UNUSABLE = "boxes-unusable"
    NOT_IN_FILE = "not-in-file"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where in the file, with which image if that is known, and what."""

    code: Code
    where: str
    image: str | None
    reason: str

    def __str__(self) -> str:
        """Say all of it in a line."""
        place = ", ".join(part for part in (self.where, self.image) if part)
        return f"{shown(place)}: {self.reason}"


@dataclass(frozen=True, slots=True)
class StatedBox:
    """A box in pixels, as the file has it."""

    where: str
    label: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class StatedImage:
    """An image and its boxes; ``faults`` are of boxes that could not even be read.

    ``name`` is the last segment of what the file calls it; ``size`` is width and height if it says them;
    ``boxes`` is ``None`` where the file says that nobody has looked, and empty where nothing was seen.
    """

    where: str
    name: str
    size: tuple[int, int] | None
    boxes: tuple[StatedBox, ...] | None
    faults: tuple[Fault, ...] = ()


Stated = Iterable[StatedImage | Fault]
"""The content of a file; may be gone through more than once."""


def bare_name(path: str) -> str:
    """Give a file's name without its folders, whichever slash they are written with.

    The same letters may be stored in several ways (macOS takes accents apart): they are made alike.
    """
    return unicodedata.normalize("NFC", path.replace("\\", "/").rsplit("/", 1)[-1])


def is_number(value: Any) -> bool:
    """Tell whether a value read from JSON is a number that can be a place in an image."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= _FAR if isinstance(value, float) else abs(value) <= _FAR


def stated_size(width: Any, height: Any) -> tuple[int, int] | None:
    """Give a stated size; ``None`` where the file states none, as some tools do by a zero."""
    if not (is_number(width) and is_number(height)) or width <= 0 or height <= 0:
        return None
    return round(width), round(height)


def shown(text: str) -> str:
    """Make of the file's own words what a report repeats: shortened, and without half characters."""
    text = text[: _SHOWN + 1].encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
