"""From 100,000 uploaded images to an input manifest, the head of each image checked."""

import io
import struct
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from benchmarks import children
from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair
from benchmarks.surroundings import Surroundings
from runtime.clients import storage
from runtime.observe import get_logger
from services.labelling.image_head import FIRST_READ
from services.labelling.kept_labels import KeptLabels
from services.labelling.preparation import Preparer
from services.labelling.settings import LabellingSettings
from services.labelling.storage import Storage

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PAGE = 1_000
FILE_BYTES = 2_500_000
DELAY_SECONDS = 0.02
"""To the first byte of a small S3 read within a region."""
READERS: int = LabellingSettings.model_fields["image_readers"].default
PREFIX = "images/01m81h5swf60rk4csm6mv3ee1s/"

_MODULE = "benchmarks.rows.image_manifest"
_MOST_PAIRS = 5


def measure(given: Surroundings) -> Iterator[Figure]:
    """Check images and read the same bare, in turn, each time in a process of its own."""
    many, few = given.effort.choose((100_000, 10_000), (1_000, 300))
    both = ("ours", "baseline")
    costs = []
    for turn in range(min(given.effort.pairs, _MOST_PAIRS)):
        found = {kind: children.run(_MODULE, kind, str(many)) for kind in (both if turn % 2 else both[::-1])}
        costs.append((found["ours"], found["baseline"]))
    yield Figure.ratio(f"{many:,} images", [Pair(ours.wall, bare.wall) for ours, bare in costs], aim=1.3)
    yield Figure.ratio(
        f"CPU, {many:,} images",
        [Pair(ours.cpu, bare.cpu) for ours, bare in costs],
        aim=None,
        note="one image in twenty has its size so far behind that a second read is needed; bare reads once",
    )
    yield Figure.amount(f"peak memory, {many:,} images", [ours.peak for ours, _ in costs], "MB", aim=200)
    smaller = children.run(_MODULE, "ours", str(few))
    yield Figure.amount(f"peak memory, {few:,} images", [smaller.peak], "MB", aim=200)


class _Body(io.BytesIO):
    """An answer's body, in urllib3's manner."""

    def stream(self, amt: int = 65_536, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


class FakeS3:
    """A bucket of photographs that are made up as they are asked for.

    boto3 does all that it does for a request; only the wire is replaced, by answers as late as S3's.
    """

    def __init__(self, images: int) -> None:
        self._images = images

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answer in the place of the wire."""
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


def client_of(images: int) -> "S3Client":
    """Give a client of a bucket with so many images."""
    session = boto3.Session("nobody", "nothing", region_name="eu-west-1")
    s3 = session.client("s3", config=storage(connections=READERS))
    answer: Callable[..., Any] = FakeS3(images).answer
    s3.meta.events.register("before-send.s3", answer)
    return s3


def prepare(images: int) -> None:
    """Make the manifest, and say what that took."""
    get_logger().setLevel("WARNING")
    files = Storage(client_of(images))
    preparer = Preparer(files, KeptLabels(files), readers=READERS, max_images=images)
    children.tell(
        lambda: preparer.prepare(f"s3://bucket/{PREFIX}", "s3://bucket/labelling/job/1/", lambda: None)
    )


def read_bare(images: int) -> None:
    """List the images and read the head of each, and say what that took."""
    s3 = client_of(images)

    def read(key: str) -> bytes:
        part = s3.get_object(Bucket="bucket", Key=key, Range=f"bytes=0-{FIRST_READ - 1}")
        return part["Body"].read()

    def read_all() -> None:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", Prefix=PREFIX)
        with ThreadPoolExecutor(READERS) as pool:
            for page in pages:
                for _ in pool.map(read, [found["Key"] for found in page["Contents"]]):
                    pass

    children.tell(read_all)


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


ROW = Row(
    what="checking 100,000 uploaded images and writing the manifest of the good ones (services/labelling)",
    baseline="the bare ListObjectsV2 loop, and a bare ranged GET of each image, as many at once",
    measure=measure,
)

if __name__ == "__main__":
    {"ours": prepare, "baseline": read_bare}[sys.argv[1]](int(sys.argv[2]))
