"""Finds a Python of another version on this machine."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ASK = "import sys; print(sys.version)"


@dataclass(frozen=True)
class Python:
    """A Python, and what it says its version is."""

    path: str
    version: str


def find_python(minor: str, named: str | None = None) -> Python | None:
    """Find a Python of a minor version, such as ``3.13``, or give ``None``.

    Args:
        minor: The version.
        named: The only one to be considered; otherwise this very Python, one on the path, pyenv's, or uv's.
    """
    candidates = iter([named]) if named else _candidates(minor)
    found = (python for path in candidates if (python := _ask(path, minor)) is not None)
    return next(found, None)


def _candidates(minor: str) -> Iterator[str]:
    yield sys.executable
    yield from filter(None, [shutil.which(f"python{minor}")])
    # On the path pyenv has launchers that start only the versions that were switched on.
    for root in _said("pyenv", "root"):
        yield from (str(path) for path in sorted(Path(root, "versions").glob(f"{minor}.*/bin/python")))
    uv = str(Path(sys.executable).with_name("uv"))
    yield from _said(uv, "python", "find", "--no-python-downloads", "--managed-python", minor)


def _said(*command: str) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []


def _ask(path: str, minor: str) -> Python | None:
    """Ask for its version, of which a launcher without a Python behind it has none."""
    version = " ".join(_said(path, "-I", "-c", _ASK))
    return Python(path, version) if version.startswith(f"{minor}.") else None
