"""The report: a table for people, the same as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Row
from benchmarks.pairs import Spread


@dataclass(frozen=True)
class Measured:
    """A row, and what came of it.

    Attributes:
        name: Its module's name.
        seconds: How long it took to measure.
        load: The machine's load (runnable processes, mean of a minute) before and after.
        failure: Why there are no figures; empty if there are.
    """

    name: str
    row: Row
    figures: Sequence[Figure]
    seconds: float
    load: tuple[float, float]
    failure: str = ""


@dataclass(frozen=True)
class Report:
    """All rows of a run.

    Attributes:
        about: The run's circumstances, by what they are called.
    """

    about: dict[str, str]
    rows: Sequence[Measured]

    @property
    def failed(self) -> bool:
        """Whether a row could not be measured; an aim that is missed is no failure."""
        return any(measured.failure for measured in self.rows)

    def write(self, folder: Path) -> None:
        """Write ``report.md`` and ``report.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text("\n".join([*self._lines(), ""]), encoding="utf-8")
        (folder / "report.json").write_text(
            json.dumps(self._members(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )

    def _members(self) -> dict[str, Any]:
        return {
            "about": self.about,
            "rows": [
                {
                    "name": measured.name,
                    "what": measured.row.what,
                    "baseline": measured.row.baseline,
                    "seconds": round(measured.seconds, 1),
                    "load": measured.load,
                    "failure": measured.failure or None,
                    "figures": [{**asdict(figure), "met": figure.met} for figure in measured.figures],
                }
                for measured in self.rows
            ],
        }

    def _lines(self) -> Iterator[str]:
        yield from ("# How close to the limit", "")
        yield from (f"- {name}: {value}" for name, value in self.about.items())
        yield from ("", "A ratio is what ours took over what the baseline took, pair by pair in turn;")
        yield from ("shown is the median of the pairs, and in brackets the lowest and the highest.", "")
        yield "| row | figure | measured | aim | | ours | baseline |"
        yield "|---|---|---:|---:|---|---:|---:|"
        for measured in self.rows:
            if measured.failure:
                yield f"| {measured.name} | not measured | | | **failed** | | |"
            yield from (table_line(measured.name, figure) for figure in measured.figures)
        yield from self._missed()
        yield from self._notes()

    def _missed(self) -> Iterator[str]:
        missed: dict[tuple[str, str], list[str]] = {}
        for measured in self.rows:
            for figure in measured.figures:
                if figure.met is False:
                    missed.setdefault((measured.name, figure.missed), []).append(figure.what)
        yield from ("", "## Aims missed", "")
        for (name, reason), figures in missed.items():
            yield f"- **{name}** ({'; '.join(figures)}): {reason or 'nobody has looked into it yet.'}"
        if not missed:
            yield "None."

    def _notes(self) -> Iterator[str]:
        yield from ("", "## What was measured")
        for measured in self.rows:
            yield from ("", f"**{measured.name}**: {measured.row.what}")
            yield f"Baseline: {measured.row.baseline}"
            before, after = measured.load
            yield f"Took {measured.seconds:.0f} s; load of the machine: {before:.1f} to {after:.1f}."
            if measured.failure:
                yield from ("", "```", measured.failure.rstrip(), "```")
            notes = [figure for figure in measured.figures if figure.note]
            yield from ("", *(f"- {figure.what}: {figure.note}" for figure in notes)) if notes else ()


def table_line(name: str, figure: Figure) -> str:
    """Give a figure's line of the table."""
    verdict = {None: "", True: "met", False: "**missed**"}[figure.met]
    aim = "" if figure.aim is None else f"≤ {number(figure.aim)} {figure.unit}"
    measured = f"{number(figure.measured.median)} {figure.unit}{_between(figure.measured)}"
    sides = (
        "" if side is None else f"{number(side.median)} {figure.of}"
        for side in (figure.ours, figure.baseline)
    )
    return f"| {name} | {figure.what} | {measured} | {aim} | {verdict} | {' | '.join(sides)} |"


def _between(spread: Spread) -> str:
    if spread.lowest == spread.highest:
        return ""
    return f" ({number(spread.lowest)} to {number(spread.highest)})"


def number(value: float) -> str:
    """Write a number with three digits that matter, and no more zeros than needed."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
