"""The size of an image, from its header; nothing is decoded.

DetectCustomLabels answers in shares of the image, and refuses one only after it has got the whole of it:
looking first is cheap and can say what to do.
"""

import struct
from dataclasses import dataclass

MAX_BYTES = 4 * 1024 * 1024
"""DetectCustomLabels takes images of 4 MB as bytes; its guide's "MB" are of 1024 squared (limits)."""

MIN_SIDE = 64
MAX_SIDE = 4096
MAX_ASPECT = 20

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # these three are tables and an extension
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN_OR_END = frozenset({0xD9, 0xDA})
_MAX_SEGMENTS = 4096  # many more than metadata fill; this bounds what a hostile file costs
_FRAME_HEADER = 9  # marker, length, precision, height, width (ITU-T T.81, B.2.2)


class UnusableImage(ValueError):
    """An image that the model would not take; the message is for the user."""


@dataclass(frozen=True)
class Picture:
    """An image that can be looked at; ``width`` and ``height`` are of the stored pixels, EXIF aside."""

    content: bytes
    width: int
    height: int


def read_picture(content: bytes) -> Picture:
    """Read the size of an image and see whether the model takes it.

    Raises:
        UnusableImage: it does not; the message says why and what to do.
    """
    if len(content) > MAX_BYTES:
        raise UnusableImage(
            f"The image has {len(content) / 1024 / 1024:.1f} MB; at most 4 MB can be tried: make it smaller."
        )
    if content.startswith(_PNG):
        width, height = _png_sides(content)
    elif content.startswith(_JPEG):
        width, height = _jpeg_sides(content)
    else:
        raise UnusableImage("This is neither a JPEG nor a PNG image: Custom Labels takes these two only.")
    _check_sides(width, height)
    return Picture(content, width, height)


def _check_sides(width: int, height: int) -> None:
    shorter, longer = sorted((width, height))
    if shorter >= MIN_SIDE and longer <= min(MAX_SIDE, MAX_ASPECT * shorter):
        return
    raise UnusableImage(
        f"The image is {width} by {height} pixels. Each side must have {MIN_SIDE} to {MAX_SIDE}, and the "
        f"longer one at most {MAX_ASPECT} times the shorter: crop or scale it."
    )


def _png_sides(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR" or len(content) < 24:
        raise _damaged("its PNG header is missing")
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_sides(content: bytes) -> tuple[int, int]:
    at = 2
    for _ in range(_MAX_SEGMENTS):
        if at + _FRAME_HEADER > len(content):
            raise _damaged("it ends before the JPEG says how large the image is")
        marker = content[at + 1]
        if content[at] != 0xFF or marker in _SCAN_OR_END:
            break
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += _step_over(marker, content[at + 2 : at + 4])
    raise _damaged("its JPEG header cannot be read")


def _step_over(marker: int, length: bytes) -> int:
    if marker == 0xFF:
        return 1  # any number of fill bytes may stand before a marker (ITU-T T.81, B.1.1.2)
    if marker in _WITHOUT_LENGTH:
        return 2
    return 2 + max(2, int.from_bytes(length, "big"))


def _damaged(how: str) -> UnusableImage:
    return UnusableImage(f"The image is damaged: {how}.")
