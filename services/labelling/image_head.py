"""What the first bytes of an uploaded file say: whether Custom Labels can use it as an image.

The limits are Custom Labels' (limits: PNG or JPEG by content, 15 MB, 64 to 4096 pixels a side, at most 20
times as long as wide). Ground Truth's are wider; keeping to the narrower ones here spares people from
labelling what the training would drop. Colour space, depth and progressive coding do not matter.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

FIRST_READ = 64 * 1024
"""Bytes read of every file; the size in pixels lies within them unless a JPEG carries much metadata."""

FURTHER_READ = 256 * 1024
"""Bytes of each further read, which begins where the last known JPEG segment ends."""

MAX_BYTES = 15 * 1024 * 1024
"""Rekognition's "MB" are of 1024 squared: its guide says 5 MB where the service model says 5242880."""

MIN_SIDE = 64
MAX_SIDE = 4096
MAX_ASPECT = 20

Read = Callable[[int, int], bytes]
"""Read up to so many bytes (second) of the file from an offset on (first)."""


class Fault(StrEnum):
    """What can be wrong with an uploaded file, as said of several at once."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "larger than 15 MB"
    OTHER_FORMAT = "neither JPEG nor PNG"
    DAMAGED = "damaged"
    TOO_SMALL = "with a side of less than 64 pixels"
    TOO_LARGE = "with a side of more than 4096 pixels"
    TOO_LONG = "more than 20 times as long as wide"
    GONE = "removed before they could be read"


@dataclass(frozen=True)
class Refusal:
    """Why a file cannot be used; ``reason`` is for the user."""

    fault: Fault
    reason: str


class _DamagedError(Exception):
    """The file begins like an image and then breaks the format; the message says how."""


_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = b"\x00\x00\x00\x0dIHDR"  # the first chunk, of 13 bytes (PNG specification, 11.2.1)
_JPEG = b"\xff\xd8\xff"
_FRAME_HEADER = 9  # marker, length, precision, height, width (ITU-T T.81, B.2.2)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # these three are tables and an extension
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_SCAN_OR_END = frozenset({0xD9, 0xDA})
_MAX_SEGMENTS = 4096  # metadata fills at most 240 segments of 15 MB; this bounds what a hostile file costs
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_OTHER_FORMATS = (
    (b"%PDF", "a PDF document"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"PK\x03\x04", "a ZIP archive"),
)


def why_unusable(size: int, read: Read) -> Refusal | None:
    """Say what is wrong with a file of ``size`` bytes; ``None`` when it can be used.

    Reads the head of the file, and of a JPEG more where its metadata reach further: 61 reads at most, as each
    begins where the last one ended, give or take a segment's header.
    """
    if size > MAX_BYTES:
        return Refusal(
            Fault.TOO_MANY_BYTES,
            f"The file has {size / 1024 / 1024:.1f} MB; Custom Labels takes images of up to 15 MB.",
        )
    head = read(0, FIRST_READ) if size else b""
    if not head:
        return Refusal(Fault.EMPTY, "The file is empty: upload it again.")
    try:
        found = _sides(head, size, read)
    except _DamagedError as error:
        return Refusal(Fault.DAMAGED, f"The file is damaged: {error}.")
    if found is not None:
        return _why_sides_refused(*found)
    return Refusal(
        Fault.OTHER_FORMAT,
        f"The file is {_format_of(head)}: Custom Labels takes JPEG and PNG images only, whatever their name.",
    )


def sides(size: int, read: Read) -> tuple[int, int] | None:
    """Give width and height of an image of ``size`` bytes; ``None`` when it is none that can be read."""
    try:
        return _sides(read(0, FIRST_READ) if size else b"", size, read)
    except _DamagedError:
        return None


def _sides(head: bytes, size: int, read: Read) -> tuple[int, int] | None:
    if head.startswith(_PNG):
        return _png_sides(head)
    return _jpeg_sides(head, size, read) if head.startswith(_JPEG) else None


def _png_sides(head: bytes) -> tuple[int, int]:
    if len(head) < 24:
        raise _DamagedError("it ends before the PNG header does")
    if head[8:16] != _PNG_HEADER:
        raise _DamagedError("its PNG header is missing")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg_sides(head: bytes, size: int, read: Read) -> tuple[int, int]:
    window, start, at = head, 0, 2
    for _ in range(_MAX_SEGMENTS):
        if at + _FRAME_HEADER > start + len(window) and at + _FRAME_HEADER <= size:
            window, start = read(at, FURTHER_READ), at
        segment = window[at - start : at - start + _FRAME_HEADER]
        if len(segment) < _FRAME_HEADER:
            raise _DamagedError("it ends before the JPEG says how large the image is")
        marker = segment[1]
        if segment[0] != 0xFF or marker in _SCAN_OR_END:
            break
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", segment[5:9])
            return width, height
        at += _step_over(marker, segment)
    raise _DamagedError("its JPEG header cannot be read")


def _step_over(marker: int, segment: bytes) -> int:
    if marker == 0xFF:
        return 1  # any number of fill bytes may stand before a marker (ITU-T T.81, B.1.1.2)
    if marker in _WITHOUT_LENGTH:
        return 2
    return 2 + max(2, int(struct.unpack(">H", segment[2:4])[0]))


def _why_sides_refused(width: int, height: int) -> Refusal | None:
    shorter, longer = sorted((width, height))
    if shorter == 0:
        return Refusal(Fault.DAMAGED, "The file is damaged: its header gives no width or no height.")
    measured = f"The image is {width} × {height} pixels"  # noqa: RUF001 - the sign users know from photo software
    if shorter < MIN_SIDE:
        return Refusal(Fault.TOO_SMALL, f"{measured}; each side must have at least {MIN_SIDE}.")
    if longer > MAX_SIDE:
        return Refusal(
            Fault.TOO_LARGE, f"{measured}; no side may have more than {MAX_SIDE}: make it smaller."
        )
    if longer > MAX_ASPECT * shorter:
        return Refusal(
            Fault.TOO_LONG, f"{measured}; the longer side may be at most {MAX_ASPECT} times the shorter one."
        )
    return None


def _format_of(head: bytes) -> str:
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "a HEIC image, as phones take them"
    if head[4:12] == b"ftypavif":
        return "an AVIF image"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "a WebP image"
    return next((name for start, name in _OTHER_FORMATS if head.startswith(start)), "not an image")
