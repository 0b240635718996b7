"""Functions where LocalStack has no Docker: each environment is a process that keeps Lambda's promises."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.localstack.executor.localstack_processes.function_process import FunctionGoneError, FunctionProcess

CODE = """
import os, sys, time

calls = 0

def handler(event, context):
    global calls
    calls += 1
    print("called with", event)
    return {"calls": calls, "colour": os.environ["COLOUR"], "home": os.environ.get("HOME"),
            "request": context.aws_request_id, "left": context.get_remaining_time_in_millis()}

def breaks(event, context):
    raise ValueError("no such job")

def leaves(event, context):
    os._exit(3)

def sleeps(event, context):
    time.sleep(60)

def imports(event, context):
    import pytest
"""
ENVIRONMENT = {
    "COLOUR": "green",
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "g",
    "AWS_LAMBDA_LOG_STREAM_NAME": "s",
}
CALL = {"request_id": "r1", "function_arn": "arn", "payload": '{"a": 1}', "trace": "Root=1", "seconds": 30}
Start = Callable[[str], FunctionProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    tmp_path.joinpath("code.py").write_text(CODE, encoding="utf-8")
    started: list[FunctionProcess] = []

    def make(handler: str) -> FunctionProcess:
        environment = {**ENVIRONMENT, "_HANDLER": handler}
        started.append(FunctionProcess(sys.executable, tmp_path, environment, tmp_path / "log"))
        return started[-1]

    yield make
    for process in started:
        process.end()


def called(process: FunctionProcess) -> Any:
    assert process.receive(30) is None
    return process.call(CALL, 30)


def test_a_process_stays_for_the_next_call_and_has_its_own_environment_alone(
    start: Start, tmp_path: Path
) -> None:
    process = start("code.handler")
    first = called(process)["result"]
    assert '"calls": 1, "colour": "green", "home": null, "request": "r1"' in first
    assert '"calls": 2' in process.call(CALL, 30)["result"]
    assert tmp_path.joinpath("log").read_text() == "called with {'a': 1}\n" * 2


def test_an_error_has_lambdas_shape_and_is_printed_and_the_process_stays(
    start: Start, tmp_path: Path
) -> None:
    process = start("code.breaks")
    error = called(process)["error"]
    assert (error["errorType"], error["errorMessage"], error["requestId"]) == (
        "ValueError",
        "no such job",
        "r1",
    )
    assert "in breaks" in error["stackTrace"][-1]
    assert tmp_path.joinpath("log").read_text().startswith("[ERROR] ValueError: no such job\nTraceback")
    assert process.call(CALL, 30)["error"]["errorType"] == "ValueError"


def test_a_package_of_this_machine_is_not_there(start: Start) -> None:
    assert called(start("code.imports"))["error"]["errorType"] == "ModuleNotFoundError"


@pytest.mark.parametrize(
    ("handler", "seconds", "kind", "words"),
    [
        ("leaves", 30.0, "Runtime.ExitError", "exit status 3"),
        ("sleeps", 0.5, "Sandbox.Timedout", r"timed out after 0\.50 seconds"),
    ],
)
def test_a_call_that_does_not_come_to_its_end_ends_the_process(
    start: Start, handler: str, seconds: float, kind: str, words: str
) -> None:
    process = start(f"code.{handler}")
    assert process.receive(30) is None
    with pytest.raises(FunctionGoneError, match=words) as gone:
        process.call(CALL, seconds)
    assert gone.value.kind == kind


def test_a_handler_that_cannot_be_imported_is_told_before_any_call(start: Start) -> None:
    assert start("no_such_module.handler").receive(30)["errorType"] == "ModuleNotFoundError"
