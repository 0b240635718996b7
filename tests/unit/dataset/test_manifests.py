"""Manifests in S3, at their edges."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.response import StreamingBody

from runtime.errors import Permanent, Retryable
from services.dataset.manifests import ManifestStore
from tests.support.rekognition import refusal


class Body(io.BytesIO):
    """Bytes off the wire, after which the connection may break."""

    broken: Exception | None = None

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        if count == 0 and self.broken is not None:
            raise self.broken
        return count


def read(content: bytes, *, length: int | None = None, broken: Exception | None = None) -> list[bytes]:
    body = Body(content)
    body.broken = broken
    streaming = StreamingBody(body, len(content) if length is None else length)
    s3: Any = SimpleNamespace(get_object=lambda **_: {"Body": streaming})
    return list(ManifestStore(s3, "bucket").lines("s3://bucket/labels/a.manifest"))


def test_lines_come_one_by_one_whatever_ends_the_last() -> None:
    assert read(b"a\nb\r\nc") == [b"a\n", b"b\r\n", b"c"]
    assert read(b"") == []


def test_a_line_that_would_fill_the_memory_is_cut_and_the_next_is_whole() -> None:
    first, second = read(b"x" * 3_500_000 + b"\nnext\n")
    assert (len(first), second) == (1_000_000, b"next\n")


def test_a_manifest_that_breaks_off_is_read_again() -> None:
    with pytest.raises(Retryable):
        read(b"a\nb\n", length=400)


def test_a_connection_that_breaks_is_tried_again() -> None:
    with pytest.raises(Retryable):
        read(b"a\nb\n", broken=ReadTimeoutError(endpoint_url="https://bucket"))


def test_a_manifest_that_may_not_be_read_is_final() -> None:
    def refuse(**_: Any) -> None:
        raise refusal("AccessDenied", status=403)

    s3: Any = SimpleNamespace(get_object=refuse)
    with pytest.raises(Permanent, match="read the labels at s3"):
        list(ManifestStore(s3, "bucket").lines("s3://bucket/a.manifest"))


def test_what_is_written_is_read_by_the_piece() -> None:
    pieces: list[bytes] = []

    def upload(file: Any, bucket: str, key: str, **_: Any) -> None:
        while piece := file.read(7):
            pieces.append(piece)

    s3: Any = SimpleNamespace(upload_fileobj=upload)
    uri = ManifestStore(s3, "bucket").write("a.manifest", [b"one\n", b"a longer second\n", b"3\n"])
    assert uri == "s3://bucket/a.manifest"
    assert b"".join(pieces) == b"one\na longer second\n3\n"
