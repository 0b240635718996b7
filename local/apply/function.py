"""Lambda: functions, and the queues that call them."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.apply.outcome import Outcome
from local.resources import AsynchronousCalls, Function, QueueMapping

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_ANSWERS = ["ReportBatchItemFailures"]


def apply_functions(
    functions: "LambdaClient", wanted: Sequence[Function], packages: Mapping[str, Path]
) -> list[Outcome]:
    """Make functions, or bring code and configuration up to date, whichever differs, until all can be called.

    Lambda needs a while after each change and refuses another meanwhile: all are changed, then all awaited.
    """
    all_changes = [_Change(functions, function, packages[function.package]) for function in wanted]
    for change in all_changes:
        change.create_or_configure()
    for change in all_changes:
        change.settle()
    for change in all_changes:
        change.replace_code()
    for change in all_changes:
        change.settle()
    return [change.outcome for change in all_changes]


class _Change:
    """What one function lacks, and the steps to it."""

    def __init__(self, functions: "LambdaClient", function: Function, package: Path) -> None:
        self._functions = functions
        self._function = function
        self._code = package.read_bytes()
        self._settings = _settings(function)
        try:
            stored: Mapping[str, Any] = functions.get_function_configuration(FunctionName=function.name)
        except functions.exceptions.ResourceNotFoundException:
            stored = {}
        digest = base64.b64encode(hashlib.sha256(self._code).digest()).decode()
        self._missing = not stored
        self._stale_settings = any(stored.get(name) != value for name, value in self._settings.items())
        self._stale_code = bool(stored) and stored["CodeSha256"] != digest
        self._unsettled = False

    @property
    def outcome(self) -> Outcome:
        return Outcome.of(created=self._missing, updated=self._stale_settings or self._stale_code)

    def create_or_configure(self) -> None:
        name = self._function.name
        if self._missing:
            self._functions.create_function(
                FunctionName=name,
                Code={"ZipFile": self._code},
                Architectures=[self._function.architecture],  # type: ignore[list-item] # a plain string
                **self._settings,
            )
        elif self._stale_settings:
            self._functions.update_function_configuration(FunctionName=name, **self._settings)
        self._unsettled = self._missing or self._stale_settings

    def replace_code(self) -> None:
        if self._stale_code:
            self._functions.update_function_code(
                FunctionName=self._function.name,
                ZipFile=self._code,
                Architectures=[self._function.architecture],  # type: ignore[list-item] # a plain string
            )
            self._unsettled = True

    def settle(self) -> None:
        if self._unsettled:
            waiter = "function_active_v2" if self._missing else "function_updated_v2"
            wait = self._functions.get_waiter(waiter).wait  # type: ignore[call-overload] # one of two names
            wait(FunctionName=self._function.name, WaiterConfig={"Delay": 1})
            self._unsettled = False


def _settings(function: Function) -> dict[str, Any]:
    return {
        "Description": function.description,
        "Handler": function.handler,
        "Runtime": function.runtime,
        "Timeout": function.timeout,
        "MemorySize": function.memory,
        "Role": function.role,
        "Environment": {"Variables": function.environment},
        "TracingConfig": {"Mode": "Active" if function.traced else "PassThrough"},
    }


def apply_asynchronous_calls(functions: "LambdaClient", calls: AsynchronousCalls) -> Outcome:
    """Say how often and for how long Lambda repeats calls that it has taken on, or bring it up to date."""
    wanted: dict[str, Any] = {
        "MaximumRetryAttempts": calls.retries,
        "MaximumEventAgeInSeconds": calls.max_age_seconds,
    }
    try:
        stored: Mapping[str, Any] = functions.get_function_event_invoke_config(FunctionName=calls.function)
    except functions.exceptions.ResourceNotFoundException:
        stored = {}
    if all(stored.get(name) == value for name, value in wanted.items()):
        return Outcome.UNCHANGED
    functions.put_function_event_invoke_config(FunctionName=calls.function, **wanted)
    return Outcome.of(created=not stored, updated=True)


def apply_mapping(functions: "LambdaClient", mapping: QueueMapping) -> Outcome:
    """Have the queue call the function, or bring batch size and concurrency up to date."""
    wanted: dict[str, Any] = {
        "BatchSize": mapping.batch_size,
        "FunctionResponseTypes": _ANSWERS,
        "ScalingConfig": {"MaximumConcurrency": mapping.max_concurrency},
    }
    found = functions.list_event_source_mappings(EventSourceArn=mapping.queue, FunctionName=mapping.function)
    stored = next(iter(found["EventSourceMappings"]), None)
    if stored is None:
        functions.create_event_source_mapping(
            EventSourceArn=mapping.queue, FunctionName=mapping.function, **wanted
        )
        return Outcome.CREATED
    if all(stored.get(name) == value for name, value in wanted.items()):
        return Outcome.UNCHANGED
    functions.update_event_source_mapping(UUID=stored["UUID"], **wanted)
    return Outcome.UPDATED
