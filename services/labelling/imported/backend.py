"""Labels that exist already as a way of getting boxes: read from a file, checked, converted."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO

from pydantic import BaseModel, ConfigDict

from contracts.facts import LabelCounts, LeftOut
from contracts.ids import S3Uri
from contracts.names import annotations_key, images_prefix, labelling_job_name
from runtime.errors import Permanent
from runtime.observe import get_logger
from services.labelling.backend import LabellingOrder, LabellingState, NoLabelling, Progress
from services.labelling.imported.conversion import Conversion, Uploads
from services.labelling.imported.formats import open_labels
from services.labelling.imported.stated import bare_name
from services.labelling.lines import Signature
from services.labelling.storage import Fetched, Gone, Storage, TooLarge, Upload, split

IMPORT = "import"
"""The name under which rows remember this backend."""

MAX_BYTES = 384 * 1024 * 1024
"""What is written beside the file must find room in a function's 512 MB of /tmp, too."""

_IN_MEMORY = 1024 * 1024
_JSON_LINES = "application/x-ndjson"
_MOST_SUMMARY = 1024 * 1024


class ImportSummary(BaseModel):
    """What came of an import; written last, so that it is there only when everything is."""

    model_config = ConfigDict(frozen=True)

    counts: LabelCounts
    manifest: S3Uri
    left_out: tuple[LeftOut, ...] = ()
    report: S3Uri | None = None


class Import:
    """Converts a file of labels at once; doing it twice writes the same."""

    slot = None

    def __init__(self, storage: Storage, name_prefix: str, *, readers: int) -> None:
        self._storage = storage
        self._name_prefix = name_prefix
        self._readers = readers

    def start(self, order: LabellingOrder, keep: Callable[[], None]) -> None:
        """Read the labels that were uploaded, and write the output manifest and the report.

        Raises:
            Permanent: the file cannot be read, or nothing of it be used.
            Trouble: S3 did not answer as asked.
        """
        with ExitStack() as stack:
            file = stack.enter_context(TemporaryFile())
            manifest = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            report = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            fetched = self._fetch(order, file)
            keep()
            signature = Signature(
                labels=order.labels,
                created=fetched.written_at,
                job_name=labelling_job_name(self._name_prefix, order.job_id, order.attempt),
            )
            conversion = Conversion(self._storage, self._uploads(order, keep), signature, manifest, report)
            conversion.run(open_labels(file, fetched.size, keep), self._readers, keep)
            manifest.seek(0)
            self._write(order, conversion, manifest)
        get_logger().info("labels imported", left_out=conversion.report.total)

    def look(self, order: LabellingOrder) -> LabellingState:
        """Tell what came of it.

        Raises:
            NoLabelling: it never came to its end.
            Trouble: S3 did not answer as asked.
        """
        summary = self._summary(order)
        if summary is None:
            raise NoLabelling(
                "labelling-job-gone",
                f"No labels were imported in attempt {order.attempt} of this job.",
                "Retry the job; its labels are imported anew.",
            )
        return LabellingState(
            None,
            Progress.COMPLETED,
            summary.counts,
            summary.manifest,
            left_out=summary.left_out,
            left_out_report=summary.report,
        )

    def stop(self, order: LabellingOrder) -> None:
        """Leave it: an import is over as soon as it can be looked at."""

    def _fetch(self, order: LabellingOrder, file: IO[bytes]) -> Fetched:
        uri = f"s3://{split(order.folder)[0]}/{annotations_key(order.job_id)}"
        try:
            return self._storage.fetch(uri, file, MAX_BYTES)
        except Gone as error:
            raise Permanent(
                "annotations-gone",
                "The uploaded labels were removed before they could be read.",
                "Make a new job, and upload its images and labels.",
            ) from error
        except TooLarge as error:
            raise Permanent(
                "annotations-too-large",
                f"The uploaded labels have more than {MAX_BYTES // 1024 // 1024} MB.",
                "Take out what is not about this job's images (segmentations, other images), or spread the "
                "images over several jobs.",
            ) from error

    def _uploads(self, order: LabellingOrder, keep: Callable[[], None]) -> Uploads:
        wanted = {json.loads(line)["source-ref"] for line in self._storage.lines(order.manifest)}
        prefix = f"s3://{split(order.folder)[0]}/{images_prefix(order.job_id)}"
        accepted: dict[str, Upload] = {}
        doubles: list[tuple[str, Upload]] = []
        refused: set[str] = set()
        for page in self._storage.pages(prefix):
            keep()
            for upload in page:
                name = bare_name(upload.filename)
                if upload.uri not in wanted:
                    refused.add(name)
                elif name in accepted:
                    doubles.append((name, upload))
                else:
                    accepted[name] = upload
        return Uploads(accepted, doubles, frozenset(refused - accepted.keys()))

    def _write(self, order: LabellingOrder, conversion: Conversion, manifest: IO[bytes]) -> None:
        to = f"{order.folder}import/output.manifest"
        report = f"{order.folder}import-report.jsonl" if conversion.report.total else None
        self._storage.write(to, manifest, _JSON_LINES)
        if report is not None:
            self._storage.write(report, conversion.report.file(), _JSON_LINES)
        summary = ImportSummary(
            counts=conversion.counts, manifest=to, left_out=conversion.report.summary(), report=report
        )
        self._storage.write(_summary_file(order), summary.model_dump_json().encode(), "application/json")

    def _summary(self, order: LabellingOrder) -> ImportSummary | None:
        found = self._storage.find(_summary_file(order))
        if found is None:
            return None
        try:
            return ImportSummary.model_validate_json(self._storage.read(found, 0, _MOST_SUMMARY))
        except Gone:
            return None


def _summary_file(order: LabellingOrder) -> S3Uri:
    return f"{order.folder}import.json"
