"""Turns manifest lines into dataset entries, with the rules of dataset creation [debugging-datasets]."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simulator.core.images import ImageFacts
from simulator.core.pictures import many_image_facts
from simulator.core.s3 import Buckets, Place
from simulator.rekognition.manifest import CheckedLine, TerminalLineError, check_line, parse_line
from simulator.rekognition.models import Entry

# More than this share of lines dropped, and the whole operation fails.
MAX_DROPPED = 0.2


class DatasetError(Exception):
    """The dataset operation fails with this code [debugging-datasets-terminal-errors]."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class _Parsed:
    text: str
    document: dict[str, Any]
    place: Place


def read_entries(lines: Iterable[str], buckets: Buckets, *, most_lines: int, most_labels: int) -> list[Entry]:
    """Check every line and look at every image.

    Lines that are too long, cannot be parsed, lack a good `source-ref` or repeat one are left out silently.

    Raises:
        DatasetError: Too many lines, too many of them bad, too many labels, or none at all.
    """
    total = 0
    parsed: dict[str, _Parsed] = {}
    for text in lines:
        total += 1
        if total > most_lines:
            raise DatasetError("ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM")
        try:
            document, place = parse_line(text)
        except TerminalLineError:
            continue
        parsed.setdefault(place.uri, _Parsed(text, document, place))
    if total == 0:
        raise DatasetError("ERROR_EMPTY_MANIFEST")
    if total - len(parsed) > MAX_DROPPED * total:
        raise DatasetError("ERROR_TOO_MANY_RECORDS_IN_ERROR")
    facts = many_image_facts(buckets, (line.place for line in parsed.values()))
    entries = [_entry(line, facts[line.place.uri]) for line in parsed.values()]
    if len({label for entry in entries for label in entry.labels}) > most_labels:
        raise DatasetError("ERROR_MANIFEST_TOO_MANY_LABELS")
    return entries


def _entry(line: _Parsed, facts: ImageFacts | None) -> Entry:
    checked = check_line(line.document, line.place, facts)
    shown = {**checked.shown, "cl-metadata": {"is_labeled": checked.labelled}}
    return Entry(
        source_ref=line.place.uri,
        original=line.text,
        shown=json.dumps(shown),
        labels=label_counts(checked),
        labelled=checked.labelled,
        has_errors=checked.has_errors,
    )


def label_counts(line: CheckedLine) -> dict[str, int]:
    """Return the number of boxes for each label of a line; 0 for its image-level labels."""
    counts = dict.fromkeys(line.labels, 0)
    for truth in line.boxes:
        counts[truth.label] = counts.get(truth.label, 0) + 1
    return counts
