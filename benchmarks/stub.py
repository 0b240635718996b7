"""An AWS on loopback that says yes at once: ``python -m benchmarks.stub`` prints its port and serves.

It remembers nothing: no row is there, every write succeeds, each quota is free. A handler and a bare
client are answered the same, to the byte.
"""

import json
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.builders import project_arn, version_arn
from tests.support.events import labelling_completed
from tests.support.manifest_lines import ATTRIBUTE, CLASSES, a_box, a_line, a_manifest

IMAGES = 3
LINES = 10
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 2480, 3508) + bytes(9)

_PUBLISHED = (
    b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>'
    b"567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult></PublishResponse>"
)
_ANSWERS: dict[str, dict[str, Any]] = {
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "CreateLabelingJob": {"LabelingJobArn": "arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/ekyc-1"},
    "CreateProject": {"ProjectArn": project_arn()},
    "DescribeProjects": {
        "ProjectDescriptions": [{"ProjectArn": project_arn(), "Status": "CREATED", "Datasets": []}]
    },
    "CreateDataset": {"DatasetArn": f"{project_arn().rsplit('/', 1)[0]}/dataset/train/1763805600000"},
    "CreateProjectVersion": {"ProjectVersionArn": version_arn()},
    "DescribeProjectVersions": {
        "ProjectVersionDescriptions": [{"ProjectVersionArn": version_arn(), "Status": "TRAINING_COMPLETED"}]
    },
    "StartProjectVersion": {"Status": "STARTING"},
}


@contextmanager
def stub() -> Iterator[str]:
    """Run it in a process of its own, whose time is nobody's here; give its address."""
    with subprocess.Popen([sys.executable, "-m", "benchmarks.stub"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        port = int(process.stdout.readline())
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if target:
            self._answer(json.dumps(_ANSWERS.get(target, {})).encode(), "application/x-amz-json-1.0")
        else:
            self._answer(_PUBLISHED, "text/xml")

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(b"", "application/xml", etag='"e"')

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if "list-type" in address.query:
            self._answer(_page(parse_qs(address.query)["prefix"][0]), "application/xml")
        elif "Range" in self.headers:
            self._answer(PNG, "image/png", status="206 Partial Content")
        else:
            self._answer(_manifest(), "application/x-ndjson")

    def _answer(self, body: bytes, content_type: str, status: str = "200 OK", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        # In one piece: in two, the second would wait for the client to acknowledge the first.
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("ascii") + body)

    def log_message(self, *_: object) -> None:
        pass


def _page(prefix: str) -> bytes:
    keys = "".join(
        f"<Contents><Key>{prefix}{number}.png</Key><LastModified>2026-11-22T12:00:00.000Z</LastModified>"
        f"<Size>2000000</Size></Contents>"
        for number in range(IMAGES)
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>".encode()


def _manifest() -> bytes:
    """Give the labels that the event of a completed labelling is about."""
    lines = a_manifest(*(a_line(f"{number}.jpg", a_box(CLASSES[number % 2])) for number in range(LINES)))
    return lines.replace(ATTRIBUTE.encode(), labelling_completed().data.label_attribute.encode())


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
