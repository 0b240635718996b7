"""The report of what a file of labels says and cannot be used: each thing in a line, and summed up."""

import json
from collections import Counter
from typing import IO

from contracts.facts import LeftOut
from services.labelling.imported.stated import Code, Fault, shown

MAX_LINES = 100_000
"""Lines of the report; the file may be about a great many images that are not the job's."""

_EXAMPLES = 10
_SUMMARIES = {
    Code.MALFORMED: "Entries that cannot be read",
    Code.UNKNOWN_FILE: "Images that were not uploaded to the job",
    Code.IMAGE_REFUSED: "Images that were uploaded but cannot be used",
    Code.REPEATED_IMAGE: "Entries about images of the same name, none of which counts",
    Code.IMAGE_SIZE: "Images that are of another size than the file says",
    Code.IMAGE_GONE: "Images that were removed or replaced after they were checked",
    Code.NOT_LABELLED: "Images that nobody has labelled",
    Code.UNKNOWN_LABEL: "Boxes with a label that the job does not have",
    Code.BOX_OUTSIDE: "Boxes outside their image",
    Code.BOX_CUT: "Boxes that reached beyond their image and were cut",
    Code.BOX_WITHOUT_AREA: "Boxes without area",
    Code.BOXES_UNUSABLE: "Images of whose boxes none can be used",
    Code.NOT_IN_FILE: "Uploaded images that the file does not mention",
}


class Report:
    """Writes faults down and counts them."""

    def __init__(self, lines: IO[bytes]) -> None:
        self._lines = lines
        self._counts: Counter[Code] = Counter()
        self._examples: dict[Code, list[str]] = {}
        self.first: list[Fault] = []

    @property
    def total(self) -> int:
        """How many faults there are."""
        return self._counts.total()

    def add(self, fault: Fault) -> None:
        """Write one down."""
        if self.total < MAX_LINES:
            self._lines.write(_line(fault))
        self._counts[fault.code] += 1
        examples = self._examples.setdefault(fault.code, [])
        if len(examples) < _EXAMPLES:
            examples.append(shown(fault.image or fault.where))
        if len(self.first) < _EXAMPLES:
            self.first.append(fault)

    def file(self) -> IO[bytes]:
        """Give the lines from their beginning, complete with a word on what is not listed."""
        if self.total > MAX_LINES:
            more = {"code": "more", "reason": f"{self.total - MAX_LINES} more are not listed."}
            self._lines.write(json.dumps(more).encode() + b"\n")
        self._lines.seek(0)
        return self._lines

    def summary(self) -> tuple[LeftOut, ...]:
        """Sum it up by reason, the most frequent first."""
        return tuple(
            LeftOut(code=code, reason=_SUMMARIES[code], count=count, examples=self._examples[code])
            for code, count in self._counts.most_common()
        )


def _line(fault: Fault) -> bytes:
    content = {"where": shown(fault.where), "code": fault.code, "reason": fault.reason}
    if fault.image is not None:
        content["image"] = shown(fault.image)
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"
