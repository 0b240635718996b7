"""The simulator as a background process: `python -m simulator`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from local import web
from local.clients import CREDENTIAL
from local.ports import HOST
from local.process import Process

_START_SECONDS = 60
ROOT = Path(__file__).resolve().parent.parent
COMMAND = (sys.executable, "-m", "simulator")


def settings(speed: float, aws: str, *, ground_truth_closed: bool = False) -> str:
    """Sum up what a simulator is started for."""
    return f"speed {speed:g}, {aws}{', without Ground Truth' if ground_truth_closed else ''}"


def start(
    process: Process,
    *,
    port: int,
    speed: float,
    aws: str,
    region: str,
    scratch: Path,
    state: Path,
    command: Sequence[str] = COMMAND,
    ground_truth_closed: bool = False,
) -> str:
    """Start it on a port of the loopback interface, wait until it answers, and return its URL.

    It keeps what it holds in the folder `state` and begins with what is there. With `ground_truth_closed` it
    refuses labelling jobs, as AWS does to new customers.

    Raises:
        ProcessError: It did not come up.
    """
    url = f"http://{HOST}:{port}"
    for folder in (scratch, state):
        folder.mkdir(parents=True, exist_ok=True)
    closed = ["--ground-truth-closed"] if ground_truth_closed else []
    process.start(
        [*command, *arguments(host=HOST, port=port, speed=speed, state=state), *closed],
        url=url,
        environment=environment(aws, region, scratch),
        cwd=ROOT,
        settings=settings(speed, aws, ground_truth_closed=ground_truth_closed),
    )
    process.wait_until(lambda: answers(url), seconds=_START_SECONDS)
    return url


def arguments(*, host: str, port: int, speed: float, state: Path) -> list[str]:
    """Give the simulator's command line; it keeps what it holds below the folder `state`."""
    chosen = {
        "--host": host,
        "--port": str(port),
        "--speed": f"{speed:g}",
        "--state": str(state / "simulator"),
    }
    return [word for pair in chosen.items() for word in pair]


def answers(url: str) -> bool:
    """Tell whether a simulator answers there."""
    return web.get_json(f"{url}/_simulator/health") is not None


def environment(aws: str, region: str, scratch: Path) -> dict[str, str]:
    """Give it the emulated AWS and none of the person's own profiles, certificates and proxies."""
    return {
        "PATH": os.defpath,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "AWS_ENDPOINT_URL": aws,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": CREDENTIAL,
        "AWS_SECRET_ACCESS_KEY": CREDENTIAL,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
