"""One environment of a function: `python -I -S worker.py FD FOLDER`; FD is a socket to whoever sends calls.

Messages are lines of JSON. The first goes out, once the handler is imported: null, or why it could not be.
Then calls come in, one at a time, and each is answered with the handler's result or error. What the function
prints goes to standard output, as it does on Lambda. This runs on the functions' Python, with nothing but the
standard library and what is in FOLDER.
"""

import importlib
import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

Handler = Callable[[Any, Any], Any]


class Context:
    """What Lambda tells a handler about a call, in Lambda's own names."""

    identity = None
    client_context = None

    def __init__(self, call: dict[str, Any]) -> None:
        self.aws_request_id = call["request_id"]
        self.invoked_function_arn = call["function_arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline = time.monotonic() + call["seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """Tell how long the call may still take."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def main(descriptor: str, folder: str) -> None:
    """Answer calls until nobody can send any more."""
    sys.path.insert(0, folder)
    with (
        socket.socket(fileno=int(descriptor)) as connection,
        connection.makefile("rw", encoding="ascii") as wire,
    ):

        def tell(message: object) -> None:
            # Before the answer, so that who reads it has all that the call printed.
            sys.stdout.flush()
            sys.stderr.flush()
            wire.write(json.dumps(message) + "\n")
            wire.flush()

        try:
            handler = load(os.environ["_HANDLER"])
        except BaseException as error:  # noqa: BLE001 - whatever a module raises, Lambda reports it
            tell(report(error))
            return
        tell(None)
        for line in wire:
            tell(answer(handler, json.loads(line)))


def load(name: str) -> Handler:
    """Import a handler: `package.module.function`."""
    module, _, function = name.rpartition(".")
    found: Handler = getattr(importlib.import_module(module), function)
    return found


def answer(handler: Handler, call: dict[str, Any]) -> dict[str, Any]:
    """Make one call and give its `result`, or its `error`."""
    os.environ["_X_AMZN_TRACE_ID"] = call["trace"]
    try:
        return {"result": json.dumps(handler(json.loads(call["payload"]), Context(call)))}
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, Lambda reports it
        return {"error": report(error) | {"requestId": call["request_id"]}}


def report(error: BaseException) -> dict[str, Any]:
    """Print an error as Lambda does, and give it in Lambda's shape."""
    name = type(error).__name__
    lines = traceback.format_tb(error.__traceback__)
    sys.stdout.write(f"[ERROR] {name}: {error}\nTraceback (most recent call last):\n{''.join(lines)}")
    return {"errorMessage": str(error), "errorType": name, "stackTrace": lines}


if __name__ == "__main__":
    main(*sys.argv[1:])
