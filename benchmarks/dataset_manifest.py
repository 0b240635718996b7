"""How fast, and in how much memory, the labels of a job become its two manifests.

Run from the root of the repository, on Linux: ``python -m benchmarks.dataset_manifest [LINES...]``. Each
size is measured in a process of its own for the peak of its memory; boto3 talks to a storage on loopback.
The yardstick is ``json.loads`` on every line, without which no judgement about it is possible.
"""

import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from contracts.plan import TrainingPlan
from services.dataset.manifests import ManifestStore
from services.dataset.preparation import Preparation
from services.dataset.preparer import Preparer
from services.dataset.rules import line_limits

JOB = "01m81h5swf60rk4csm6mv3ee1s"
LABELS = ("passport", "id-card", "driving-licence")
ATTRIBUTE = "document-boxes"
SIZES = (10_000, 100_000, 250_000)


def main() -> None:
    """Measure the sizes asked for and print a table."""
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    print("|   lines | MB in | seconds | lines/s | json.loads | ratio | peak MB | of it before |")
    print("|--------:|------:|--------:|--------:|-----------:|------:|--------:|-------------:|")
    with tempfile.TemporaryDirectory() as folder:
        for lines in sizes:
            manifest = Path(folder) / f"{lines}.manifest"
            with manifest.open("w") as file:
                file.writelines(json.dumps(line) + "\n" for line in labelled(lines))
            print(row_of(lines, manifest))


def row_of(lines: int, manifest: Path) -> str:
    """Measure one size in a process of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), storage_of(manifest))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        command = [sys.executable, "-c", "from benchmarks.dataset_manifest import measure; measure()"]
        told = subprocess.run(  # noqa: S603 - this very module
            [*command, str(server.server_port)], capture_output=True, text=True, check=True
        )
    finally:
        server.shutdown()
        server.server_close()
    found = json.loads(told.stdout.splitlines()[-1])
    loads = seconds_to_parse(manifest)
    return (
        f"| {lines:7,} | {manifest.stat().st_size / 1e6:5.1f} | {found['seconds']:7.2f} "
        f"| {lines / found['seconds']:7,.0f} | {loads:8.2f} s | {found['seconds'] / loads:5.1f} "
        f"| {found['peak']:7.0f} | {found['before']:12.0f} |"
    )


def measure() -> None:
    """Prepare the manifest that the storage at the port in ``argv`` holds; print figures as JSON."""
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{sys.argv[1]}",
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
    before, began = peak_megabytes(), time.perf_counter()
    preparer.prepare(row, lambda: None)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "before": before, "peak": peak_megabytes()}))


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


def seconds_to_parse(manifest: Path) -> float:
    """Time ``json.loads`` on every line of a file."""
    began = time.perf_counter()
    with manifest.open("rb") as lines:
        for line in lines:
            json.loads(line)
    return time.perf_counter() - began


def peak_megabytes() -> float:
    """Give the most memory this process has had.

    Not from ``getrusage``, whose figure begins with that of the process it was forked from.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


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


if __name__ == "__main__":
    main()
