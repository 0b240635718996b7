"""From uploaded images to an input manifest: checked in parallel, kept in order, memory flat.

However many images there are, one page of listing and one range per reader are in memory; the manifest and
the report of refused images grow in temporary files.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from contracts.facts import MAX_LISTED, ImageCounts, RefusedImage
from contracts.ids import S3Uri
from runtime.errors import Permanent
from runtime.observe import get_logger
from services.labelling.image_head import Fault, Refusal, why_unusable
from services.labelling.kept_labels import KeptLabels, kept_manifest
from services.labelling.labelling_row import Preparation
from services.labelling.storage import Gone, Storage, Upload

_IN_MEMORY = 1024 * 1024
_JSON_LINES = "application/x-ndjson"


def input_manifest(folder: S3Uri) -> S3Uri:
    """Say where an attempt's input manifest is."""
    return f"{folder}input.manifest"


def refused_report(folder: S3Uri) -> S3Uri:
    """Say where the report of an attempt's refused images is, if any were."""
    return f"{folder}refused-images.jsonl"


class Preparer:
    """Checks a job's images and writes what labelling needs; doing it twice writes the same files."""

    def __init__(self, storage: Storage, kept_labels: KeptLabels, *, readers: int, max_images: int) -> None:
        self._storage = storage
        self._kept_labels = kept_labels
        self._readers = readers
        self._max_images = max_images

    def prepare(
        self, images: S3Uri, folder: S3Uri, keep: Callable[[], None], kept_from: Sequence[S3Uri] = ()
    ) -> Preparation:
        """Check every image under ``images``; write the manifest of the good ones and the report of the rest.

        Args:
            images: the prefix of the uploaded images.
            folder: where to write.
            keep: called once a page, to say that this is still at work.
            kept_from: manifests of earlier attempts; what is labelled in them is not to be labelled again.

        Raises:
            Permanent: nothing was uploaded, none of it can be used, or it is too much for one labelling job.
            Trouble: S3 did not answer as asked.
        """
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(self._readers))
            manifest = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            report = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            tally = _Tally(manifest, report, self._kept_labels.images(kept_from))
            for page in self._storage.pages(images):
                keep()
                for upload, refusal in self._checked(page, pool):
                    tally.add(upload, refusal)
                if tally.accepted > self._max_images:
                    raise _too_many(self._max_images)
            get_logger().info("images checked", accepted=tally.accepted, refused=tally.refused)
            if tally.kept:
                self._kept_labels.take_over(kept_from, tally.kept, kept_manifest(folder))
            return self._write(tally, folder, keep)

    def _checked(self, page: list[Upload], pool: Executor) -> Iterator[tuple[Upload, Refusal | None]]:
        return zip(page, pool.map(self._why_refused, page), strict=True)

    def _why_refused(self, upload: Upload) -> Refusal | None:
        try:
            return why_unusable(upload.size, partial(self._storage.read, upload))
        except Gone:
            return Refusal(Fault.GONE, "The file was removed before it could be read.")

    def _write(self, tally: "_Tally", folder: S3Uri, keep: Callable[[], None]) -> Preparation:
        keep()
        report = refused_report(folder) if tally.refused else None
        if report is not None:
            self._storage.write(report, tally.report_file(), _JSON_LINES)
        if not tally.accepted:
            raise tally.nothing_usable(report)
        self._storage.write(input_manifest(folder), tally.manifest_file(), _JSON_LINES)
        return Preparation(
            images=tally.counts,
            refused=tuple(tally.first_refused),
            refused_report=report,
            kept=len(tally.kept),
        )


class _Tally:
    """Writes each image's line and counts."""

    def __init__(self, manifest: IO[bytes], report: IO[bytes], labelled: set[str]) -> None:
        self._labelled = labelled
        self.kept: set[str] = set()
        self._manifest = manifest
        self._report = report
        self._faults: Counter[Fault] = Counter()
        self.accepted = 0
        self.first_refused: list[RefusedImage] = []

    @property
    def refused(self) -> int:
        return self._faults.total()

    @property
    def counts(self) -> ImageCounts:
        return ImageCounts(
            uploaded=self.accepted + self.refused, accepted=self.accepted, refused=self.refused
        )

    def add(self, upload: Upload, refusal: Refusal | None) -> None:
        if refusal is None:
            self.accepted += 1
            if upload.uri in self._labelled:
                self.kept.add(upload.uri)
                return
            self._manifest.write(_line({"source-ref": upload.uri}))
            return
        self._faults[refusal.fault] += 1
        self._report.write(_line({"filename": upload.filename, "reason": refusal.reason}))
        if len(self.first_refused) < MAX_LISTED:
            self.first_refused.append(RefusedImage(filename=upload.filename, reason=refusal.reason))

    def manifest_file(self) -> IO[bytes]:
        self._manifest.seek(0)
        return self._manifest

    def report_file(self) -> IO[bytes]:
        self._report.seek(0)
        return self._report

    def nothing_usable(self, report: S3Uri | None) -> Permanent:
        if report is None:
            return Permanent(
                "no-images",
                "No image was uploaded to the job before it was started.",
                "Make a new job, upload its images to the URLs you are given, and start it then.",
            )
        by_fault = ", ".join(f"{number} {fault}" for fault, number in self._faults.most_common())
        return Permanent(
            "no-usable-images",
            f"None of the uploaded images can be used ({self.refused} in all: {by_fault}).",
            "Make a new job with JPEG or PNG images of 64 to 4096 pixels a side and up to 15 MB. "
            f"{report} says what is wrong with each.",
            details=[f"{image.filename}: {image.reason}" for image in self.first_refused],
        )


def _line(content: dict[str, str]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


def _too_many(most: int) -> Permanent:
    return Permanent(
        "too-many-images",
        f"More than {most} usable images were uploaded; a labelling job takes no more.",
        "Spread the images over several jobs, or have AWS raise the quota of objects per labelling job and "
        "set MAX_IMAGES to it.",
    )
