"""One training from lines to model: check, copy the images, learn, measure, write.

Runs in a worker thread and touches no state: everything it needs comes in, everything it found goes out.
"""

import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from simulator.core.images import ImageFacts
from simulator.core.pictures import image_facts
from simulator.core.s3 import Buckets, Place, S3Error, S3Forbidden
from simulator.rekognition import results
from simulator.rekognition.boxes import Box, Found, Truth
from simulator.rekognition.evaluation import Evaluation, confusion, evaluate
from simulator.rekognition.learner import Learned, Learner, Lesson
from simulator.rekognition.manifest import IMAGE_LEVEL, CheckedLine
from simulator.rekognition.messages import FILE_ERRORS
from simulator.rekognition.pixels import UndecodableImageError, decode
from simulator.rekognition.snapshots import Seen, classification_line, detection_line
from simulator.rekognition.split import TooFewImagesError, choose_test
from simulator.rekognition.trainset import LineSet, ParsedLine, content_error, judge, labels_of, parse_lines

_PARALLEL = 16


class TrainingFailed(Exception):
    """The training fails with this message; files written so far are named in the plan's `written`."""


@dataclass(frozen=True)
class Source:
    """Where one set's lines come from: a dataset's entries, or manifests outside any dataset."""

    lines: Sequence[str] = ()
    manifests: Sequence[Place] = ()
    bucket: str = ""


@dataclass(frozen=True)
class Plan:
    """What to train.

    Attributes:
        test: None to split a fifth off the training set for this run.
        limits: Least and most labels.
    """

    version_arn: str
    project: str
    version: str
    bucket: str
    prefix: str
    kms_key: str
    train: Source
    test: Source | None
    limits: tuple[int, int]
    seed: int


@dataclass
class Outcome:
    """What came of a training; `message` is empty when it succeeded."""

    message: str = ""
    files: dict[str, str] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    model: bytes = b""
    whole_images: bool = False


@dataclass
class _Copied:
    """An image in the service's own keeping; an image-level label is a box around all of it."""

    line: CheckedLine
    path: Path
    size: tuple[int, int, int]
    truths: list[Truth]


