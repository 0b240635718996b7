"""Uploaded images and the files of a labelling, in S3."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from contracts.ids import S3Uri
from runtime.errors import AwsError, Retryable, error_code, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_TRIES = 3
_CHUNK = 64 * 1024
_BROKEN_OFF = (HTTPClientError, IncompleteReadError)
_MAY_BE_GONE = frozenset({"NoSuchKey", "404", "AccessDenied", "403"})


class Gone(Exception):
    """The object was listed and is there no more."""


class TooLarge(Exception):
    """The object has more bytes than are wanted."""


@dataclass(frozen=True)
class Fetched:
    """What was copied: its bytes, and when it was written."""

    size: int
    written_at: datetime


@dataclass(frozen=True)
class Upload:
    """An object under a job's image prefix; ``size`` is in bytes, ``filename`` its key without the prefix."""

    bucket: str
    key: str
    filename: str
    size: int

    @property
    def uri(self) -> S3Uri:
        """Where it is, as manifests say it."""
        return f"s3://{self.bucket}/{self.key}"


class Storage:
    """Reads images and writes files; safe to share between threads."""

    def __init__(self, s3: "S3Client") -> None:
        self._s3 = s3

    def pages(self, prefix: S3Uri) -> Iterator[list[Upload]]:
        """List what is under a prefix, a page of at most 1,000 at a time, in the order of the keys.

        Raises:
            Trouble: S3 did not answer as asked.
        """
        bucket, folder = split(prefix)
        try:
            for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder):
                # A key that ends in a slash is a folder made by hand in the console.
                yield [
                    Upload(bucket, found["Key"], found["Key"].removeprefix(folder), found["Size"])
                    for found in page.get("Contents", [])
                    if not found["Key"].endswith("/")
                ]
        except AwsError as error:
            raise trouble_from(error, "list the uploaded images") from error

    def find(self, uri: S3Uri) -> Upload | None:
        """Look for one uploaded image.

        Raises:
            Trouble: S3 did not answer as asked.
        """
        # S3 says 403 for a missing object unless the caller may list the whole bucket, which we may not.
        return next((upload for upload in next(self.pages(uri), []) if upload.uri == uri), None)

    def read(self, upload: Upload, offset: int, length: int) -> bytes:
        """Read a part of an object; less than asked, or nothing, where it is shorter.

        Raises:
            Gone: it is there no more.
            Trouble: S3 did not answer as asked.
        """
        for _ in range(_TRIES):
            try:
                found = self._s3.get_object(
                    Bucket=upload.bucket, Key=upload.key, Range=f"bytes={offset}-{offset + length - 1}"
                )
            except ClientError as error:
                if error_code(error) == "InvalidRange":
                    return b""
                if error_code(error) in _MAY_BE_GONE and self.find(upload.uri) is None:
                    raise Gone(upload.uri) from error
                raise trouble_from(error, "read an uploaded image") from error
            except AwsError as error:
                raise trouble_from(error, "read an uploaded image") from error
            try:
                return found["Body"].read()
            except _BROKEN_OFF:
                continue  # boto3 repeats requests that fail, but not answers that break off
        raise Retryable("S3's answers kept breaking off while an uploaded image was read")

    def fetch(self, uri: S3Uri, file: IO[bytes], most: int) -> Fetched:
        """Copy an object into an empty file, as a stream and all of one version.

        Raises:
            TooLarge: it has more than ``most`` bytes; nothing of it was copied.
            Gone: it is not there.
            Trouble: S3 did not answer as asked.
        """
        if self.find(uri) is None:
            raise Gone(uri)
        bucket, key = split(uri)
        for _ in range(_TRIES):
            file.seek(0)
            file.truncate()
            try:
                found = self._s3.get_object(Bucket=bucket, Key=key)
                if found["ContentLength"] > most:
                    raise TooLarge(uri)
                for chunk in found["Body"].iter_chunks(_CHUNK):
                    file.write(chunk)
            except _BROKEN_OFF:
                continue
            except AwsError as error:
                raise trouble_from(error, f"read {uri}") from error
            return Fetched(found["ContentLength"], found["LastModified"])
        raise Retryable(f"S3's answers kept breaking off while {uri} was read")

    def lines(self, uri: S3Uri) -> Iterator[bytes]:
        """Read a manifest line by line.

        Raises:
            Trouble: it could not be read, or not to its end.
        """
        bucket, key = split(uri)
        try:
            yield from self._s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines(_CHUNK)
        except AwsError as error:
            raise trouble_from(error, f"read the labels at {uri}") from error

    def write(self, uri: S3Uri, body: bytes | IO[bytes], content_type: str) -> None:
        """Write an object; a file is sent as a stream from its beginning.

        Raises:
            Trouble: S3 did not take it.
        """
        bucket, key = split(uri)
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
        except AwsError as error:
            raise trouble_from(error, "write a file of the labelling") from error


def split(uri: S3Uri) -> tuple[str, str]:
    """Give the bucket and the key."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
