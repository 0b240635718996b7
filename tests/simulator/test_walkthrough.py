"""The sequence of the Custom Labels developer guide, walked by the AWS CLI as a person would."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.documents import make_documents
from local import ministack
from local.ports import choose_port
from local.process import Process
from tests.simulator.conftest import REGION
from tests.simulator.processes import ROOT, end, start

CLI = ROOT / ".local" / "checkers" / "awscli" / "bin"
IMAGES = 15  # enough for each document type to be learnt from and tried on
SECONDS = 600  # a minute or so when nothing else runs


@dataclass(frozen=True)
class Surroundings:
    """An S3, a simulator that works with it, and what a shell needs to talk to both."""

    simulator: str
    environment: dict[str, str]


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[Surroundings]:
    if not (CLI / "aws").exists():
        pytest.skip("LEFT OUT: no AWS CLI here; make it with: make .local/checkers/awscli/made-from-lock")
    emulator = Process("ministack", tmp_path)
    python = ministack.install(ROOT / "requirements" / "ministack.txt", ROOT / ".local" / "ministack-venv")
    try:
        aws = ministack.start(
            emulator,
            python,
            port=choose_port(0, purpose="S3", option="PORT"),
            region=REGION,
            account="000000000000",
            scratch=tmp_path / "scratch",
            state=tmp_path / "state",
        )
        environment = {
            "PATH": f"{CLI}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "AWS_ENDPOINT_URL": aws,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }
        simulator, url = start(environment, "--speed", "3000")
        try:
            yield Surroundings(url, environment)
        finally:
            end(simulator)
    finally:
        emulator.stop()


@pytest.mark.e2e
def test_the_aws_cli_walks_the_whole_sequence(surroundings: Surroundings, tmp_path: Path) -> None:
    images = tmp_path / "images"
    make_documents(images, count=IMAGES, seed=1)
    annotations = (images / "annotations.json").rename(tmp_path / "annotations.json")
    walk = subprocess.run(
        [ROOT / "tests" / "simulator" / "walkthrough.sh", images, annotations],
        env={**surroundings.environment, "SIMULATOR": surroundings.simulator},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert walk.returncode == 0, f"{walk.stdout}\n{walk.stderr}"
    assert walk.stdout.endswith("== done\n")
    assert walk.stderr == ""
