"""What people labelled in an earlier attempt, so that nobody draws the same boxes twice."""

import json
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile

from contracts.ids import S3Uri
from services.labelling.backend import LABEL_ATTRIBUTE
from services.labelling.storage import Storage

_IN_MEMORY = 1024 * 1024
_JSON_LINES = "application/x-ndjson"


def kept_manifest(folder: S3Uri) -> S3Uri:
    """Say where the lines are that an attempt takes over."""
    return f"{folder}kept.manifest"


def whole_manifest(folder: S3Uri) -> S3Uri:
    """Say where the lines are that an attempt took over, together with its own."""
    return f"{folder}labels.manifest"


class KeptLabels:
    """Reads and writes manifests as streams; of the images only the addresses are in memory."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def images(self, manifests: Iterable[S3Uri]) -> set[str]:
        """Give the images that have labels in one of the manifests.

        Raises:
            Trouble: S3 did not answer as asked.
        """
        return {image for _, image in self._labelled(manifests)}

    def take_over(self, manifests: Iterable[S3Uri], images: set[str], to: S3Uri) -> None:
        """Write the labelled lines of these images, one each, as a manifest.

        Raises:
            Trouble: S3 did not answer as asked.
        """
        wanted = set(images)
        with SpooledTemporaryFile(_IN_MEMORY) as lines:
            for line, image in self._labelled(manifests):
                if image in wanted:
                    wanted.remove(image)
                    lines.write(line + b"\n")
            lines.seek(0)
            self._storage.write(to, lines, _JSON_LINES)

    def join(self, manifests: Iterable[S3Uri], to: S3Uri) -> None:
        """Write the lines of several manifests, in their order, as one.

        Raises:
            Trouble: S3 did not answer as asked.
        """
        with SpooledTemporaryFile(_IN_MEMORY) as lines:
            for manifest in manifests:
                lines.writelines(line + b"\n" for line in self._storage.lines(manifest))
            lines.seek(0)
            self._storage.write(to, lines, _JSON_LINES)

    def _labelled(self, manifests: Iterable[S3Uri]) -> Iterator[tuple[bytes, str]]:
        """Give the lines with labels, and their images; what cannot be read is as good as not labelled."""
        for manifest in manifests:
            for line in self._storage.lines(manifest):
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict) and LABEL_ATTRIBUTE in entry and "source-ref" in entry:
                    yield line, str(entry["source-ref"])
