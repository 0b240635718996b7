"""The Compose file, which no engine reads here: right by its specification, and as proven without Docker."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local import simulator_process
from local.deployment import Deployment
from local.localstack import FUNCTION_ENVIRONMENT
from local.stack import DEFAULT_SPEED, ROOT
from tests.localstack.emulator import Functions, localstack_environment

FILE = ROOT / "docker-compose.localstack.yml"
CHECKER = ROOT / ".local" / "checkers" / "compose" / "bin" / "python"
CHECK = "import compose_spec, sys; compose_spec.PyCompose.from_yaml(sys.stdin.read()).validate()"
ALL_OF_THE_CONTAINER = "0.0.0.0"  # noqa: S104 - of which Compose publishes nothing but on the loopback
# What only a container needs, or only a person who has an account.
OF_THE_CONTAINER = {"LAMBDA_DOCKER_NETWORK", "LOCALSTACK_AUTH_TOKEN"}


@pytest.fixture(scope="module")
def text() -> str:
    """The file as it is when nobody chooses anything."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def composed(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@pytest.fixture(scope="module")
def services(composed: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = composed["services"]
    return found


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("", ""),
        ("healthcheck:", "healthchek:"),
        ("service_healthy", "service_helthy"),
        ("127.0.0.1:4567:4567", "127.0.0.1:4567:45x7"),
        ("retries: 60", "retries: sixty"),
        ("    build:", "    networks: [nowhere]\n    build:"),
    ],
)
def test_the_file_is_as_the_specification_says_and_a_slip_would_be_seen(
    text: str, right: str, wrong: str
) -> None:
    if not CHECKER.exists():
        pytest.skip("LEFT OUT: nothing to read it with; make .local/checkers/compose/made-from-lock")
    assert right in text
    done = subprocess.run(
        [CHECKER, "-c", CHECK], input=text.replace(right, wrong), capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (right == wrong), done.stderr


def test_localstack_is_set_up_as_without_docker(services: dict[str, Any], tmp_path: Path) -> None:
    chosen = services["localstack"]["environment"]
    proven = localstack_environment("127.0.0.1:1", tmp_path, tmp_path, Functions("docker", "python"))
    shared = chosen.keys() - OF_THE_CONTAINER
    assert {name: chosen[name] for name in shared} == {name: proven[name] for name in shared}


def test_the_simulator_has_the_command_and_environment_that_the_local_stack_gives_it(
    services: dict[str, Any], tmp_path: Path
) -> None:
    simulator, region = services["simulator"], Deployment().region
    entrypoint = 'ENTRYPOINT ["python", "-m", "simulator"]'
    assert entrypoint in ROOT.joinpath("local", "simulator.Dockerfile").read_text(encoding="utf-8")
    assert simulator["command"] == simulator_process.arguments(
        host=ALL_OF_THE_CONTAINER, port=4567, speed=DEFAULT_SPEED, state=Path("/state")
    )
    proven = simulator_process.environment("http://localstack:4566", region, tmp_path)
    assert simulator["environment"] == {name: proven[name] for name in simulator["environment"]}
    assert {name for name in proven if name.startswith("AWS_")} <= simulator["environment"].keys()
    assert FUNCTION_ENVIRONMENT["AWS_ENDPOINT_URL_SAGEMAKER"] == "http://simulator:4567"


def test_every_service_is_healthy_before_it_is_used_and_is_seen_by_this_machine_alone(
    composed: dict[str, Any], services: dict[str, Any]
) -> None:
    for name, service in services.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        assert all(need in services for need in service.get("depends_on", {})), name
        named = {volume.split(":")[0] for volume in service["volumes"] if not volume.startswith("/")}
        assert named == {name} <= composed["volumes"].keys(), name
    assert services["localstack"]["image"] == "localstack/localstack:4.14"
