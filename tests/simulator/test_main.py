"""`python -m simulator` as a process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import boto3
import httpx
import pytest

from simulator.__main__ import main
from tests.simulator.conftest import REGION

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def start(environment: dict[str, str], *arguments: str) -> tuple[subprocess.Popen[str], str]:
    """Start a simulator on a free port; return it and its URL."""
    command = [sys.executable, "-m", "simulator", "--port", "0", "--log-level", "warning", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    said: IO[str] | None = process.stdout
    assert said is not None
    found = re.search(r"http://\S+", said.readline())
    assert found, "the simulator did not tell its address"
    return process, found[0]


@pytest.fixture
def stop() -> Iterator[list[subprocess.Popen[str]]]:
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_stops_in_order_and_keeps_its_state(
    environment: dict[str, str], stop: list[subprocess.Popen[str]], tmp_path: Path, how: signal.Signals
) -> None:
    path = tmp_path / "kept" / "state.json"
    process, url = start(environment, "--state", str(path), "--speed", "1000")
    stop.append(process)
    health = httpx.get(f"{url}/_simulator/health").json()
    assert (health["status"], health["speed"]) == ("ok", 1000)
    client = boto3.client(
        "rekognition",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_project(ProjectName="kept")
    process.send_signal(how)
    assert process.wait(20) == 0
    (kept,) = json.loads(path.read_text())["rekognition"]
    assert [project["name"] for project in kept["state"]["projects"].values()] == ["kept"]


def test_a_used_port_gives_a_clear_message(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1:{port}" in said
    assert "Choose another port with --port" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--speed", "0"], "speed must be a number of more than 0"),
        (["--speed", "nan"], "speed must be a number of more than 0"),
        (["--human-error", "-1"], "human_error must be a number of at least 0"),
        (["--quota", "cats=3"], "choose from concurrent_copies"),
        (["--quota", "projects=none"], "'none' is not a whole number"),
        (["--quota", "control-rate=-1"], "-1 is not a number of at least 0"),
        (["--duration", "training=long"], "'long' is not a number"),
        (["--duration", "training=nan"], "nan is not a number of at least 0"),
        (["--choice", "require-cors=maybe"], "say true or false"),
    ],
)
def test_senseless_options_are_refused_with_a_way_out(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main([*arguments, "--port", "0"]) == 2
    assert message in capsys.readouterr().err


def test_a_state_file_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{}")
    assert main(["--port", "0", "--state", str(path)]) == 2
    assert "use another file" in capsys.readouterr().err
