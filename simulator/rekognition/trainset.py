"""The two sets a training runs on: their lines, judged, and whether they are good enough together.

[tm-debugging-aggregate-errors, tm-debugging-summary, md-create-manifest-file-validation-rules]
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.core.images import ImageFacts
from simulator.core.s3 import Place
from simulator.rekognition.manifest import (
    IMAGE_LEVEL,
    LOCALIZATION,
    CheckedLine,
    TerminalLineError,
    check_line,
    parse_line,
)
from simulator.rekognition.messages import CONTENT_ERRORS, note

MAX_INVALID = 0.2
MIN_OVERLAP = 0.5
NOT_DETERMINED = "NOT_DETERMINED"


@dataclass
class ParsedLine:
    """A line as far as it can be read without its image; `code` names what made it unreadable."""

    text: str
    document: dict[str, Any] = field(default_factory=dict)
    place: Place | None = None
    code: str = ""


@dataclass
class LineSet:
    """One set of lines: training or testing.

    Attributes:
        checked: The judgement on each line; None for one that cannot be read at all.
        errors: What makes the set as a whole unusable.
    """

    parsed: list[ParsedLine]
    checked: list[CheckedLine | None] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)
    use_case: str = NOT_DETERMINED

    @property
    def places(self) -> list[Place]:
        """Where the images are."""
        return [line.place for line in self.parsed if line.place is not None]

    @property
    def usable(self) -> list[CheckedLine]:
        """The lines this training uses: valid, and of its use case."""
        good = [line for line in self.checked if line is not None and line.valid]
        if self.use_case == LOCALIZATION:
            return [line for line in good if line.boxes]
        return [line for line in good if line.labels]

    @property
    def invalid(self) -> list[int]:
        """Numbers of the lines with errors that lose the line, from 1."""
        return [
            n
            for n, line in enumerate(self.checked, 1)
            if line is None or (not line.valid and line.has_errors)
        ]

    def labels(self, *, usable_only: bool = False) -> set[str]:
        """Return the labels that occur, in any format or in the one that is used."""
        if usable_only:
            return {label for line in self.usable for label in labels_of(line, self.use_case)}
        good = [line for line in self.checked if line is not None and line.valid]
        return {label for line in good for label in [*line.labels, *(truth.label for truth in line.boxes)]}

    def fail(self, code: str) -> None:
        """Note an error of the whole set."""
        self.errors.append(content_error(code))

    def with_validation(self) -> bytes:
        """Return the lines with what was found in them, as JSON Lines."""
        return "".join(json.dumps(line) + "\n" for line in self._shown()).encode()

    def statistics(self) -> dict[str, Any]:
        """Return the set's part of the manifest summary."""
        invalid, used = self.invalid, len(self.usable)
        return {
            "use_case": self.use_case,
            "total_json_lines": len(self.parsed),
            "valid_json_lines": used,
            "invalid_json_lines": len(invalid),
            "ignored_json_lines": len(self.parsed) - used - len(invalid),
            "error_json_line_indices": invalid,
            "errors": self.errors,
        }

    def _shown(self) -> Iterable[dict[str, Any]]:
        for parsed, checked in zip(self.parsed, self.checked, strict=True):
            if checked is not None:
                yield checked.shown
            else:
                # A line that is no JSON is replaced by its error [tm-debugging-json-line-errors].
                yield {**parsed.document, "errors": [note(parsed.code)]}


def parse_lines(lines: Iterable[str]) -> list[ParsedLine]:
    """Read lines as far as possible without looking at the images."""
    parsed = []
    for text in lines:
        try:
            document, place = parse_line(text)
        except TerminalLineError as error:
            parsed.append(ParsedLine(text, _document_or_nothing(text), None, error.code))
        else:
            parsed.append(ParsedLine(text, document, place))
    return parsed


def judge(
    train: LineSet, test: LineSet, facts: Mapping[str, ImageFacts | None], limits: tuple[int, int]
) -> list[dict[str, str]]:
    """Judge both sets in place; return the errors that span them. `limits` are the least and most labels."""
    for lines in (train, test):
        lines.checked = [
            check_line(line.document, line.place, facts.get(line.place.uri)) if line.place else None
            for line in lines.parsed
        ]
        if len(lines.invalid) > MAX_INVALID * len(lines.parsed):
            lines.fail("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST")
        if len({place.bucket for place in lines.places}) > 1:
            lines.fail("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS")
    if train.errors or test.errors:
        return []
    train.use_case = test.use_case = _use_case(train)
    return _judge_labels(train, test, limits)


def labels_of(line: CheckedLine, use_case: str) -> list[str]:
    """Return a line's labels in the given use case, each once."""
    if use_case == IMAGE_LEVEL:
        return list(dict.fromkeys(line.labels))
    return list(dict.fromkeys(truth.label for truth in line.boxes))


def content_error(code: str) -> dict[str, str]:
    """Return an item of the manifest summary's `errors`."""
    return {"code": code, "message": CONTENT_ERRORS[code]}


def _judge_labels(train: LineSet, test: LineSet, limits: tuple[int, int]) -> list[dict[str, str]]:
    least, most = limits
    for lines, needed in ((train, least), (test, 1)):
        if len(lines.labels()) < needed:
            lines.fail("ERROR_MANIFEST_TOO_FEW_LABELS")
        elif len(lines.labels(usable_only=True)) < needed:
            lines.fail("ERROR_MANIFEST_TOO_FEW_USABLE_LABELS")
        if len(lines.labels()) > most:
            lines.fail("ERROR_MANIFEST_TOO_MANY_LABELS")
    if train.errors or test.errors:
        return []
    if _overlap(train.labels(), test.labels()) < MIN_OVERLAP:
        return [content_error("ERROR_INSUFFICIENT_LABEL_OVERLAP")]
    if _overlap(train.labels(usable_only=True), test.labels(usable_only=True)) < MIN_OVERLAP:
        return [content_error("ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP")]
    return []


def _overlap(train: set[str], test: set[str]) -> float:
    return len(train & test) / len(train)


def _use_case(train: LineSet) -> str:
    good: Sequence[CheckedLine] = [line for line in train.checked if line is not None and line.valid]
    boxed = sum(bool(line.boxes) for line in good)
    labelled = sum(bool(line.labels) for line in good)
    return IMAGE_LEVEL if labelled > boxed else LOCALIZATION


def _document_or_nothing(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
