"""The process of one environment, seen from LocalStack."""

import json
import socket
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import worker


class FunctionGoneError(Exception):
    """The function's process ended or was ended; `kind` is Lambda's name for that."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class FunctionProcess:
    """A process that answers calls, one at a time."""

    def __init__(self, python: str, code: Path, environment: Mapping[str, str], log: Path) -> None:
        """Start it; `log` is the file that gets what it prints."""
        self._socket, theirs = socket.socketpair()
        with theirs, log.open("ab") as output:
            # -I and -S: nothing of this machine's, only what is in the package.
            self._child = subprocess.Popen(
                [python, "-I", "-S", worker.__file__, str(theirs.fileno()), str(code)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                cwd=code,
                pass_fds=[theirs.fileno()],
            )
        self._answers = self._socket.makefile("r", encoding="ascii")

    def call(self, message: Mapping[str, object], seconds: float) -> Any:
        """Send a call and wait for the answer.

        Raises:
            FunctionGoneError: It did not answer in time, or ended instead.
        """
        # Should it be gone, waiting for the answer tells more.
        with suppress(OSError):
            self._socket.sendall(json.dumps(message).encode("ascii") + b"\n")
        return self.receive(seconds)

    def receive(self, seconds: float) -> Any:
        """Wait for its next message.

        Raises:
            FunctionGoneError: None came in time, or it ended instead.
        """
        self._socket.settimeout(seconds)
        try:
            line = self._answers.readline()
        except TimeoutError:
            self.end()
            raise FunctionGoneError(
                "Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds"
            ) from None
        except ConnectionError:
            line = ""
        if not line:
            self.end()
            code = self._child.returncode
            raise FunctionGoneError("Runtime.ExitError", f"Runtime exited with error: exit status {code}")
        return json.loads(line)

    def end(self) -> None:
        """End it by force, if it still runs."""
        self._child.kill()
        self._child.wait()
        self._answers.close()
        self._socket.close()
