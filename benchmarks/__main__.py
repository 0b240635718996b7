"""``python -m benchmarks [--quick] [ROW …]`` measures all rows, or some, and writes the report."""

import argparse
import importlib
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import rows
from benchmarks.figures import Row
from benchmarks.report import Measured, Report, table_line
from benchmarks.stack import shared_stack
from benchmarks.surroundings import Effort, Surroundings, surroundings

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print each figure as it comes, and write the report; 1 if a row could not be measured."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.rows) - set(rows.NAMES):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(rows.NAMES)}")
    about = _about(quick=chosen.quick)
    measured = []
    with surroundings(Effort(quick=chosen.quick), shared_stack) as given:
        for name in chosen.rows or rows.NAMES:
            measured.append(_measure(name, row_named(name), given))
            sys.stdout.write(measured[-1].failure)
    report = Report(about, measured)
    report.write(chosen.folder)
    sys.stdout.write(f"{chosen.folder / 'report.md'}\n")
    return 1 if report.failed else 0


def row_named(name: str) -> Row:
    """Give a row; its module is imported only now, for one row's libraries are weight in another's memory."""
    row: Row = importlib.import_module(f"{rows.__name__}.{name}").ROW
    return row


def _measure(name: str, row: Row, given: Surroundings) -> Measured:
    load, began = os.getloadavg()[0], time.monotonic()
    figures, failure = [], ""
    try:
        for figure in row.measure(given):
            figures.append(figure)
            sys.stdout.write(table_line(name, figure) + "\n")
            sys.stdout.flush()
    except Exception:  # noqa: BLE001 - one row that cannot be measured must not cost the report of the others
        failure = traceback.format_exc()
    return Measured(name, row, figures, time.monotonic() - began, (load, os.getloadavg()[0]), failure)


def _about(*, quick: bool) -> dict[str, str]:
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "what": _git("describe", "--always", "--dirty") or "not a clone",
        "effort": "quick, so rougher than without QUICK=1" if quick else "whole",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}",
    }


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - git, and words of ours
    return told.stdout.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(rows.NAMES))
    parser.add_argument("--quick", action="store_true", help="less of everything: minutes instead of an hour")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench", help="for the report")
    return parser


if __name__ == "__main__":
    sys.exit(main())