class Training:
    """One run of a plan."""

    def __init__(self, plan: Plan, buckets: Buckets, learner: Learner, ends: datetime) -> None:
        self._plan = plan
        self._buckets = buckets
        self._learner = learner
        self._ends = ends
        self._written: dict[str, str] = {}

    def run(self) -> Outcome:
        """Train; bad data ends in an outcome with a message, not in an exception."""
        try:
            return self._train()
        except TrainingFailed as failure:
            return Outcome(message=str(failure), files=self._written)

    def _train(self) -> Outcome:
        train, test = self._load()
        self._judge(train, test)
        with tempfile.TemporaryDirectory(prefix="simulator-training-") as folder:
            whole = train.use_case == IMAGE_LEVEL
            learned = self._copy(train.usable, Path(folder) / "train", whole)
            tested = self._copy(test.usable, Path(folder) / "test", whole)
            trained = self._learn(learned, tested, whole)
            evaluation = _evaluate(train, tested, trained.found, whole)
            self._write_results(evaluation, learned, tested, trained.found, whole)
            return Outcome(
                files=self._written, evaluation=evaluation, model=trained.model, whole_images=whole
            )

    def _load(self) -> tuple[LineSet, LineSet]:
        train = LineSet(parse_lines(self._lines(self._plan.train)))
        if self._plan.test is not None:
            return train, LineSet(parse_lines(self._lines(self._plan.test)))
        return self._split(train.parsed)

    def _split(self, parsed: list[ParsedLine]) -> tuple[LineSet, LineSet]:
        trial = LineSet(parsed)
        judge(trial, LineSet([]), self._look(trial), (0, self._plan.limits[1]))
        labels = [labels_of(line, trial.use_case) if line and line.valid else [] for line in trial.checked]
        try:
            chosen = choose_test(labels, self._plan.seed)
        except TooFewImagesError as error:
            trial.fail("ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT")
            self._report(trial, LineSet([]), [])
            raise TrainingFailed(trial.errors[-1]["message"]) from error
        return (
            LineSet([line for n, line in enumerate(parsed) if n not in chosen]),
            LineSet([line for n, line in enumerate(parsed) if n in chosen]),
        )

    def _judge(self, train: LineSet, test: LineSet) -> None:
        facts = {**self._look(train), **self._look(test)}
        spanning = judge(train, test, facts, self._plan.limits)
        spanning += self._ownership_errors(train)
        self._report(train, test, spanning)
        errors = [*train.errors, *test.errors, *spanning]
        if errors:
            raise TrainingFailed(" ".join(dict.fromkeys(error["message"] for error in errors)))

    def _report(self, train: LineSet, test: LineSet, spanning: list[dict[str, str]]) -> None:
        """Write the manifest summary and both manifests with validation; they tell what was wrong."""
        summary = results.manifest_summary(train.statistics(), test.statistics(), spanning)
        self._write(results.SUMMARY, summary)
        self._write(results.TRAIN_CHECKED, train.with_validation())
        self._write(results.TEST_CHECKED, test.with_validation())

    def _lines(self, source: Source) -> list[str]:
        lines = list(source.lines)
        for manifest in source.manifests:
            lines += self._manifest(manifest)
        if not lines:
            raise TrainingFailed(FILE_ERRORS["ERROR_EMPTY_MANIFEST"])
        return lines

    def _manifest(self, manifest: Place) -> Iterable[str]:
        if "." not in manifest.key.rpartition("/")[2]:
            raise TrainingFailed(FILE_ERRORS["ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"])
        try:
            return list(self._buckets.lines(manifest))
        except S3Forbidden as error:
            raise TrainingFailed(FILE_ERRORS["ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET"]) from error
        except S3Error as error:
            raise TrainingFailed(FILE_ERRORS["ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"]) from error

    def _look(self, lines: LineSet) -> dict[str, ImageFacts | None]:
        places = list(dict.fromkeys(lines.places))
        try:
            with ThreadPoolExecutor(_PARALLEL) as pool:
                facts = list(pool.map(lambda place: image_facts(self._buckets, place), places))
        except S3Forbidden as error:
            message = content_error("ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET")["message"]
            raise TrainingFailed(message) from error
        return {place.uri: found for place, found in zip(places, facts, strict=True)}

    def _ownership_errors(self, train: LineSet) -> list[dict[str, str]]:
        """Compare the owners of manifest and image buckets, where these differ."""
        images = {place.bucket for place in train.places}
        manifests = {self._plan.train.bucket, *(place.bucket for place in self._plan.train.manifests)} - {""}
        if len(images | manifests) < 2:
            return []
        owners = {self._buckets.owner(bucket) for bucket in images | manifests}
        return [content_error("ERROR_INVALID_IMAGES_S3_BUCKET_OWNER")] if len(owners) > 1 else []

    def _copy(self, lines: Sequence[CheckedLine], folder: Path, whole: bool) -> list[_Copied]:
        folder.mkdir()

        def copy(numbered: tuple[int, CheckedLine]) -> _Copied:
            number, line = numbered
            path = folder / str(number)
            path.write_bytes(self._buckets.read(line.place))
            height, width, depth = decode(path.read_bytes()).shape
            everything = Box(0, 0, width, height)
            truths = [Truth(label, everything) for label in dict.fromkeys(line.labels)]
            return _Copied(line, path, (width, height, depth), truths if whole else line.boxes)

        try:
            with ThreadPoolExecutor(_PARALLEL) as pool:
                return list(pool.map(copy, enumerate(lines)))
        except (S3Error, UndecodableImageError) as error:
            message = content_error("ERROR_FAILED_IMAGES_S3_COPY")["message"]
            raise TrainingFailed(message) from error

    def _learn(self, learned: list[_Copied], tested: list[_Copied], whole: bool) -> Learned:
        return self._learner.learn(
            Lesson(
                images=[image.path for image in learned],
                truths=[image.truths for image in learned],
                tests=[image.path for image in tested],
                seed=self._plan.seed,
                whole_images=whole,
            )
        )

    def _write_results(
        self,
        evaluation: Evaluation,
        learned: list[_Copied],
        tested: list[_Copied],
        found: list[list[Found]],
        whole: bool,
    ) -> None:
        line = classification_line if whole else detection_line
        nothing: list[None] = [None] * len(learned)
        for role, images, findings in (
            (results.TRAIN_TRUTH, learned, nothing),
            (results.TEST_TRUTH, tested, found),
        ):
            lines = [
                line(Seen(i.line.source_ref, i.size, i.truths, f), evaluation.thresholds, self._ends)
                for i, f in zip(images, findings, strict=True)
            ]
            self._write(role, "".join(text + "\n" for text in lines).encode())
        summary = results.evaluation_summary(
            evaluation, self._plan.version_arn, self._ends, len(learned), len(tested)
        )
        self._write(results.EVALUATION, summary)

    def _write(self, role: str, body: bytes) -> None:
        plan = self._plan
        key = results.result_key(plan.prefix, role, plan.project, plan.version)
        try:
            self._buckets.write(Place(plan.bucket, key), body, kms_key=plan.kms_key)
        except S3Error as error:
            raise TrainingFailed(FILE_ERRORS["ERROR_CANNOT_WRITE_OUTPUT_S3_BUCKET"]) from error
        self._written[role] = key


def _evaluate(train: LineSet, tested: list[_Copied], found: list[list[Found]], whole: bool) -> Evaluation:
    """Measure the labels that were trained; others in the test set play no part."""
    labels = sorted(train.labels(usable_only=True))
    truths = [[truth for truth in image.truths if truth.label in labels] for image in tested]
    evaluation = evaluate(labels, truths, found)
    if not whole:
        return evaluation
    return replace(evaluation, confusion=confusion(labels, truths, found, evaluation.thresholds))
