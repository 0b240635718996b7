import io
import struct
import zlib

import pytest
from PIL import Image

from services.labelling.image_head import (
    FIRST_READ,
    FURTHER_READ,
    MAX_BYTES,
    Fault,
    Read,
    Refusal,
    why_unusable,
)

SOI = b"\xff\xd8"
EOI = b"\xff\xd9"


class File:
    """A file in memory that notes what is read of it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reads: list[tuple[int, int]] = []

    def read(self, offset: int, length: int) -> bytes:
        self.reads.append((offset, length))
        return self.content[offset : offset + length]

    def why_unusable(self) -> Refusal | None:
        return why_unusable(len(self.content), self.read)


def picture(width: int, height: int, *, kind: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (width, height)).save(stream, kind, **options)
    return stream.getvalue()


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def frame(width: int, height: int, marker: int = 0xC0) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, height, width, 3) + bytes(9))


def with_metadata(jpeg: bytes, *, segments: int, size: int = 65_533) -> bytes:
    return SOI + segment(0xE2, bytes(size)) * segments + jpeg[2:]


def fault_of(content: bytes) -> Fault | None:
    refusal = File(content).why_unusable()
    return refusal.fault if refusal else None


@pytest.mark.parametrize(
    "content",
    [
        picture(640, 480),
        picture(640, 480, progressive=True),
        picture(640, 480, mode="CMYK"),
        picture(640, 480, mode="L"),
        picture(640, 480, kind="PNG"),
        picture(640, 480, kind="PNG", mode="RGBA"),
        picture(640, 480, kind="PNG", mode="1"),
        SOI + b"\xff\xff\xff" + frame(640, 480),
        SOI + segment(0xC4, bytes(40)) + b"\xff\x01" + frame(640, 480, 0xC2),
    ],
    ids=["jpeg", "progressive", "cmyk", "grey", "png", "rgba", "bitmap", "fill-bytes", "tables-first"],
)
def test_an_image_that_custom_labels_takes_is_accepted_after_one_read(content: bytes) -> None:
    file = File(content)
    assert file.why_unusable() is None
    assert file.reads == [(0, FIRST_READ)]


@pytest.mark.parametrize(("width", "height"), [(64, 64), (4096, 4096), (64, 1280), (4096, 205)])
def test_the_limits_themselves_are_within(width: int, height: int) -> None:
    assert fault_of(SOI + frame(width, height)) is None


@pytest.mark.parametrize(
    ("width", "height", "fault", "said"),
    [
        (63, 640, Fault.TOO_SMALL, "63 × 640 pixels; each side must have at least 64"),  # noqa: RUF001
        (640, 63, Fault.TOO_SMALL, "at least 64"),
        (4097, 640, Fault.TOO_LARGE, "no side may have more than 4096"),
        (640, 4097, Fault.TOO_LARGE, "more than 4096"),
        (64, 1281, Fault.TOO_LONG, "at most 20 times"),
        (4096, 204, Fault.TOO_LONG, "at most 20 times"),
        (640, 0, Fault.DAMAGED, "no width or no height"),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_size_that_custom_labels_drops_is_refused_and_named(
    width: int, height: int, fault: Fault, said: str, kind: str
) -> None:
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(5)
    refusal = File(png if kind == "PNG" else SOI + frame(width, height)).why_unusable()
    assert refusal is not None
    assert refusal.fault is fault
    assert said in refusal.reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"GIF89a......", "a GIF image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a WebP image"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "a HEIC image, as phones take them"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00", "an AVIF image"),
        (b"II*\x00........", "a TIFF image"),
        (b"BM..........", "a BMP image"),
        (b"PK\x03\x04........", "a ZIP archive"),
        (b"<!doctype html>", "not an image"),
        (b"\x00", "not an image"),
    ],
)
def test_another_format_is_refused_by_content_and_called_by_its_name(content: bytes, said: str) -> None:
    refusal = File(content).why_unusable()
    assert refusal is not None
    assert refusal.fault is Fault.OTHER_FORMAT
    assert f"The file is {said}:" in refusal.reason


@pytest.mark.parametrize(
    "content",
    [
        picture(640, 480)[:100],
        SOI + b"\xff",
        SOI + b"\xff\xe0\x00",
        SOI + segment(0xE1, bytes(200))[:-1],
        SOI + frame(640, 480)[:8],
        SOI + b"\xff\xda" + bytes(20),
        SOI + EOI + b"\xff" * 20,
        SOI + segment(0xE0, b"JFIF") + bytes(20),
        SOI + segment(0xFE, b"")[:4] * 5000,
        SOI + b"\xff" * 10_000,
        picture(640, 480, kind="PNG")[:23],
        picture(640, 480, kind="PNG")[:8],
        b"\x89PNG\r\n\x1a\n" + bytes(30),
    ],
)
def test_a_truncated_or_broken_header_is_damage(content: bytes) -> None:
    assert fault_of(content) is Fault.DAMAGED


def png(width: int, height: int, *rows: bytes) -> bytes:
    """Write a PNG whose header says a size, whatever its data hold."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        *((b"IDAT", row) for row in rows),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in [*chunks, (b"IEND", b"")]
    )


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(
            png(30_000, 30_000, zlib.compress(bytes(50_000_000), 9)),
            Fault.TOO_LARGE,
            id="a small file that unpacks to 2.7 GB",
        ),
        pytest.param(png(2**31 - 1, 2**31 - 1), Fault.TOO_LARGE, id="the largest that a PNG can say"),
        pytest.param(png(2**32 - 1, 2**32 - 1), Fault.TOO_LARGE, id="more than a PNG may say"),
        pytest.param(SOI + frame(65_535, 65_535), Fault.TOO_LARGE, id="the largest that a JPEG can say"),
        pytest.param(
            SOI + segment(0xE1, SOI + frame(640, 480)) + frame(9000, 9000),
            Fault.TOO_LARGE,
            id="a thumbnail of a good size in front",
        ),
        pytest.param(
            png(640, 480)[:8] + struct.pack(">I", 2**31 - 1) + png(640, 480)[12:],
            Fault.DAMAGED,
            id="a header that claims to be endless",
        ),
        pytest.param(
            b"GIF89a" + SOI + frame(640, 480), Fault.OTHER_FORMAT, id="a JPEG behind a GIF's first bytes"
        ),
    ],
)
def test_a_bomb_or_a_liar_is_refused_after_one_read_of_its_head(content: bytes, fault: Fault) -> None:
    file = File(content)
    refusal = file.why_unusable()
    assert refusal is not None
    assert refusal.fault is fault
    assert len(file.reads) == 1
    assert len(refusal.reason) < 200


