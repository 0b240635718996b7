"""Our changes to MiniStack refuse a MiniStack that nobody has looked at."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local import ministack_launcher
from local.stack import ROOT

METADATA = """\
Metadata-Version: 2.1
Name: ministack
Version: {version}
"""

EVENTS = """
def _put_events(data, allow_aws_source=False): ...
def _parse_rate_seconds(expression): ...
def _dispatch_to_lambda(arn, payload): ...
_SCHEDULER_TICK_INTERVAL = 10
"""


@pytest.fixture
def launch(tmp_path: Path) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """Launch something that calls itself MiniStack."""

    def launch_it(
        version: str = ministack_launcher.VERSION, events: str = EVENTS
    ) -> "subprocess.CompletedProcess[str]":
        files = {
            f"ministack-{version}.dist-info/METADATA": METADATA.format(version=version),
            "ministack/__init__.py": "",
            "ministack/app.py": "app = None\ndef main(): print('started')",
            "ministack/services/__init__.py": "",
            "ministack/services/eventbridge.py": events,
            "ministack/services/scheduler.py": "_SCHEDULE_TICK_INTERVAL = 10",
            "ministack/core/__init__.py": "",
            "ministack/core/lambda_runtime.py": "_workers = {}",
        }
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return subprocess.run(
            [sys.executable, "-P", "-S", ministack_launcher.__file__],
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(tmp_path)},
            check=False,
        )

    return launch_it


def test_the_known_version_starts(launch: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = launch()
    assert (done.returncode, done.stdout) == (0, "started\n"), done.stderr


def test_another_version_is_refused(launch: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    done = launch(version="9.9.9")
    assert done.returncode == 1
    assert (
        f"MiniStack is 9.9.9; local/ministack_launcher.py was written for {ministack_launcher.VERSION}"
        in done.stderr
    )


@pytest.mark.parametrize("name", ["_put_events", "_parse_rate_seconds", "_SCHEDULER_TICK_INTERVAL"])
def test_a_private_name_that_is_gone_is_told(
    launch: Callable[..., "subprocess.CompletedProcess[str]"], name: str
) -> None:
    done = launch(events=EVENTS.replace(name, "_renamed"))
    assert done.returncode == 1
    assert f"MiniStack has no ministack.services.eventbridge.{name} any more" in done.stderr


def test_the_lock_pins_the_version_that_the_launcher_knows() -> None:
    lock = (ROOT / "requirements" / "ministack.txt").read_text()
    assert f"ministack=={ministack_launcher.VERSION} " in lock


def test_an_answer_to_terraform_comes_later_than_others() -> None:
    answered: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive
        await send({"type": "http.response.start"})

    async def ask(user_agent: str) -> None:
        async def send(message: Any) -> None:
            assert message == {"type": "http.response.start"}
            answered.append(user_agent)

        scope = {"type": "http", "headers": [(b"user-agent", user_agent.encode())]}
        await ministack_launcher.patient_with_terraform(application)(scope, None, send)

    async def ask_both() -> None:
        await asyncio.gather(ask("APN/1.0 HashiCorp/1.0 Terraform/1.11.4"), ask("Boto3/1.40"))

    asyncio.run(ask_both())
    assert answered == ["Boto3/1.40", "APN/1.0 HashiCorp/1.0 Terraform/1.11.4"]
