"""From a labellers' manifest of 250,000 lines to a train and a test manifest."""

import json
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from benchmarks import children
from benchmarks.children import Cost
from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair
from benchmarks.surroundings import Surroundings
from contracts.plan import TrainingPlan
from runtime.observe import get_logger
from services.dataset.manifests import ManifestStore
from services.dataset.preparation import Preparation
from services.dataset.preparer import Preparer
from services.dataset.rules import line_limits

JOB = "01m81h5swf60rk4csm6mv3ee1s"
LABELS = ("passport", "id-card", "driving-licence")
ATTRIBUTE = "document-boxes"

_MODULE = "benchmarks.rows.dataset_manifest"
_FEW = 10_000
_MISSED = (
    "It was 7.3. Of 3.5 times json.loads, parsing with the check of the form takes 0.7 (pydantic's core is "
    "quicker than json), the rules 0.5, writing the line 0.6, its hash and the bookkeeping 0.6, compressing "
    "it and reading it back twice 0.4, S3 and the split the rest. What would be left is not worth its price: "
    "lines passed on as they came would carry what other tools left in them, uncompressed ones need a larger "
    "disk, and a second path for the usual line means every rule twice."
)


def measure(given: Surroundings) -> Iterator[Figure]:
    """Prepare manifests, each time in a process of its own, against storage on loopback."""
    many = given.effort.choose(250_000, 30_000)
    with _stored(given.folder, many) as (manifest, port):
        pairs = [_pair(manifest, port, ours_first=turn % 2 == 0) for turn in range(given.effort.pairs)]
    yield Figure.ratio(
        f"CPU, {many:,} lines", [Pair(ours.cpu, bare.cpu) for ours, bare in pairs], aim=2, missed=_MISSED
    )
    yield Figure.ratio(
        f"wall, {many:,} lines",
        [Pair(ours.wall, bare.wall) for ours, bare in pairs],
        aim=None,
        note="storage on loopback is another process, and answers at once",
    )
    yield Figure.amount(f"peak memory, {many:,} lines", [ours.peak for ours, _ in pairs], "MB", aim=200)
    with _stored(given.folder, _FEW) as (_, port):
        few = children.run(_MODULE, "ours", port)
    yield Figure.amount(f"peak memory, {_FEW:,} lines", [few.peak], "MB", aim=200)


def _pair(manifest: Path, port: str, *, ours_first: bool) -> tuple[Cost, Cost]:
    if ours_first:
        ours = children.run(_MODULE, "ours", port)
        return ours, children.run(_MODULE, "baseline", str(manifest))
    bare = children.run(_MODULE, "baseline", str(manifest))
    return children.run(_MODULE, "ours", port), bare


@contextmanager
def _stored(folder: Path, lines: int) -> Iterator[tuple[Path, str]]:
    """Give a manifest of so many lines, and the port of a storage that holds it."""
    manifest = folder / f"{lines}.manifest"
    with manifest.open("w") as file:
        file.writelines(json.dumps(line) + "\n" for line in labelled(lines))
    server = ThreadingHTTPServer(("127.0.0.1", 0), storage_of(manifest))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield manifest, str(server.server_port)
    finally:
        server.shutdown()
        server.server_close()
        manifest.unlink()


def prepare(port: str) -> None:
    """Prepare the manifest that the storage at a port holds, and say what that took."""
    get_logger().setLevel("WARNING")
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-1",
        aws_access_key_id="benchmark",
        aws_secret_access_key="benchmark",  # noqa: S106 - the storage on loopback asks for none
        config=Config(s3={"addressing_style": "path"}),
    )
    store = ManifestStore(s3, "bucket")
    preparer = Preparer(store, "bucket", line_limits("eu-west-1"), timedelta(seconds=15), utc_now)
    row = Preparation(
        job_id=JOB,
        attempt=1,
        plan=TrainingPlan(labels=list(LABELS)),
        output_manifest="s3://bucket/labels.manifest",
        label_attribute=ATTRIBUTE,
        begun_at=utc_now(),
    )
    children.tell(lambda: preparer.prepare(row, lambda: None))


def parse(manifest: Path) -> None:
    """``json.loads`` every line of a file, and say what that took."""
    with manifest.open("rb") as lines:
        children.tell(lambda: [None for line in lines if not json.loads(line)])


def labelled(lines: int) -> Iterator[dict[str, Any]]:
    """Give the lines of an output manifest: mostly good, some failed, some without a document, some cut."""
    chance = random.Random(7)  # noqa: S311 - data, not secrets
    for number in range(lines):
        image = f"s3://bucket/images/{JOB}/IMG_{number:06}.jpg"
        kind = chance.random()
        if kind < 0.02:
            failed = {"failure-reason": "ClientError: Annotation tasks expired", "human-annotated": "yes"}
            yield {"source-ref": image, f"{ATTRIBUTE}-metadata": failed}
            continue
        boxes = [] if kind < 0.04 else [a_box(chance) for _ in range(2 if kind > 0.9 else 1)]
        yield {
            "source-ref": image,
            ATTRIBUTE: {"image_size": [{"width": 1920, "height": 1080, "depth": 3}], "annotations": boxes},
            f"{ATTRIBUTE}-metadata": {
                "objects": [{"confidence": 0.0} for _ in boxes],
                "class-map": {str(box["class_id"]): LABELS[box["class_id"]] for box in boxes},
                "type": "groundtruth/object-detection",
                "human-annotated": "yes",
                "creation-date": "2026-11-22T09:41:07.315482",
                "job-name": f"labeling-job/ekyc-{JOB}-1",
            },
        }


def a_box(chance: random.Random) -> dict[str, int]:
    """Give a box, one in a dozen of which hangs over the right edge."""
    return {
        "class_id": chance.choices(range(len(LABELS)), (70, 29, 1))[0],
        "left": chance.randrange(1300),
        "top": chance.randrange(400),
        "width": chance.randrange(300, 700),
        "height": chance.randrange(200, 600),
    }


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


def storage_of(manifest: Path) -> type[BaseHTTPRequestHandler]:
    """Give a storage that holds one manifest and swallows whatever is written to it."""

    class Storage(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(manifest.read_bytes())

        def do_PUT(self) -> None:
            self.swallow()
            self.answer(b"", etag='"part"')

        def do_POST(self) -> None:
            self.swallow()
            name = "InitiateMultipartUpload" if "uploads" in self.path else "CompleteMultipartUpload"
            self.answer(f"<{name}Result><UploadId>u</UploadId><ETag>e</ETag></{name}Result>".encode())

        def swallow(self) -> None:
            left = int(self.headers.get("Content-Length", 0))
            while left > 0:
                left -= len(self.rfile.read(min(left, 1 << 16)))

        def answer(self, body: bytes, **headers: str) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Storage


ROW = Row(
    what="validating, splitting and writing a manifest of 250,000 lines, some of them bad (services/dataset)",
    baseline="`json.loads` of each line, nothing else",
    measure=measure,
)

if __name__ == "__main__":
    if sys.argv[1] == "ours":
        prepare(sys.argv[2])
    else:
        parse(Path(sys.argv[2]))
