"""The processes of this machine, as far as needed to know one's own again: from /proc, elsewhere from ps."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Running:
    """A process that runs; `started` tells it from a later one with the same number."""

    pid: int
    group: int
    started: str


def running() -> Iterator[Running]:
    """List the processes, without those that have ended and only wait to be collected by their parent."""
    return _from_proc() if sys.platform == "linux" else _from_ps()


def find(pid: int) -> Running | None:
    """Find one process."""
    return next((process for process in running() if process.pid == pid), None)


def _from_proc() -> Iterator[Running]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        # proc(5): the name is in brackets and may hold any character; state, parent and group follow it, and
        # the start, in ticks since boot, is the 22nd of all fields.
        fields = line.rpartition(")")[2].split()
        if fields[0] not in ("Z", "X"):
            yield Running(int(folder.name), int(fields[2]), fields[19])


def _from_ps() -> Iterator[Running]:
    listing = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,pgid=,stat=,lstart="], capture_output=True, text=True, check=True
    ).stdout
    for line in listing.splitlines():
        pid, group, state, started = line.split(None, 3)
        if not state.startswith("Z"):
            yield Running(int(pid), int(group), started)