def test_an_empty_file_is_refused_unread() -> None:
    file = File(b"")
    refusal = file.why_unusable()
    assert refusal == Refusal(Fault.EMPTY, "The file is empty: upload it again.")
    assert file.reads == []


def test_a_file_that_became_empty_since_it_was_listed_is_refused_as_empty() -> None:
    refusal = why_unusable(100, lambda _offset, _length: b"")
    assert refusal is not None
    assert refusal.fault is Fault.EMPTY


def test_a_file_above_15_mb_is_refused_unread_and_one_of_15_mb_is_not() -> None:
    def no_read(_offset: int, _length: int) -> bytes:
        raise AssertionError("nothing had to be read")

    head: Read = File(picture(640, 480)).read
    assert why_unusable(MAX_BYTES, head) is None
    refusal = why_unusable(MAX_BYTES + 1, no_read)
    assert refusal is not None
    assert refusal.fault is Fault.TOO_MANY_BYTES


def test_a_size_behind_a_large_exif_block_is_found_with_further_reads() -> None:
    file = File(with_metadata(picture(640, 480), segments=1))
    assert file.why_unusable() is None
    assert len(file.reads) == 2


@pytest.mark.parametrize("size", [65_533, 65_000, 4_000])
def test_metadata_that_fill_the_file_cost_at_most_61_reads(size: int) -> None:
    segments = MAX_BYTES // (size + 4) - 1
    file = File(with_metadata(picture(100, 10), segments=segments, size=size))
    refusal = file.why_unusable()
    assert refusal is not None
    assert refusal.fault is Fault.TOO_SMALL
    assert 45 <= len(file.reads) <= 61
    assert {length for _, length in file.reads[1:]} == {FURTHER_READ}


def test_a_jpeg_cut_off_inside_its_metadata_is_damage_and_costs_one_more_read_at_most() -> None:
    whole = with_metadata(picture(640, 480), segments=3)
    file = File(whole[: len(whole) // 2])
    refusal = file.why_unusable()
    assert refusal is not None
    assert refusal.fault is Fault.DAMAGED
    assert len(file.reads) == 2


@pytest.mark.parametrize("at", range(2, 30))
def test_a_frame_header_across_the_end_of_the_first_read_is_found(at: int) -> None:
    # The segment before ends so that the frame header begins `at` bytes before the first read does.
    filler = FIRST_READ - at - len(SOI) - 4
    assert fault_of(SOI + segment(0xE1, bytes(filler)) + frame(640, 480)) is None


@pytest.mark.parametrize(("width", "height"), [(1200, 900), (900, 1200), (3000, 2000)])
def test_a_photograph_as_cameras_write_it_is_accepted(width: int, height: int) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x927C] = "Camera", 6, bytes(50_000)
    content = picture(width, height, exif=exif.tobytes(), icc_profile=bytes(3_000), quality=90)
    assert fault_of(content) is None
