"""Lambda: functions, and the queues that call them."""

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.apply.outcome import Outcome
from local.resources import Function, Mapping

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_ANSWERS = ["ReportBatchItemFailures"]


def apply_function(functions: "LambdaClient", function: Function, package: Path) -> Outcome:
    """Make the function, or bring code and configuration up to date, whichever differs."""
    code = package.read_bytes()
    wanted: dict[str, Any] = {
        "Description": function.description,
        "Handler": function.handler,
        "Runtime": function.runtime,
        "Timeout": function.timeout,
        "MemorySize": function.memory,
        "Role": function.role,
        "Environment": {"Variables": function.environment},
        "TracingConfig": {"Mode": "Active"},
    }
    try:
        stored = functions.get_function_configuration(FunctionName=function.name)
    except functions.exceptions.ResourceNotFoundException:
        functions.create_function(
            FunctionName=function.name,
            Code={"ZipFile": code},
            Architectures=[function.architecture],  # type: ignore[list-item] # a plain string
            **wanted,
        )
        return Outcome.CREATED
    new_code = stored["CodeSha256"] != base64.b64encode(hashlib.sha256(code).digest()).decode()
    new_settings = any(stored.get(name) != value for name, value in wanted.items())
    if new_settings:
        functions.update_function_configuration(FunctionName=function.name, **wanted)
        _settle(functions, function.name)
    if new_code:
        functions.update_function_code(
            FunctionName=function.name,
            ZipFile=code,
            Architectures=[function.architecture],  # type: ignore[list-item] # a plain string
        )
        _settle(functions, function.name)
    return Outcome.of(updated=new_code or new_settings)


def wait_until_active(functions: "LambdaClient", function: Function) -> None:
    """Wait until a new function can be called."""
    functions.get_waiter("function_active_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 1})


def apply_mapping(functions: "LambdaClient", mapping: Mapping) -> Outcome:
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


def _settle(functions: "LambdaClient", name: str) -> None:
    """Wait until Lambda takes the next change; before, it answers ResourceConflictException."""
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
