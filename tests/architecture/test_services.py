"""Each service.yaml says what its service's code does; what is deployed from it would otherwise lie."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from contracts import events
from contracts.events import event_type
from local.service_spec import PLACEHOLDERS, ServiceSpec, fill, read_services, table_variable
from runtime.settings import Settings
from tests.support.world import World
from tools.schemas import openapi

SPECS = read_services(Path("services"))
STANDARD_ENVIRONMENT = {
    "NAME_PREFIX": "ekyc",
    "BUCKET": "ekyc-images",
    "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:ekyc-events",
    "TABLE_NAME": "ekyc-table",
    "CHECK_EVERY_SECONDS": "55",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_SERVICE_NAME": "service",
    "POWERTOOLS_METRICS_NAMESPACE": "ekyc",
    "AWS_REGION": "eu-west-1",  # from Lambda itself
}
DEPLOYMENT = {
    "partition": "aws",
    "region": "eu-west-1",
    "account": "123456789012",
    "prefix": "ekyc",
    "bucket": "ekyc-images",
    "topic": STANDARD_ENVIRONMENT["TOPIC_ARN"],
    "table": "arn:aws:dynamodb:eu-west-1:123456789012:table/ekyc-table",
    "key": "arn:aws:kms:eu-west-1:123456789012:key/0f3f0d3e-0d5b-4c0e-9f5e-6f6d5d6c7b8a",
    "labelling_role": "arn:aws:iam::123456789012:role/ekyc-ground-truth",
    "workteam": "arn:aws:sagemaker:eu-west-1:123456789012:workteam/private-crowd/ekyc",
    "labelling_backend": "ground-truth",
    "labels": "passport,id-card",
}

each_service = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.service)


def test_there_is_a_value_for_every_placeholder() -> None:
    assert set(DEPLOYMENT) == PLACEHOLDERS


@each_service
def test_a_service_hears_exactly_what_it_has_a_route_for(
    spec: ServiceSpec, world: Callable[[str], World]
) -> None:
    module = _handler(spec)
    service = module.build(_settings_class(module).read(_environment(spec)))
    assert sorted(event_type(event) for event in getattr(service, "routes", {})) == sorted(spec.consumes)
    detail_types = [
        detail_type
        for pattern in spec.eventbridge.values()
        for detail_type in _pattern(pattern)["detail-type"]
    ]
    assert sorted(getattr(service, "notices", {})) == sorted(detail_types)


@each_service
def test_a_service_says_exactly_what_its_code_tells(spec: ServiceSpec) -> None:
    names = set(_told(spec)) | set(_told_by_its_reconciler(spec))
    assert sorted(event_type(getattr(events, name)) for name in names) == sorted(spec.publishes)


def test_every_event_that_somebody_hears_is_said_by_somebody() -> None:
    said = {type_ for spec in SPECS for type_ in spec.publishes}
    assert {type_ for spec in SPECS for type_ in spec.consumes} <= said


def test_every_event_there_is_is_said_and_heard() -> None:
    expected = {event_type(event) for event in events.EVENTS}
    assert {type_ for spec in SPECS for type_ in spec.publishes} == expected
    assert {type_ for spec in SPECS for type_ in spec.consumes} == expected


def test_the_http_api_has_the_routes_that_are_deployed() -> None:
    documented = {
        f"{method.upper()} {path}" for path, methods in openapi()["paths"].items() for method in methods
    }
    deployed = {route for spec in SPECS for function in spec.functions.values() for route in function.routes}
    assert deployed == documented | {"GET /openapi.json"}


@each_service
def test_the_functions_that_are_deployed_exist(spec: ServiceSpec) -> None:
    for function in spec.functions.values():
        module, _, name = function.handler.rpartition(".")
        assert callable(getattr(import_module(module), name))


@each_service
def test_a_service_can_read_the_environment_that_it_is_deployed_with(spec: ServiceSpec) -> None:
    _settings_class(_handler(spec)).read(_environment(spec))


@each_service
def test_a_service_is_given_no_variable_that_it_does_not_read(spec: ServiceSpec) -> None:
    fields = {name.upper() for name in _settings_class(_handler(spec)).model_fields}
    assert set(spec.environment) <= fields


def test_the_standard_variables_are_the_documented_ones() -> None:
    text = Path("services/README.md").read_text()
    [documented] = [
        part for part in text.split("\n\n") if part.startswith("Every function finds in its environment")
    ]
    assert {name for name in STANDARD_ENVIRONMENT if f"`{name}`" in documented} == (
        set(STANDARD_ENVIRONMENT) - {"AWS_REGION"}
    )


@each_service
def test_importing_a_handler_does_no_work(spec: ServiceSpec) -> None:
    modules = {function.module for function in spec.functions.values()}
    program = """
import json, socket, sys
import boto3
def refuse(*_, **__): raise SystemExit("work at import")
boto3.client = boto3.resource = boto3.setup_default_session = socket.socket.connect = refuse
for module in sys.argv[1:]: __import__(module)
print(json.dumps(sorted(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *sorted(modules)],
        env={"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "moto" not in json.loads(done.stdout)


@each_service
def test_a_service_has_a_readme_of_one_screen(spec: ServiceSpec) -> None:
    lines = (Path("services") / spec.folder / "README.md").read_text().splitlines()
    assert 10 <= len(lines) <= 60


@each_service
def test_a_readme_names_every_event_of_its_service(spec: ServiceSpec) -> None:
    text = (Path("services") / spec.folder / "README.md").read_text()
    for type_ in (*spec.consumes, *spec.publishes):
        [event] = [event for event in events.EVENTS if event_type(event) == type_]
        assert event.__name__ in text or type_ in text


def _handler(spec: ServiceSpec) -> Any:
    return import_module(f"services.{spec.folder}.handler")


def _settings_class(module: Any) -> type[Settings]:
    found: type[Settings] = module.build.__annotations__["settings"]
    return found


def _environment(spec: ServiceSpec) -> dict[str, str]:
    tables = {table_variable(name): f"ekyc-{spec.service}-{name}" for name in spec.tables}
    own = {name: fill(text, DEPLOYMENT) for name, text in spec.environment.items()}
    return STANDARD_ENVIRONMENT | tables | own


def _pattern(pattern: Any) -> dict[str, list[str]]:
    return dict(pattern)


def _told(spec: ServiceSpec) -> Iterator[str]:
    """Give the events in ``….telling(Event, …)`` and ``Event.about(…)``."""
    for node in _nodes(spec):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "telling" and isinstance(node.args[0], ast.Name):
                yield node.args[0].id
            elif node.func.attr == "about" and isinstance(node.func.value, ast.Name):
                yield node.func.value.id


def _told_by_its_reconciler(spec: ServiceSpec) -> Iterator[str]:
    """Failures, by every reconciler; parked rows, where the service looks at who waits in line."""
    names = {node.id for node in _nodes(spec) if isinstance(node, ast.Name)}
    if "wire_reconciler" in names:
        yield "StageFailed"
        if "SLOT" in names:
            yield "StageParked"


def _nodes(spec: ServiceSpec) -> Iterator[ast.AST]:
    for path in (Path("services") / spec.folder).rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text()))
