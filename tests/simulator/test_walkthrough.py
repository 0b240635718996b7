"""The sequence of the Custom Labels developer guide, walked by the AWS CLI as a person would."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.documents import make_documents
from local.stack import ROOT, LocalStack, Options

CLI = ROOT / ".local" / "checkers" / "awscli" / "bin"
IMAGES = 15  # enough for each document type to be learnt from and tried on
SECONDS = 600  # a minute or so when nothing else runs


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Run an S3 and a simulator, and give what a shell needs to talk to them."""
    if not (CLI / "aws").exists():
        pytest.skip("LEFT OUT: no AWS CLI here; make it with: make .local/checkers/awscli/made-from-lock")
    stack = LocalStack(tmp_path / "stack")
    try:
        aws, simulator = stack.start(Options(port=0, simulator_port=0, speed=3000))
        yield {
            "PATH": f"{CLI}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "AWS_ENDPOINT_URL": aws,
            "SIMULATOR": simulator,
        }
    finally:
        stack.down()


@pytest.mark.e2e
def test_the_aws_cli_walks_the_whole_sequence(environment: dict[str, str], tmp_path: Path) -> None:
    images = tmp_path / "images"
    make_documents(images, count=IMAGES, seed=1)
    annotations = (images / "annotations.json").rename(tmp_path / "annotations.json")
    walk = subprocess.run(
        [ROOT / "tests" / "simulator" / "walkthrough.sh", images, annotations],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert walk.returncode == 0, f"{walk.stdout}\n{walk.stderr}"
    assert walk.stdout.endswith("== done\n")
    assert walk.stderr == ""
