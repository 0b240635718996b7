"""Background processes that are found again by a file, and never mistaken for others."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from local import process_table, tether

_POLL_SECONDS = 0.05


class ProcessError(RuntimeError):
    """A process did not come up; the message says why and ends with what it wrote last."""


@dataclass(frozen=True)
class Record:
    """What the file of a running process says.

    Attributes:
        pid: Process id, which is its group's id too.
        started: When it started, in the words of the operating system.
        url: Where it answers.
        settings: What it was started for; one started for something else is of no use.
    """

    pid: int
    started: str
    url: str
    settings: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        found = process_table.find(self.pid)
        return found is not None and found.started == self.started


class Process:
    """One background process with a file that names it and a log; at most one runs at a time."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.log = folder / "log" / f"{name}.log"
        self._file = folder / "run" / f"{name}.json"
        self._child: subprocess.Popen[bytes] | None = None

    def record(self) -> Record | None:
        """Return what runs, or None; a file left behind by a process that is gone is taken away."""
        try:
            record = Record(**json.loads(self._file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        if record.alive:
            return record
        self._file.unlink(missing_ok=True)
        return None

    @property
    def started_here(self) -> bool:
        """Whether this very object started it."""
        return self._child is not None

    def start(
        self,
        command: Sequence[str],
        *,
        url: str,
        environment: Mapping[str, str],
        cwd: Path,
        settings: str = "",
    ) -> None:
        """Start the command, tied to this process until `release`: when this one ends, so does that."""
        for folder in (self.log.parent, self._file.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self._collect()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own command line
                [sys.executable, "-I", "-S", tether.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=cwd,
                start_new_session=True,
            )
        running = process_table.find(self._child.pid)
        if running is None:
            raise ProcessError(f"{self.name} ended at once\n{self.tail()}")
        record = Record(running.pid, running.started, url, settings)
        # Until the file is there nobody else can stop it, but then it is still tied to us.
        scratch = self._file.with_suffix(".part")
        scratch.write_text(json.dumps(asdict(record)), encoding="utf-8")
        scratch.replace(self._file)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until it answers.

        Raises:
            ProcessError: It ended, or did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self._child is not None and self._child.poll() is not None:
                raise ProcessError(
                    f"{self.name} ended with exit code {self._child.returncode}\n{self.tail()}"
                )
            if time.monotonic() > deadline:
                raise ProcessError(f"{self.name} did not answer within {seconds:.0f} s\n{self.tail()}")
            time.sleep(_POLL_SECONDS)

    def release(self) -> None:
        """Let the process outlive this one."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.write(b".")
            self._child.stdin.flush()

    def stop(self, *, seconds: float = 20) -> bool:
        """Stop it and all of its group, gently, after `seconds` by force; tell whether anything ran."""
        record = self.record()
        if record is not None:
            _end(record.pid, seconds)
            self._file.unlink(missing_ok=True)
        self._collect()
        return record is not None

    def _collect(self) -> None:
        if self._child is not None:
            # Closes our end of the pipe, should that still be what keeps it alive.
            self._child.communicate()
            self._child = None

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return ""
        kept = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        return "\n".join([f"--- end of {self.log}", *kept])


def _end(group: int, seconds: float) -> None:
    with suppress(ProcessLookupError):
        os.kill(group, signal.SIGTERM)
    if not _wait_until_gone(group, seconds):
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        _wait_until_gone(group, seconds)


def _wait_until_gone(group: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while any(process.group == group for process in process_table.running()):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
