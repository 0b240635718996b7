"""The whole crash sweep on all cores, as a table; or one case of it."""

import argparse
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from tests.faults.account import machinery
from tests.faults.paths import PATHS
from tests.faults.sweep import Case, Sweep

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

_Result: TypeAlias = "tuple[str, int, str | None] | None"
"""Path, call and complaint of a run; ``None`` when a process has none left."""

_ROW = "{:<26} {:>7} {:>7} {:>10}\n"


def main() -> int:
    """Sweep, print what became of it, and say by the exit code whether every run survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--case", type=Case.parse, help="one case, such as happy:79:dies-after, with its log")
    parser.add_argument("--path", choices=PATHS, action="append", help="this path only; may be repeated")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count(), help="processes (default: %(default)s)"
    )
    chosen = parser.parse_args()
    if chosen.case:
        return _one(chosen.case)
    return _all(chosen.path or list(PATHS), chosen.workers)


def _one(case: Case) -> int:
    with machinery() as made:
        complaint = Sweep(made).complaint(case)
    sys.stdout.write(f"{complaint or f'{case}: survived'}\n")
    return 1 if complaint else 0


def _all(paths: list[str], workers: int) -> int:
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    results: Queue[_Result] = context.Queue()
    processes = [
        context.Process(target=_sweep, args=(paths, number, workers, results)) for number in range(workers)
    ]
    for process in processes:
        process.start()
    runs, calls, survivors = Counter[str](), {path: set[int]() for path in paths}, Counter[str]()
    at_work = workers
    while at_work:
        result = results.get()
        if result is None:
            at_work -= 1
            continue
        path, call, complaint = result
        runs[path] += 1
        calls[path].add(call)
        survivors[path] += complaint is None
        if complaint:
            sys.stdout.write(f"{complaint}\n\n")
            sys.stdout.flush()
        if runs.total() % 100 == 0:
            sys.stderr.write(f"{runs.total()} runs, {survivors.total()} survived\n")
    for process in processes:
        process.join()
    swept = {path: len(found) for path, found in calls.items()}
    sys.stdout.write(_table(paths, swept, runs, survivors))
    sys.stdout.write(f"{time.monotonic() - began:.0f} s, {workers} processes\n")
    failed = survivors.total() < runs.total() or any(process.exitcode for process in processes)
    return 1 if failed else 0


def _table(paths: list[str], calls: dict[str, int], runs: Counter[str], survivors: Counter[str]) -> str:
    rows = [(path, calls[path], runs[path], survivors[path]) for path in paths]
    rows.append(("together", sum(calls.values()), runs.total(), survivors.total()))
    return _ROW.format("path", "calls", "runs", "survivors") + "".join(_ROW.format(*row) for row in rows)


def _sweep(paths: list[str], number: int, workers: int, results: "Queue[_Result]") -> None:
    """Run every so-manieth case, quietly."""
    os.environ["POWERTOOLS_LOG_LEVEL"] = (
        "CRITICAL"  # nobody reads the logs, and they take a fifth of the time
    )
    try:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), machinery() as made:
            sweep = Sweep(made)
            cases = [case for path in paths for case in sweep.cases(path)]
            # In no order, so that the processes have alike much to do, and trouble shows early.
            random.Random(0).shuffle(cases)  # noqa: S311 - no secret
            parent = multiprocessing.parent_process()
            for case in cases[number::workers]:
                if parent is None or not parent.is_alive():  # killed, and nobody wants the rest
                    break
                results.put((case.path, case.call, sweep.complaint(case)))
    finally:
        results.put(None)
