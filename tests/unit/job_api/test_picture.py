import io
import struct

import pytest
from PIL import Image

from services.job_api.picture import MAX_BYTES, UnusableImage, read_picture


def picture(width: int, height: int, *, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height)).save(stream, kind, **options)
    return stream.getvalue()


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


JPEG = picture(300, 200)


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    return picture(300, 200, exif=exif)


@pytest.mark.parametrize(
    "content",
    [
        JPEG,
        picture(300, 200, kind="PNG"),
        picture(300, 200, progressive=True),
        rotated(),
        JPEG[:2] + segment(0xE2, bytes(65_533)) * 30 + JPEG[2:],
        JPEG[:2] + b"\xff\xff\xff" + JPEG[2:],
        JPEG[:2] + b"\xff\x01" + JPEG[2:],
    ],
    ids=["jpeg", "png", "progressive", "rotated by exif", "much metadata", "fill bytes", "a bare marker"],
)
def test_the_stored_size_is_read_from_the_header(content: bytes) -> None:
    read = read_picture(content)
    assert (read.width, read.height, read.content) == (300, 200, content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "neither a JPEG nor a PNG"),
        (b"GIF89a" + bytes(100), "neither a JPEG nor a PNG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(4) + b"IDAT" + bytes(8), "damaged"),
        (JPEG[:20], "damaged"),
        (JPEG[:3] + b"\xda" + bytes(50), "damaged"),
        (JPEG[:2] + b"\xff" * 5_000 + JPEG[2:], "header cannot be read"),  # nobody steps over all of it
        (JPEG[:2] + segment(0xC0, bytes(15)) + bytes(50), "0 by 0"),
        (picture(63, 300), "63 by 300"),
        (picture(4097, 300), "4097 by 300"),
        (picture(64, 1281, kind="PNG"), "20 times"),
        (JPEG + bytes(MAX_BYTES), "at most 4 MB"),
    ],
)
def test_what_the_model_would_not_take_is_refused_with_words(content: bytes, said: str) -> None:
    with pytest.raises(UnusableImage, match=said):
        read_picture(content)


def test_the_limits_themselves_are_allowed() -> None:
    assert read_picture(picture(64, 1280)).height == 1280
    assert read_picture(picture(4096, 300)).width == 4096
    padded = JPEG + bytes(MAX_BYTES - len(JPEG))
    assert read_picture(padded).width == 300
