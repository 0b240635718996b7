"""The API keeps to the OpenAPI document that it serves, whatever is sent: schemathesis tries."""

import subprocess
from pathlib import Path

import pytest

from local.stack import ROOT
from tests.e2e.pipeline import Pipeline
from tools.environment import make_environment

pytestmark = pytest.mark.e2e

SECONDS = 60
LEFT_OUT = {
    # API Gateway answers a method that no route has before anybody of ours is asked: 403, never 405.
    "unsupported_method",
    # The original API's parameter names stand beside ours, so that neither is required by itself and a
    # request without both fits the document; so does any text as a nextToken.
    "positive_data_acceptance",
}


@pytest.fixture(scope="session")
def schemathesis() -> Path:
    """The command, in an environment of its own: it brings versions of much that we lock."""
    home = ROOT / ".local" / "checkers" / "schemathesis"
    home.parent.mkdir(parents=True, exist_ok=True)
    return make_environment(home, ROOT / "requirements" / "schemathesis.txt").with_name("schemathesis")


@pytest.mark.not_on("LocalStack")
def test_no_request_is_answered_otherwise_than_documented(
    pipeline: Pipeline, schemathesis: Path, tmp_path: Path
) -> None:
    api, document = pipeline.stack.api, tmp_path / "openapi.json"
    document.write_bytes(pipeline.call("GET", "/openapi.json").content)
    done = subprocess.run(
        [
            *(str(schemathesis), "run", str(document), "--url", api, "--no-color"),
            *("--checks", "all", "--exclude-checks", ",".join(sorted(LEFT_OUT))),
            *("--phases", "coverage,fuzzing,stateful", "--max-examples", "15", "--seed", "4"),
            *(
                "--max-time",
                str(SECONDS),
                "--request-timeout",
                "60",
                "--max-response-time",
                "60",
                "--continue-on-failure",
            ),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
