"""Which changes to an event break those who read or wrote it before.

Old events wait in queues for new readers, and old readers get new events while a deployment rolls out: a
version must be readable both ways.
"""

from collections.abc import Iterator
from typing import Any

_BOUNDS = ("maximum", "maxLength", "maxItems", "minimum", "minLength", "minItems", "pattern")


def breaking_changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Say what in the new JSON Schema breaks the old one, a sentence each; nothing when it does not."""
    return list(
        _compare(old, new, old.get("$defs", {}), new.get("$defs", {}), str(old.get("title", "event")))
    )


def _compare(
    old: dict[str, Any], new: dict[str, Any], old_defs: dict[str, Any], new_defs: dict[str, Any], where: str
) -> Iterator[str]:
    old, new = _resolved(old, old_defs), _resolved(new, new_defs)
    yield from _compare_values(old, new, where)
    yield from _compare_members(old, new, old_defs, new_defs, where)
    if "items" in old:
        yield from _compare(old["items"], new.get("items", {}), old_defs, new_defs, f"{where}[]")
    for number, (before, after) in enumerate(zip(old.get("anyOf", []), new.get("anyOf", []), strict=False)):
        yield from _compare(before, after, old_defs, new_defs, f"{where}|{number}")
    if len(new.get("anyOf", [])) != len(old.get("anyOf", [])):
        yield f"{where}: takes other kinds of value than before"


def _compare_values(old: dict[str, Any], new: dict[str, Any], where: str) -> Iterator[str]:
    if old.get("type") != new.get("type"):
        yield f"{where}: was {old.get('type')}, is {new.get('type')}"
    if old.get("const") != new.get("const"):
        yield f"{where}: was always {old.get('const')!r}, is {new.get('const')!r}"
    before, after = set(map(str, old.get("enum", []))), set(map(str, new.get("enum", [])))
    for value in sorted(before - after):
        yield f"{where}: no longer takes {value!r}"
    for value in sorted(after - before):
        yield f"{where}: takes {value!r} now, and old readers do not know it"
    for bound in _BOUNDS:
        if old.get(bound) != new.get(bound):
            yield f"{where}: {bound} was {old.get(bound)}, is {new.get(bound)}"


def _compare_members(
    old: dict[str, Any], new: dict[str, Any], old_defs: dict[str, Any], new_defs: dict[str, Any], where: str
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in before:
        if name not in after:
            yield f"{where}.{name}: is gone, and old readers look for it"
        else:
            yield from _compare(before[name], after[name], old_defs, new_defs, f"{where}.{name}")
    for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
        yield f"{where}.{name}: is required now, and old events lack it"
    for name in sorted(set(old.get("required", [])) - set(new.get("required", []))):
        yield f"{where}.{name}: is optional now, and old readers count on it"


def _resolved(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    return defs[reference.removeprefix("#/$defs/")] if reference else schema
