"""Runs each environment of a function as one process, which stays for the next call."""

import json
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from localstack import config
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from .function_process import FunctionGoneError, FunctionProcess

PYTHON = "FUNCTIONS_PYTHON"
"""The variable that names the Python of the functions, which is not LocalStack's."""

_IMPORT_SECONDS = 60


class ProcessExecutor(RuntimeExecutor):
    """One environment.

    An environment whose import failed, whose call timed out, or whose process ended begins anew with the next
    call, as on Lambda. Memory is not limited.
    """

    def __init__(self, id: str, function_version: FunctionVersion) -> None:  # noqa: A002 - LocalStack's name
        super().__init__(id, function_version)
        self._environment: dict[str, str] = {}
        self._process: FunctionProcess | None = None
        self._failed_import: dict[str, Any] | None = None
        self._busy = threading.Lock()
        self._log = Path(tempfile.gettempdir(), f"function-{id}.log")
        self._told = 0

    def start(self, env_vars: dict[str, Any]) -> None:
        """Start the process and have it import the handler."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG")}
        given = {name: str(value) for name, value in env_vars.items()}
        self._environment = {**inherited, **given, "LAMBDA_TASK_ROOT": str(self._code)}
        self._begin()

    def stop(self) -> None:
        """End the process, after the call that it is busy with."""
        with_care = self._busy.acquire(timeout=self._seconds)
        if self._process is not None:
            self._process.end()
        if with_care:
            self._busy.release()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Make a call, and tell what came of it and what was printed since the last."""
        request = payload["invoke-id"]
        version = self.function_version
        with self._busy:
            began = time.monotonic()
            answer = self._answer(payload)
            took = (time.monotonic() - began) * 1000
            printed = self._printed_since()
        lines = (
            f"START RequestId: {request} Version: {version.id.qualifier}",
            *printed.splitlines(),
            *([f"{request} {answer['gone']}"] if "gone" in answer else []),
            f"END RequestId: {request}",
            f"REPORT RequestId: {request}\tDuration: {took:.2f} ms",
        )
        error = answer.get("error")
        body = answer["result"] if error is None else json.dumps(error)
        logs = "".join(f"{line}\n" for line in lines)
        return InvocationResult(request, body.encode(), is_error=error is not None, logs=logs)

    def get_logs(self) -> str:
        """Give all that was ever printed."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def get_address(self) -> str:
        """Tell where a container would be."""
        return self.get_endpoint_from_executor()

    def get_endpoint_from_executor(self) -> str:
        """Tell the host at which the function finds LocalStack."""
        return str(config.GATEWAY_LISTEN[0].host)

    def get_runtime_endpoint(self) -> str:
        """Tell where a container would report to."""
        return str(config.internal_service_url())

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unpack the function."""
        function_version.config.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Leave everything: the code may be the next version's too, and LocalStack takes it away itself."""

    @property
    def _code(self) -> Path:
        return Path(self.function_version.config.code.get_unzipped_code_location())

    @property
    def _seconds(self) -> int:
        return int(self.function_version.config.timeout)

    def _begin(self) -> None:
        self._process = FunctionProcess(os.environ[PYTHON], self._code, self._environment, self._log)
        try:
            self._failed_import = self._process.receive(_IMPORT_SECONDS)
        except FunctionGoneError as gone:
            self._failed_import = {"errorType": gone.kind, "errorMessage": str(gone)}

    def _answer(self, payload: dict[str, str]) -> dict[str, Any]:
        if self._process is None:
            self._begin()
        if self._process is None or self._failed_import is not None:
            self._process = None
            return {"error": self._failed_import}
        call = {
            "request_id": payload["invoke-id"],
            "function_arn": payload["invoked-function-arn"],
            "payload": payload["payload"],
            "trace": payload["trace-id"],
            "seconds": self._seconds,
        }
        try:
            answer: dict[str, Any] = self._process.call(call, self._seconds)
        except FunctionGoneError as gone:
            self._process = None
            message = f"RequestId: {payload['invoke-id']} Error: {gone}"
            return {"error": {"errorType": gone.kind, "errorMessage": message}, "gone": str(gone)}
        return answer

    def _printed_since(self) -> str:
        with self._log.open("rb") as file:
            file.seek(self._told)
            printed = file.read()
        self._told += len(printed)
        return printed.decode(errors="replace")
