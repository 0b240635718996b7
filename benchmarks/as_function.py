"""A function's code in a process of its own, with the environment that the function has on the stack."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.stack import Clients
from local.clients import CREDENTIAL

_ROOT = Path(__file__).resolve().parent.parent


def run_as(clients: Clients, function: str, module: str, *arguments: str) -> Any:
    """Run a module as if it were a function of the stack; give the JSON in its last line."""
    found = clients.lambda_.get_function_configuration(FunctionName=function)
    region = clients.lambda_.meta.region_name
    environment = {
        **os.environ,
        **found["Environment"]["Variables"],
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": CREDENTIAL,
        "AWS_SECRET_ACCESS_KEY": CREDENTIAL,
    }
    command = [sys.executable, "-m", module, *arguments]
    told = subprocess.run(  # noqa: S603 - a module of ours
        command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(told.stdout.splitlines()[-1])
