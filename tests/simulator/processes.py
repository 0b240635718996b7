"""`python -m simulator` as a process of its own."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]


def start(environment: Mapping[str, str], *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start a simulator on a free port; return it and its URL."""
    command = [sys.executable, "-m", "simulator", "--port", "0", "--log-level", "warning", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    said: IO[str] | None = process.stdout
    assert said is not None
    found = re.search(r"http://\S+", said.readline())
    assert found, "the simulator did not tell its address"
    return process, found[0]


def end(process: subprocess.Popen[str]) -> None:
    """Stop it, however it feels about that."""
    if process.poll() is None:
        process.kill()
    process.communicate()
