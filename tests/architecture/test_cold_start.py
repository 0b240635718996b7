"""A function starts as fast as it can: it imports nothing that only others need, or that it needs later."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local.service_spec import read_services

FOLDERS = {
    function.module: spec.folder
    for spec in read_services(Path("services"))
    for function in spec.functions.values()
}
"""The module of each function, and its service's folder."""

_JOB_API = "services.job_api.handler"
_DATASET = "services.dataset.handler"
_LABELLING = "services.labelling.handler"
_LABELLING_REQUESTS = "services.labelling.console.handler"

NEEDED_BY = {
    "aws_lambda_powertools.event_handler": {_LABELLING_REQUESTS},  # job-api imports it at the first request
    "aws_lambda_powertools.utilities.batch": set(FOLDERS) - {_LABELLING_REQUESTS},
    "aws_lambda_powertools.utilities.idempotency": set(),
    "boto3.dynamodb.types": set(),
    "boto3.s3.transfer": {_DATASET},
    "contracts.events": set(FOLDERS) - {_LABELLING_REQUESTS},
    "contracts.http": {_JOB_API, _LABELLING, _LABELLING_REQUESTS},
    "contracts.labelling_http": {_LABELLING, _LABELLING_REQUESTS},
    "contracts.results": {_JOB_API},
    "ijson": {_LABELLING},
}


@pytest.mark.parametrize("module", FOLDERS)
def test_a_function_imports_only_what_it_uses(module: str) -> None:
    program = "import json, sys; __import__(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program, module],
        env={"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(done.stdout))
    assert {needed for needed in NEEDED_BY if needed in imported} <= {
        needed for needed, modules in NEEDED_BY.items() if module in modules
    }
    others = {f"services.{folder}" for folder in FOLDERS.values() if folder != FOLDERS[module]}
    assert not imported & others
