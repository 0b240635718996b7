"""A stack that cannot be started leaves nothing behind."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local.process import ProcessError
from local.service_spec import SpecError
from local.stack import ROOT, LocalStack, Options, Stack, StackError, running_stack


def test_a_simulator_that_fails_takes_the_stack_down_again(tmp_path: Path, options: Options) -> None:
    broken = (sys.executable, "-c", "import sys; sys.exit('out of order')")
    stack = LocalStack(tmp_path)
    with pytest.raises(ProcessError, match=r"simulator ended with exit code 1\n.*\nout of order"):
        # Something else stands in for AWS, for it is not asked anything before the simulator has started.
        stack.up(replace(options, endpoint="http://127.0.0.1:9", simulator_command=broken))
    assert stack.simulator.record() is None


def test_services_that_cannot_be_deployed_start_nothing(tmp_path: Path) -> None:
    with pytest.raises(SpecError), running_stack(tmp_path, services=tmp_path):
        pass
    assert not (tmp_path / "run").exists()


def test_a_simulator_that_is_not_there_is_told(tmp_path: Path, options: Options) -> None:
    with pytest.raises(StackError, match=r"no simulator answers at http://127\.0\.0\.1:9"):
        LocalStack(tmp_path).up(
            replace(options, endpoint="http://127.0.0.1:9", simulator_endpoint="http://127.0.0.1:9/")
        )


def test_what_was_kept_is_not_taken_up_at_another_port(tmp_path: Path, options: Options) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ministack.port").write_text("4566")
    with pytest.raises(StackError, match=r"go on with PORT=4566, or give it up with: make down"):
        LocalStack(tmp_path).up(replace(options, port=4599))
    assert (tmp_path / "state").exists()
    LocalStack(tmp_path).down()
    assert not (tmp_path / "state").exists()


def test_commands_without_a_stack_say_how_to_start_one(tmp_path: Path) -> None:
    def run(command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "local", "--folder", str(tmp_path), command],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )

    assert (run("down").returncode, run("down").stdout) == (0, "nothing was running\n")
    assert run("status").returncode == 1
    logs = run("logs")
    assert (logs.returncode, logs.stderr) == (1, "nothing is deployed; start it with: make up\n")


def test_a_stack_that_is_gone_is_told(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    Stack(nowhere, nowhere, nowhere, "eu-west-1", "0", "ekyc", "b").write(tmp_path / "stack.json")
    done = subprocess.run(
        [sys.executable, "-m", "local", "--folder", str(tmp_path), "status"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert f"nothing answers at {nowhere} any more" in done.stdout


def test_a_stack_is_read_as_it_was_written(tmp_path: Path) -> None:
    stack = Stack("http://a", "http://s", "http://a/api", "eu-west-1", "000000000000", "ekyc", "bucket")
    stack.write(tmp_path / "stack.json")
    assert Stack.read(tmp_path / "stack.json") == stack
    assert json.loads((tmp_path / "stack.json").read_text())["accountId"] == "000000000000"
