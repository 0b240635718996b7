"""From what a file says to Ground Truth's output manifest; of images, names and addresses are in memory."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import IO

from contracts.boxes import Box
from contracts.facts import LabelCounts
from runtime.errors import Permanent
from services.labelling.boxes import AgreedBox, Size
from services.labelling.image_head import sides
from services.labelling.imported.checking import checked_boxes, why_other_size
from services.labelling.imported.report import Report
from services.labelling.imported.stated import Code, Fault, Stated, StatedImage
from services.labelling.lines import Signature, failed_line, labelled_line, unreached_line
from services.labelling.storage import Gone, Storage, Upload

_AT_ONCE = 1000
"""Images between two signs of life."""

_MOST_ENTRIES = 1_000_000
_MOST_MALFORMED = 10_000
_GONE = "The image was removed or replaced after it was checked."


@dataclass(frozen=True)
class Uploads:
    """The job's images.

    Attributes:
        accepted: the ones to be labelled, by their names, in the order of their keys.
        doubles: further ones, whose names are among those; they differ by folders, or by how accents are
            stored.
        refused: the names of the others.
    """

    accepted: Mapping[str, Upload]
    doubles: Sequence[tuple[str, Upload]]
    refused: frozenset[str]


class Conversion:
    """One file's way into an output manifest."""

    def __init__(
        self, storage: Storage, uploads: Uploads, signature: Signature, manifest: IO[bytes], report: IO[bytes]
    ) -> None:
        self._storage = storage
        self._uploads = uploads
        self._signature = signature
        self._manifest = manifest
        self.report = Report(report)
        self._named: set[str] = set()
        self._labelled = self._failed = self._boxes = 0

    @property
    def counts(self) -> LabelCounts:
        """How many of the images to be labelled are, or could not be."""
        images = len(self._uploads.accepted) + len(self._uploads.doubles)
        unlabelled = images - self._labelled - self._failed
        return LabelCounts(labelled=self._labelled, failed=self._failed, unlabelled=unlabelled)

    def run(self, stated: Stated, readers: int, keep: Callable[[], None]) -> None:
        """Write a line for each image, and down what cannot be used.

        Raises:
            Permanent: hardly anything of the file can be read, or there is not one box to be had from it.
            Trouble: S3 did not answer as asked.
        """
        repeated = _repeated(stated, keep) | {name for name, _ in self._uploads.doubles}
        entries = self._known(stated, repeated)
        with ThreadPoolExecutor(readers) as pool:
            while batch := list(islice(entries, _AT_ONCE)):
                keep()
                self._add(batch, pool)
        for name, upload in (*self._uploads.accepted.items(), *self._uploads.doubles):
            if name in repeated:
                self._manifest.write(unreached_line(upload.uri))
            elif name not in self._named:
                reason = "Nothing that can be read in the file is about the image."
                self._leave(upload, Fault(Code.NOT_IN_FILE, "", name, reason))
        if not self._boxes:
            raise self._nothing()

    def _known(self, stated: Stated, repeated: frozenset[str]) -> Iterator[tuple[StatedImage, Upload]]:
        """Give the entries about images that are to be labelled; report the others."""
        for entry in stated:
            if isinstance(entry, Fault):
                self.report.add(entry)
            elif entry.name in repeated:
                reason = "There are several images of this name; which is meant cannot be told."
                self.report.add(Fault(Code.REPEATED_IMAGE, entry.where, entry.name, reason))
            elif entry.name in self._uploads.refused:
                reason = "The image was uploaded but cannot be used: see the job's refused images."
                self.report.add(Fault(Code.IMAGE_REFUSED, entry.where, entry.name, reason))
            elif entry.name not in self._uploads.accepted:
                reason = "No image of this name was uploaded."
                self.report.add(Fault(Code.UNKNOWN_FILE, entry.where, entry.name, reason))
            else:
                yield entry, self._uploads.accepted[entry.name]

    def _add(self, batch: Sequence[tuple[StatedImage, Upload]], pool: Executor) -> None:
        sizes = pool.map(self._measure, [upload for _, upload in batch])
        for (image, upload), size in zip(batch, sizes, strict=True):
            self._named.add(image.name)
            if image.boxes is None:
                reason = "The entry has no bounding boxes: nobody has labelled the image."
                self._leave(upload, Fault(Code.NOT_LABELLED, image.where, image.name, reason))
            elif size is None:
                self._failed += 1
                self.report.add(Fault(Code.IMAGE_GONE, image.where, image.name, _GONE))
                self._manifest.write(failed_line(self._signature, upload.uri, f"ClientError: {_GONE}"))
            elif other := why_other_size(image, size):
                self._leave(upload, other)
            else:
                self._label(image, upload, size)

    def _label(self, image: StatedImage, upload: Upload, size: Size) -> None:
        boxes, faults = checked_boxes(image, size, self._signature.labels)
        for fault in faults:
            self.report.add(fault)
        if not boxes and any(fault.code is not Code.UNKNOWN_LABEL for fault in faults):
            # Without any box it would count as an image that shows no document.
            reason = "None of the image's boxes can be used."
            self._leave(upload, Fault(Code.BOXES_UNUSABLE, image.where, image.name, reason))
            return
        self._labelled += 1
        self._boxes += len(boxes)
        self._manifest.write(_line(self._signature, upload, size, boxes))

    def _leave(self, upload: Upload, fault: Fault) -> None:
        self.report.add(fault)
        self._manifest.write(unreached_line(upload.uri))

    def _measure(self, upload: Upload) -> Size | None:
        try:
            found = sides(upload.size, partial(self._storage.read, upload))
        except Gone:
            return None
        return Size(width=found[0], height=found[1]) if found else None

    def _nothing(self) -> Permanent:
        by_reason = "; ".join(f"{one.reason.lower()}: {one.count}" for one in self.report.summary())
        return Permanent(
            "nothing-imported",
            f"The uploaded labels have not one box for the job's images ({by_reason or 'no entries'}).",
            "See that the file names are those of the uploaded images and that the job has the file's "
            "labels; then make a new job with labels that fit.",
            details=[str(fault) for fault in self.report.first],
        )


def _repeated(stated: Stated, keep: Callable[[], None]) -> frozenset[str]:
    """Find names that more than one entry has, which takes a pass of its own.

    Raises:
        Permanent: too much of the file cannot be read, or there is too much of it.
    """
    names: Counter[str] = Counter()
    malformed: list[Fault] = []
    for place, entry in enumerate(stated):
        if place % _AT_ONCE == 0:
            keep()
        if isinstance(entry, StatedImage):
            names[entry.name] += 1
        elif entry.code is Code.MALFORMED:
            malformed.append(entry)
        if len(malformed) > _MOST_MALFORMED:
            raise _unreadable(malformed)
        if place >= _MOST_ENTRIES:
            raise _too_much()
    return frozenset(name for name, entries in names.items() if entries > 1)


def _line(signature: Signature, upload: Upload, size: Size, boxes: Sequence[Box]) -> bytes:
    return labelled_line(signature, upload.uri, size, [AgreedBox(box, 0.0) for box in boxes], None)


def _unreadable(faults: Sequence[Fault]) -> Permanent:
    return Permanent(
        "annotations-malformed",
        f"More than {_MOST_MALFORMED} entries of the uploaded labels cannot be read.",
        "Write the file anew, and make a new job with it.",
        details=[str(fault) for fault in faults[:10]],
    )


def _too_much() -> Permanent:
    return Permanent(
        "annotations-too-large",
        f"The uploaded labels have more than {_MOST_ENTRIES} entries.",
        "Take out what is not about this job's images, and make a new job with that file.",
    )
