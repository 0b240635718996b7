"""Events of a published version stay readable both ways."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from contracts.envelope import Event
from contracts.events import EVENTS, event_type
from tools.compatibility import breaking_changes
from tools.schemas import SCHEMAS, event_schema

Schema = dict[str, Any]
PUBLISHED = SCHEMAS / "published"

OLD: Schema = {
    "title": "Thing",
    "$defs": {
        "Part": {
            "type": "object",
            "properties": {"size": {"type": "integer", "minimum": 1}},
            "required": ["size"],
        },
        "Colour": {"type": "string", "enum": ["red", "green"]},
    },
    "type": "object",
    "properties": {
        "kind": {"type": "string", "const": "thing"},
        "name": {"type": "string", "maxLength": 10, "pattern": "^a"},
        "colour": {"$ref": "#/$defs/Colour"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "maxItems": 5},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["kind", "name"],
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_event_has_broken_with_its_published_version(event: type[Event]) -> None:
    published = json.loads((PUBLISHED / f"{event_type(event)}.json").read_text())
    assert breaking_changes(published, event_schema(event)) == []


def test_no_published_event_has_been_dropped() -> None:
    published = {path.name.removesuffix(".json") for path in PUBLISHED.iterdir()}
    assert published == {event_type(event) for event in EVENTS}


def test_what_has_not_changed_breaks_nothing() -> None:
    assert breaking_changes(OLD, copy.deepcopy(OLD)) == []


def members(schema: Schema) -> Schema:
    found: Schema = schema["properties"]
    return found


def part(schema: Schema) -> Schema:
    found: Schema = schema["$defs"]["Part"]
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda new: members(new).pop("name"), "Thing.name: is gone", id="member gone"),
        pytest.param(
            lambda new: members(new)["name"].update(type="integer"), "was string, is integer", id="other type"
        ),
        pytest.param(
            lambda new: members(new)["kind"].update(const="being"), "was always 'thing'", id="other constant"
        ),
        pytest.param(
            lambda new: members(new)["name"].update(pattern="^b"), "pattern was", id="other pattern"
        ),
        pytest.param(
            lambda new: members(new)["note"].update(pattern="^b"), "pattern was None", id="new pattern"
        ),
        pytest.param(
            lambda new: members(new)["name"].update(maxLength=9),
            "maxLength was",
            id="shorter",
        ),
        pytest.param(
            lambda new: members(new)["name"].update(maxLength=9999),
            "is 9999",
            id="longer than old readers take",
        ),
        pytest.param(
            lambda new: members(new)["parts"].update(minItems=1),
            "minItems was None",
            id="new bound",
        ),
        pytest.param(
            lambda new: new["$defs"]["Colour"].update(enum=["red"]),
            "no longer takes 'green'",
            id="value gone",
        ),
        pytest.param(
            lambda new: new["$defs"]["Colour"]["enum"].append("blue"),
            "takes 'blue' now",
            id="value that old readers do not know",
        ),
        pytest.param(
            lambda new: new["required"].append("note"), "Thing.note: is required now", id="newly required"
        ),
        pytest.param(
            lambda new: new["required"].remove("name"), "Thing.name: is optional now", id="newly optional"
        ),
        pytest.param(
            lambda new: new.update(required=["kind", "name", "more"], properties=members(new) | {"more": {}}),
            "Thing.more: is required now",
            id="new required member",
        ),
        pytest.param(
            lambda new: members(new)["note"].update(anyOf=[{"type": "string"}]),
            "takes other kinds of value",
            id="no longer null",
        ),
        pytest.param(
            lambda new: members(new)["note"]["anyOf"][0].update(type="integer"), "was string", id="other kind"
        ),
        pytest.param(
            lambda new: part(new)["properties"]["size"].update(minimum=2),
            "Thing.parts[].size: minimum was",
            id="deep in a list",
        ),
        pytest.param(
            lambda new: members(new).update(parts={"type": "array"}),
            "parts[]: was object",
            id="any items now",
        ),
    ],
)
def test_a_break_is_seen_and_named(change: Callable[[Schema], object], said: str) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    found = breaking_changes(OLD, new)
    assert any(said in sentence for sentence in found), found


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda new: members(new).update(more={"type": "string"}), id="new optional member"),
        pytest.param(lambda new: new.update(description="A thing."), id="other words"),
        pytest.param(
            lambda new: part(new)["properties"].update(colour={"$ref": "#/$defs/Colour"}),
            id="member deeper down",
        ),
        pytest.param(
            lambda new: (
                new["$defs"].update(Piece=part(new)),
                members(new)["parts"]["items"].update({"$ref": "#/$defs/Piece"}),
            ),
            id="definition renamed",
        ),
    ],
)
def test_an_addition_that_readers_ignore_is_no_break(change: Callable[[Schema], object]) -> None:
    new = copy.deepcopy(OLD)
    change(new)
    assert breaking_changes(OLD, new) == []
