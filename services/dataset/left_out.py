"""What the datasets do without: counted by reason, each case in a report on disk."""

import json
from dataclasses import dataclass, field
from typing import IO

from contracts.facts import LeftOut
from services.dataset.reasons import Reason

_MAX_EXAMPLES = 10
_MAX_TEXT = 300


@dataclass
class _Tally:
    count: int = 0
    examples: list[str] = field(default_factory=list)


class LeftOutLog:
    """Counts what is left out and writes a JSON line about each case.

    Args:
        report: takes the report; its lines have ``code``, ``reason``, ``line`` (in the labellers' manifest,
            from 1) and, where known, ``image`` and ``detail``.
        images: what the URIs of the job's images begin with; examples show what follows, the file name.
    """

    def __init__(self, report: IO[bytes], images: str) -> None:
        self._report = report
        self._images = images
        self._tallies: dict[Reason, _Tally] = {}

    def note(self, reason: Reason, line: int, image: str | None, detail: str = "") -> None:
        """Note that an image, a box or a line is left out."""
        tally = self._tallies.setdefault(reason, _Tally())
        tally.count += 1
        if len(tally.examples) < _MAX_EXAMPLES:
            shown = f"line {line}" if image is None else _printable(image.removeprefix(self._images))
            tally.examples.append(shown)
        entry: dict[str, object] = {"code": reason.code, "reason": reason.sentence, "line": line}
        if image is not None:
            entry["image"] = image
        if detail:
            entry["detail"] = detail[:_MAX_TEXT]
        self._report.write(json.dumps(entry).encode("ascii") + b"\n")

    def summary(self) -> tuple[LeftOut, ...]:
        """Give the counts, the most frequent reason first."""
        ordered = sorted(self._tallies.items(), key=lambda item: (-item[1].count, item[0].code))
        return tuple(
            LeftOut(code=reason.code, reason=reason.sentence, count=tally.count, examples=tally.examples)
            for reason, tally in ordered
        )


def _printable(text: str) -> str:
    # JSON can hold half a surrogate pair, which no event could carry.
    return text[:_MAX_TEXT].encode("utf-8", "replace").decode("utf-8")
