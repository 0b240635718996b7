"""What the first bytes of a PNG or JPEG say: format and size in pixels.

PNG: https://www.w3.org/TR/png/#11IHDR. JPEG: ITU-T T.81, B.2.2 (frame header).
"""

import struct
from dataclasses import dataclass

HEAD_BYTES = 64 * 1024
_PNG = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers; C4, C8 and CC in the same range mean something else.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True)
class ImageFacts:
    """Size of an image in pixels, its channels, and the size of its file in bytes."""

    width: int
    height: int
    depth: int
    bytes: int


def read_head(data: bytes, total: int) -> ImageFacts | None:
    """Read an image's facts from the head of its file; None when it is neither PNG nor JPEG or is cut short.

    `total` is the size of the whole file. A JPEG's frame header can lie beyond any fixed number of bytes:
    when this answers None and `data` is not the whole file, try again with more.
    """
    if data.startswith(_PNG):
        return _read_png(data, total)
    if data.startswith(b"\xff\xd8\xff"):
        return _read_jpeg(data, total)
    return None


def is_jpeg(data: bytes) -> bool:
    """Say whether a file begins as a JPEG does."""
    return data.startswith(b"\xff\xd8\xff")


def _read_png(data: bytes, total: int) -> ImageFacts | None:
    if len(data) < 26 or data[12:16] != b"IHDR":
        return None
    width, height, _bits, colour = struct.unpack(">IIBB", data[16:26])
    # 0 grey, 2 RGB, 3 palette, 4 grey+alpha, 6 RGBA; Ground Truth reports 3 for colour.
    return ImageFacts(width, height, 1 if colour in (0, 4) else 3, total)


def _read_jpeg(data: bytes, total: int) -> ImageFacts | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker in _FRAMES:
            if at + 10 > len(data):
                return None
            height, width, channels = struct.unpack(">HHB", data[at + 5 : at + 10])
            return ImageFacts(width, height, channels, total)
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None
