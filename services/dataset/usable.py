"""The usable lines of a job: on disk, with what the split must know of each in memory."""

import gzip
from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from io import BufferedReader
from itertools import compress
from typing import IO

_BLOCK = 256 * 1024
"""Bytes that are compressed at once; line by line it takes twice as long."""


class UsableLines:
    """Keeps any number of lines in flat memory: some hundred bytes for each, however long it is.

    The lines are compressed, because a manifest may have 1 GB and a Lambda function has half of that as disk.

    Args:
        file: where the lines are kept.

    Attributes:
        hashes: of each line's image, all different.
        label_sets: of each line, as numbers with a bit for each label.
        lengths: of each line in bytes, line feed included.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._writer = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1)
        self._block = bytearray()
        self._seen: set[int] = set()
        self.hashes = array("Q")
        self.label_sets = array("H")
        self.lengths = array("L")

    def __len__(self) -> int:
        return len(self.hashes)

    def add(self, image: str, label_set: int, text: bytes) -> bool:
        """Keep a line, unless its image has one already; say whether it was kept."""
        hashed = image_hash(image)
        if hashed in self._seen:
            return False
        self._seen.add(hashed)
        self.hashes.append(hashed)
        self.label_sets.append(label_set)
        self.lengths.append(len(text) + 1)
        self._block += text
        self._block += b"\n"
        if len(self._block) >= _BLOCK:
            self._flush()
        return True

    def finish(self) -> None:
        """Take no more lines, so that those kept can be read."""
        if not self._writer.closed:
            self._flush()
            self._writer.close()
        self._seen.clear()

    def chosen(self, choice: Iterable[object]) -> Iterator[bytes]:
        """Give the lines for which ``choice`` is true, in their order."""
        self._file.seek(0)
        with (
            gzip.GzipFile(fileobj=self._file, mode="rb") as unpacked,
            BufferedReader(unpacked, _BLOCK) as lines,
        ):
            yield from compress(lines, choice)

    def _flush(self) -> None:
        self._writer.write(self._block)
        self._block.clear()


def image_hash(image: str) -> int:
    """Give 64 bits that stand for an image: among 250,000 two are alike once in half a billion jobs."""
    digest = blake2b(image.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
