"""Manifests in S3, read and written as streams."""

from collections.abc import Iterable, Iterator
from io import BufferedReader, RawIOBase
from itertools import islice
from typing import TYPE_CHECKING, cast

from boto3.s3.transfer import TransferConfig

from runtime.errors import AwsError, trouble_from

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from mypy_boto3_s3.client import S3Client

_LONGEST_READ = 1_000_000
"""Bytes of a line that are read at most, so that a file without line feeds does not fill the memory."""

_CHUNK = 64 * 1024
_AT_ONCE = 64
"""Lines that are put together to be written: 6.4 MB at most, for none of ours has over 100,000 bytes."""

_PART = 8 * 1024 * 1024


class ManifestStore:
    """Reads the labellers' manifest and writes ours.

    Args:
        s3: the client.
        bucket: takes what is written.
    """

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def lines(self, uri: str) -> Iterator[bytes]:
        """Read a manifest line by line; a line that is far too long comes cut.

        Raises:
            Trouble: it could not be read, or not to its end.
        """
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        try:
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
            with BufferedReader(cast("RawIOBase", body), _CHUNK) as reader:
                yield from _lines_of(reader)
        except AwsError as error:
            raise trouble_from(error, f"read the labels at {uri}") from error

    def write(self, key: str, lines: Iterable[bytes]) -> str:
        """Write lines as an object, in place of an earlier one of that key; give its URI.

        Raises:
            Trouble: S3 did not take it.
        """
        try:
            # One part at a time: the default of ten in parallel would hold all of them in memory.
            self._s3.upload_fileobj(
                BufferedReader(_LinesFile(lines), _CHUNK),
                self._bucket,
                key,
                Config=TransferConfig(
                    use_threads=False, multipart_chunksize=_PART, multipart_threshold=_PART
                ),
            )
        except AwsError as error:
            raise trouble_from(error, f"write {key}") from error
        return f"s3://{self._bucket}/{key}"


def _lines_of(reader: "BufferedReader[RawIOBase]") -> Iterator[bytes]:
    while line := reader.readline(_LONGEST_READ):
        yield line
        while len(line) == _LONGEST_READ and not line.endswith(b"\n"):
            line = reader.readline(_LONGEST_READ)


class _LinesFile(RawIOBase):
    """Lines as a file that can be read once."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view, filled = memoryview(buffer), 0
        while filled < len(view):
            self._rest = self._rest or b"".join(islice(self._lines, _AT_ONCE))
            if not self._rest:
                break
            piece = self._rest[: len(view) - filled]
            view[filled : filled + len(piece)] = piece
            filled += len(piece)
            self._rest = self._rest[len(piece) :]
        return filled
