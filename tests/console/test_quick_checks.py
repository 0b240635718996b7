"""The page's types, style and tests without a browser, for whoever has a Node to run them with."""

import re
import shutil
import subprocess

import pytest

NEEDED = (20, 19)
"""As ``engines`` in console/package.json has it."""

_INSTALLED = "console/node_modules/.package-lock.json"
_UNREACHABLE = re.compile(r"\b(EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ENOTFOUND|ETIMEDOUT)\b")
_SECONDS = 300


def test_the_page_keeps_its_rules_and_its_logic_holds() -> None:
    version = _node()
    if version is None or version < NEEDED:
        pytest.skip("LEFT OUT: the page's own tests; they need Node 20.19 or newer")
    installed = _make(_INSTALLED)
    if installed.returncode and _UNREACHABLE.search(installed.stdout):
        pytest.skip("LEFT OUT: the page's own tests; npm's registry is out of reach")
    assert installed.returncode == 0, installed.stdout[-4_000:]
    checked = _make("check-console")
    assert checked.returncode == 0, checked.stdout[-8_000:]


def _node() -> tuple[int, int] | None:
    if not (shutil.which("node") and shutil.which("npm")):
        return None
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = told.strip().removeprefix("v").split(".")[:2]
    return int(major), int(minor)


def _make(target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", target],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
