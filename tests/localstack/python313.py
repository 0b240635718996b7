"""Finds the Python that LocalStack 4.14 runs on."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "PYTHON313"
WANTED = "3.13"
_ASK = "import sys; print(sys.version)"


class NoPythonError(RuntimeError):
    """There is none; the message says where it was looked for."""


@dataclass(frozen=True)
class Python:
    """A Python, and what it says its version is."""

    path: str
    version: str


def find_python(environment: Mapping[str, str]) -> Python:
    """Find it: what PYTHON313 names, or else this very Python, on the path, pyenv's, or uv's.

    Raises:
        NoPythonError: None of them is one.
    """
    named = environment.get(VARIABLE)
    candidates = iter([named]) if named else _candidates()
    found = (python for path in candidates if (python := _ask(path)) is not None)
    python = next(found, None)
    if python is None:
        looked = f"{named} is none" if named else "there is none on the path, of pyenv's or of uv's"
        raise NoPythonError(
            f"LocalStack 4.14 needs Python {WANTED} (3.14 is too new for it), and {looked}: "
            f"install it, or name one with {VARIABLE}=…"
        )
    return python


def _candidates() -> Iterator[str]:
    yield sys.executable
    yield from filter(None, [shutil.which(f"python{WANTED}")])
    # On the path pyenv has launchers that start only the versions that were switched on.
    for root in _said("pyenv", "root"):
        yield from (str(path) for path in sorted(Path(root, "versions").glob(f"{WANTED}.*/bin/python")))
    uv = str(Path(sys.executable).with_name("uv"))
    yield from _said(uv, "python", "find", "--no-python-downloads", "--managed-python", WANTED)


def _said(*command: str) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []


def _ask(path: str) -> Python | None:
    """Ask for its version, of which a launcher without a Python behind it has none."""
    version = " ".join(_said(path, "-I", "-c", _ASK))
    return Python(path, version) if version.startswith(f"{WANTED}.") else None
