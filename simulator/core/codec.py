"""Dataclasses to plain JSON values and back, by their type hints."""

import dataclasses
import types
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Value = TypeVar("Value")


def encode(value: Any) -> Any:
    """Return JSON values for a dataclass, or for what one may hold."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {name: encode(item) for name, item in value.items()}
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def decode(kind: type[Value], value: Any) -> Value:
    """Return the object of type `kind` that `encode` gave `value` for.

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
