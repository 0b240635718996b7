"""How fast, and in how much memory, uploaded images become an input manifest.

Run it from the root of the repository: ``python -m benchmarks.labelling_manifest [images …]``. The code is
the service's own, and boto3 does all that it does for a request; only the wire is replaced, by answers that
come after a delay as S3's do. Each size is measured in a process of its own, so that the peak is its own.
"""

import io
import multiprocessing
import resource
import struct
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from contracts.facts import ImageCounts
from runtime.clients import storage
from runtime.observe import get_logger
from services.labelling.image_head import FIRST_READ
from services.labelling.preparation import Preparer
from services.labelling.settings import LabellingSettings
from services.labelling.storage import Storage

SIZES = (10_000, 100_000)
PAGE = 1_000
FILE_BYTES = 2_500_000
DELAY_SECONDS = 0.02  # to the first byte of a small S3 read within a region
READERS = LabellingSettings.model_fields["image_readers"].default
PREFIX = "images/01m81h5swf60rk4csm6mv3ee1s/"


@dataclass(frozen=True)
class Measured:
    """What preparing so many images took; memory in MiB."""

    counts: ImageCounts
    seconds: float
    cpu_seconds: float
    idle: float
    peak: float
    requests: int


class _Body(io.BytesIO):
    """An answer's body, in urllib3's manner."""

    def stream(self, amt: int = 65_536, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


class FakeS3:
    """A bucket of photographs that are made up as they are asked for."""

    def __init__(self, images: int) -> None:
        self._images = images
        self.requests = 0

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answer in the place of the wire."""
        self.requests += 1
        time.sleep(DELAY_SECONDS)
        if request.method == "PUT":
            _drain(request.body)
            return _response(request, 200, b"")
        query = parse_qs(urlsplit(request.url).query)
        if "list-type" in query:
            return _response(request, 200, self._page(int(query.get("continuation-token", ["0"])[0])))
        return _response(request, 206, _part(request))

    def _page(self, first: int) -> bytes:
        after = min(first + PAGE, self._images)
        more = after < self._images
        keys = "".join(
            f"<Contents><Key>{PREFIX}IMG_{number:07}.jpg</Key><LastModified>2026-11-22T12:00:00.000Z</LastModified>"
            f"<ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>{FILE_BYTES}</Size>"
            "<StorageClass>STANDARD</StorageClass></Contents>"
            for number in range(first, after)
        )
        token = f"<NextContinuationToken>{after}</NextContinuationToken>" if more else ""
        return (
            f"<ListBucketResult><KeyCount>{after - first}</KeyCount><MaxKeys>{PAGE}</MaxKeys>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{keys}</ListBucketResult>"
        ).encode()


def measure(images: int) -> Measured:
    """Prepare so many images."""
    get_logger().setLevel("WARNING")
    session = boto3.Session("nobody", "nothing", region_name="eu-west-1")
    s3 = session.client("s3", config=storage(connections=READERS))
    fake = FakeS3(images)
    answer: Callable[..., Any] = fake.answer
    s3.meta.events.register("before-send.s3", answer)
    preparer = Preparer(Storage(s3), readers=READERS, max_images=images)
    idle, began, cpu = _peak(), time.perf_counter(), time.process_time()
    prepared = preparer.prepare(f"s3://bucket/{PREFIX}", "s3://bucket/labelling/job/1/", lambda: None)
    return Measured(
        counts=prepared.images,
        seconds=time.perf_counter() - began,
        cpu_seconds=time.process_time() - cpu,
        idle=idle,
        peak=_peak(),
        requests=fake.requests,
    )


def main(sizes: tuple[int, ...]) -> None:
    """Measure each size and print the table."""
    print(f"{READERS} readers, {DELAY_SECONDS * 1000:.0f} ms to the first byte")
    print("   images  refused requests       s   cpu s images/s  idle MiB  peak MiB")
    processes = multiprocessing.get_context("spawn")
    for images in sizes:
        with processes.Pool(1) as pool:
            found = pool.apply(measure, (images,))
        print(
            f"{found.counts.uploaded:>9,} {found.counts.refused:>8,} {found.requests:>8,}"
            f" {found.seconds:>7.1f} {found.cpu_seconds:>7.1f} {images / found.seconds:>8,.0f}"
            f" {found.idle:>9.1f} {found.peak:>9.1f}"
        )


def _part(request: AWSPreparedRequest) -> bytes:
    number = int(urlsplit(request.url).path[-11:-4])
    header = request.headers["Range"]
    asked = header.decode() if isinstance(header, bytes) else header
    first, last = (int(part) for part in asked.removeprefix("bytes=").split("-"))
    content = _kinds()[number % 100]
    return content[first : last + 1] + bytes(max(0, min(last + 1, FILE_BYTES) - max(first, len(content))))


@cache
def _kinds() -> tuple[bytes, ...]:
    """Give the heads of a hundred files, in the shares in which people upload them."""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 3024, 4032, 3) + bytes(9)
    phone = b"\xff\xd8" + _segment(0xE1, 24_000) + _segment(0xE2, 3_000) + _segment(0xDB, 130) + frame
    edited = b"\xff\xd8" + _segment(0xE1, 60_000) + _segment(0xE2, 65_533) * 2 + frame
    scan = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 2480, 3508)
    huge = b"\xff\xd8" + b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 6000, 8000, 3) + bytes(9)
    heic = b"\x00\x00\x00\x18ftypheic"
    return (phone,) * 80 + (edited,) * 5 + (scan,) * 10 + (huge,) * 3 + (heic,) * 2


def _segment(marker: int, size: int) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, size + 2) + bytes(size)


def _response(request: AWSPreparedRequest, status: int, body: bytes) -> AWSResponse:
    headers = HTTPHeaders()
    headers["content-length"] = str(len(body))
    return AWSResponse(request.url, status, headers, _Body(body))


def _drain(body: Any) -> None:
    while hasattr(body, "read") and body.read(FIRST_READ):
        pass


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
