"""What is generated from the contracts says what the contracts say now."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.envelope import Event
from contracts.events import EVENTS, event_type
from local.service_spec import read_services
from tests.support.events import one_of_each
from tools.schemas import SCHEMAS, asyncapi, documents, event_schema, openapi

WRITTEN = documents(Path("services"))


@pytest.mark.parametrize("path", WRITTEN, ids=str)
def test_a_committed_document_is_what_would_be_generated(path: Path) -> None:
    assert path.read_text() == WRITTEN[path], f"{path} has drifted: run `make schemas`"


def test_nothing_lies_among_the_schemas_that_nothing_generates() -> None:
    found = {path for path in SCHEMAS.rglob("*") if path.is_file() and path.parent.name != "published"}
    assert found == {path for path in WRITTEN if SCHEMAS in path.parents}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_every_event_has_a_schema_that_its_envelope_requires(event: type[Event]) -> None:
    schema = event_schema(event)
    assert schema["properties"]["type"]["const"] == event_type(event)
    assert {"id", "time", "subject", "attempt", "data"} <= set(schema["required"])


@pytest.mark.parametrize("event", one_of_each(), ids=lambda event: type(event).__name__)
def test_a_published_event_has_the_members_its_schema_names(event: Event) -> None:
    schema = event_schema(type(event))
    written = json.loads(event.to_json())
    assert set(schema["required"]) <= set(written) <= set(schema["properties"])
    data = schema["$defs"][schema["properties"]["data"]["$ref"].removeprefix("#/$defs/")]
    assert set(data.get("required", [])) <= set(written["data"]) <= set(data["properties"])


def test_asyncapi_refers_to_nothing_that_is_not_there() -> None:
    document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text())
    for reference in _references(document):
        if reference.startswith("#/"):
            assert _at(document, reference), reference
        else:
            assert (SCHEMAS / reference).is_file(), reference


def test_asyncapi_has_a_message_for_every_event_and_every_service_where_it_speaks_and_listens() -> None:
    specs = read_services(Path("services"))
    document = asyncapi(specs)
    messages = document["channels"]["events"]["messages"]
    assert {message["name"] for message in messages.values()} == {event_type(event) for event in EVENTS}

    def named(operation: str) -> set[str]:
        references = document["operations"].get(operation, {}).get("messages", [])
        return {_at(document, reference["$ref"])["name"] for reference in references}

    for spec in specs:
        assert named(f"{spec.folder}_sends") == set(spec.publishes)
        assert named(f"{spec.folder}_receives") == set(spec.consumes)


def test_openapi_names_a_problem_for_everything_a_user_can_do_wrong() -> None:
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert any(status.startswith("2") for status in answers), (method, path)
            for status, answer in answers.items():
                if int(status) >= 400 and "{jobId}" in path:
                    assert "application/problem+json" in answer["content"] or status == "422", (path, status)
            if "{jobId}" in path:
                assert "404" in answers, path


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    return set().union(*(_references(value) for value in node)) if isinstance(node, list) else set()


def _at(document: Any, reference: str) -> Any:
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document
