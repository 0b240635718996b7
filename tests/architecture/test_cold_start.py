"""A function starts as fast as it can: no service imports what only others need, or what it needs later."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from local.service_spec import ServiceSpec, read_services

SPECS = read_services(Path("services"))

NEEDED_BY = {
    "aws_lambda_powertools.event_handler": set(),  # for requests alone, which import it when the first comes
    "aws_lambda_powertools.utilities.idempotency": set(),
    "boto3.dynamodb.types": set(),
    "boto3.s3.transfer": {"dataset"},
    "contracts.http": {"job-api", "labelling"},
    "contracts.labelling_http": {"labelling"},
    "contracts.results": {"job-api"},
    "ijson": {"labelling"},
}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.service)
def test_a_service_imports_only_what_it_uses(spec: ServiceSpec) -> None:
    program = "import json, sys; __import__(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program, f"services.{spec.folder}.handler"],
        env={"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(done.stdout))
    assert {module for module in NEEDED_BY if module in imported} <= {
        module for module, services in NEEDED_BY.items() if spec.service in services
    }
    others = {f"services.{other.folder}" for other in SPECS if other is not spec}
    assert not imported & others
