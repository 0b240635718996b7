"""S3 as the simulator uses it, with the two refusals that services answer differently."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = {"NoSuchKey", "NoSuchBucket", "404", "NotFound", "NoSuchVersion"}
_FORBIDDEN = {"AccessDenied", "403", "Forbidden", "AllAccessDisabled"}
_PARALLEL = 16


class S3Error(Exception):
    """S3 refused; the message names the object."""


class S3Missing(S3Error):
    """There is no such bucket or object."""


class S3Forbidden(S3Error):
    """The bucket or object may not be used."""


@dataclass(frozen=True)
class Place:
    """One object."""

    bucket: str
    key: str
    version: str | None = None

    @property
    def uri(self) -> str:
        """The `s3://` form."""
        return f"s3://{self.bucket}/{self.key}"


def parse_uri(uri: str) -> Place | None:
    """Read `s3://bucket/key`; None when `uri` has another form."""
    if not uri.startswith("s3://"):
        return None
    bucket, _, key = uri[len("s3://") :].partition("/")
    return Place(bucket, key) if bucket and key else None


class Buckets:
    """S3 as one account sees it in one region."""

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def size(self, place: Place) -> int:
        """Return an object's size in bytes."""
        with _Refusals(place):
            return self._client.head_object(**_arguments(place))["ContentLength"]

    def read(self, place: Place) -> bytes:
        """Return an object's bytes."""
        with _Refusals(place):
            return self._client.get_object(**_arguments(place))["Body"].read()

    def lines(self, place: Place) -> Iterator[str]:
        """Yield an object's lines without their ends; bytes that are not UTF-8 become U+FFFD."""
        with _Refusals(place):
            body = self._client.get_object(**_arguments(place))["Body"]
            for line in body.iter_lines(chunk_size=1 << 20):
                yield line.decode("utf-8", errors="replace").removesuffix("\r")

    def head(self, place: Place, count: int) -> tuple[bytes, int]:
        """Return the first `count` bytes of an object, and its whole size."""
        try:
            with _Refusals(place):
                answer = self._client.get_object(**_arguments(place), Range=f"bytes=0-{count - 1}")
        except ClientError as error:
            # An empty object has no first byte to ask for.
            if error.response["Error"]["Code"] == "InvalidRange":
                return b"", 0
            raise
        data = answer["Body"].read()
        _, _, total = answer.get("ContentRange", "").partition("/")
        return data, int(total) if total else len(data)

    def write(self, place: Place, body: bytes, *, kms_key: str = "") -> None:
        """Write an object, encrypted with `kms_key` if there is one."""
        extra: dict[str, Any] = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        with _Refusals(place):
            self._client.put_object(Bucket=place.bucket, Key=place.key, Body=io.BytesIO(body), **extra)

    def write_all(self, files: dict[Place, bytes], *, kms_key: str = "") -> None:
        """Write many objects, a bounded number at a time."""
        with ThreadPoolExecutor(_PARALLEL) as pool:
            jobs = [pool.submit(self.write, place, body, kms_key=kms_key) for place, body in files.items()]
            for job in jobs:
                job.result()

    def owner(self, bucket: str) -> str:
        """Return the id of a bucket's owner."""
        with _Refusals(Place(bucket, "")):
            return self._client.get_bucket_acl(Bucket=bucket)["Owner"].get("ID", "")

    def cors_rules(self, bucket: str) -> list[dict[str, Any]]:
        """Return a bucket's CORS rules; an empty list when it has none."""
        try:
            with _Refusals(Place(bucket, "")):
                return [dict(rule) for rule in self._client.get_bucket_cors(Bucket=bucket)["CORSRules"]]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchCORSConfiguration":
                return []
            raise


class _Refusals:
    """Turns S3's refusals into `S3Missing` and `S3Forbidden`; lets every other error pass."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if not isinstance(error, ClientError):
            return
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise S3Missing(f"{self._place.uri} does not exist") from error
        if code in _FORBIDDEN:
            raise S3Forbidden(f"{self._place.uri} may not be used: access denied") from error


def _arguments(place: Place) -> dict[str, Any]:
    arguments: dict[str, Any] = {"Bucket": place.bucket, "Key": place.key}
    if place.version:
        arguments["VersionId"] = place.version
    return arguments
