"""Work in a process of its own, so that its CPU time and the peak of its memory are its own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Cost:
    """What work took.

    Attributes:
        cpu: Seconds of processor, all threads together.
        wall: Seconds by the clock on the wall.
        before: Megabytes that the process had had at most when the work began.
        peak: Megabytes that it had had at most when the work was over.
    """

    cpu: float
    wall: float
    before: float
    peak: float


def run(module: str, *arguments: str) -> Cost:
    """Let ``python -m module arguments…`` tell what its work took."""
    told = subprocess.run(  # noqa: S603 - a module of ours
        [sys.executable, "-m", module, *arguments], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise RuntimeError(f"{module} {arguments} failed:\n{told.stderr}")
    return Cost(**json.loads(told.stdout.splitlines()[-1]))


def tell(work: Callable[[], object]) -> None:
    """Do the work and print what it took, for `run` to read."""
    before, began, cpu = _peak(), time.perf_counter(), time.process_time()
    work()
    cost = Cost(time.process_time() - cpu, time.perf_counter() - began, before, _peak())
    print(json.dumps(asdict(cost)))


def _peak() -> float:
    """Give the most memory this process has had.

    Not from ``getrusage``, whose figure begins with that of the process it was forked from.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
