"""From the labellers' manifest to a train and a test manifest: a stream in, two streams out, memory flat."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import compress
from tempfile import SpooledTemporaryFile
from typing import IO, Literal

from contracts.facts import LabelSplit
from contracts.ids import S3Uri
from contracts.names import images_prefix
from runtime.clock import Clock
from runtime.observe import get_logger
from services.dataset.heartbeat import Heartbeat
from services.dataset.left_out import LeftOutLog
from services.dataset.lines import Expected
from services.dataset.manifests import ManifestStore
from services.dataset.preparation import Preparation, Prepared
from services.dataset.rules import LineLimits, ManifestSize, describe, require_trainable
from services.dataset.sorting import sort_lines
from services.dataset.split import divide, images_per_label
from services.dataset.usable import UsableLines

_IN_MEMORY = 1024 * 1024


def folder(job_id: str, attempt: int) -> str:
    """Give the key prefix under which an attempt's manifests and report lie."""
    return f"datasets/{job_id}/{attempt}/"


def manifest_key(job_id: str, attempt: int, part: Literal["train", "test"]) -> str:
    """Say where a manifest lies; the extension is one that Custom Labels asks for."""
    return f"{folder(job_id, attempt)}{part}.manifest"


@dataclass(frozen=True)
class _Division:
    """Who is to test the model, and what that means for each label."""

    in_test: bytearray
    train: ManifestSize
    test: ManifestSize
    split: tuple[LabelSplit, ...]


class Preparer:
    """Writes a job's manifests; doing it twice writes the same.

    Args:
        store: the manifests.
        bucket: holds the images.
        limits: how long a manifest may be.
        beat_every: how often a long preparation gives a sign of life.
        clock: tells when that is.
    """

    def __init__(
        self, store: ManifestStore, bucket: str, limits: LineLimits, beat_every: timedelta, clock: Clock
    ) -> None:
        self._store = store
        self._bucket = bucket
        self._limits = limits
        self._beat_every = beat_every
        self._clock = clock

    def prepare(self, row: Preparation, keep: Callable[[], None]) -> Prepared:
        """Sort, divide and write the lines of a job; ``keep`` says now and then that this is still at work.

        Raises:
            Permanent: what can be used is not enough to train on.
            Trouble: S3 did not answer as asked.
        """
        heartbeat = Heartbeat(keep, self._beat_every, self._clock)
        expected = self._expected(row)
        with ExitStack() as stack:
            kept = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            report = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
            usable, left_out = UsableLines(kept), LeftOutLog(report, expected.images)
            stack.callback(usable.finish)  # before its file is closed, should the reading break off
            lines = heartbeat.during(self._store.lines(row.output_manifest))
            trimmed = sort_lines(lines, expected, usable, left_out)
            usable.finish()
            get_logger().info("labels read", usable=len(usable), boxes_trimmed=trimmed)
            summary = left_out.summary()
            report_uri = self._write_report(row, report, heartbeat) if summary else None
            division = _divide(usable, row)
            require_trainable(
                division.train, division.test, division.split, self._limits, describe(summary, report_uri)
            )
            self._write(row, usable, division, heartbeat)
        return Prepared(
            train_lines=division.train.lines,
            test_lines=division.test.lines,
            split=division.split,
            left_out=summary,
            left_out_report=report_uri,
        )

    def _expected(self, row: Preparation) -> Expected:
        return Expected(
            images=f"s3://{self._bucket}/{images_prefix(row.job_id)}",
            attribute=row.label_attribute,
            labels=tuple(row.plan.labels),
            undated=row.begun_at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        )

    def _write_report(self, row: Preparation, report: IO[bytes], heartbeat: Heartbeat) -> S3Uri:
        report.seek(0)
        key = f"{folder(row.job_id, row.attempt)}left-out.jsonl"
        return self._store.write(key, heartbeat.during(report))

    def _write(
        self, row: Preparation, usable: UsableLines, division: _Division, heartbeat: Heartbeat
    ) -> None:
        in_train = (not tests for tests in division.in_test)
        train, test = usable.chosen(in_train), usable.chosen(division.in_test)
        self._store.write(manifest_key(row.job_id, row.attempt, "train"), heartbeat.during(train))
        self._store.write(manifest_key(row.job_id, row.attempt, "test"), heartbeat.during(test))
        get_logger().info("manifests written", train=division.train.lines, test=division.test.lines)


def _divide(usable: UsableLines, row: Preparation) -> _Division:
    in_test = divide(usable.label_sets, usable.hashes, row.plan.options.test_fraction)
    labels = row.plan.labels
    tested = images_per_label(compress(usable.label_sets, in_test), len(labels))
    shown = images_per_label(usable.label_sets, len(labels))
    test = ManifestSize(sum(in_test), sum(compress(usable.lengths, in_test)))
    return _Division(
        in_test=in_test,
        train=ManifestSize(len(usable) - test.lines, sum(usable.lengths) - test.bytes),
        test=test,
        split=tuple(
            LabelSplit(label=label, train=images - testing, test=testing)
            for label, images, testing in zip(labels, shown, tested, strict=True)
        ),
    )
