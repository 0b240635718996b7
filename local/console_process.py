"""The page as a background process."""

import os
import sys
from pathlib import Path

from local import web
from local.ports import HOST
from local.process import Process

_START_SECONDS = 30
ROOT = Path(__file__).resolve().parent.parent
FILES = ROOT / "console" / "dist"
"""Where `make console` builds the page."""


def is_built(files: Path) -> bool:
    """Tell whether there is a page to serve."""
    return (files / "index.html").is_file()


def settings(files: Path, api: str) -> str:
    """Sum up what a page is served for."""
    return f"{files}, {api}"


def start(process: Process, *, port: int, files: Path, api: str, images: str, region: str) -> str:
    """Start it on a port of the loopback interface, wait until it answers, and return its URL.

    Raises:
        ProcessError: It did not come up.
    """
    url = f"http://{HOST}:{port}"
    options = {"port": str(port), "files": str(files), "api": api, "images": images, "region": region}
    arguments = (f"--{name}={value}" for name, value in options.items())
    process.start(
        [sys.executable, "-m", "local.console_server", *arguments],
        url=url,
        environment={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        settings=settings(files, api),
    )
    process.wait_until(lambda: web.get_json(f"{url}/config.json") is not None, seconds=_START_SECONDS)
    return url
