"""Dataclasses to plain JSON values and back, by their type hints."""

import dataclasses
import json
import types
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def encode(value: Any) -> str:
    """Return the JSON of values that are dataclasses or hold some."""
    return json.dumps(value, default=_members)


def decode(kind: type[Value], value: Any) -> Value:
    """Return the object of type `kind` that `encode` gave the JSON of `value` for.

    Raises:
        TypeError, ValueError, KeyError: The value was not made from such an object.
    """
    decoded: Value = _decode(kind, value)
    return decoded


def _decode(kind: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: _decode(hints[name], item) for name, item in value.items()})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _decode(next(a for a in arguments if a is not type(None)), value)
    if origin is dict:
        return {name: _decode(arguments[1], item) for name, item in value.items()}
    if origin is list:
        return [_decode(arguments[0], item) for item in value]
    if kind is datetime:
        return datetime.fromisoformat(value)
    return value


def _members(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON for a {type(value).__name__}")
