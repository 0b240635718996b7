"""Checks requests and answers against botocore's own service models.

Botocore's client-side check covers required members, types and minimum lengths only; the services also refuse
what breaks a maximum, a pattern, an enumeration or a range, and name every breach in one message.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from simulator.core.errors import SerializationFailed, ValidationFailed

# Python's re has no Unicode properties. These stand inside character classes, so ranges are all that
# is possible; they take a little more than Java's classes do and refuse nothing that AWS takes.
_PROPERTIES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{M}": "\u0300-\u036f",
    r"\p{S}": "$+<=>^`|~\u00a2-\u00b8\u2000-\u2bff",
    r"\p{P}": r"!-/:-@\[-`{-~" + "\u2010-\u2027\u3001-\u3003",
}
_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
}


def load_model(service: str) -> ServiceModel:
    """Load the service model that boto3 itself uses for `service`."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@dataclass
class _Breaches:
    """What was found wrong so far in one document."""

    messages: list[str] = field(default_factory=list)
    unknown_allowed: bool = True

    def add(self, value: Any, path: str, constraint: str) -> None:
        shown = "null" if value is None else f"'{value}'"
        self.messages.append(f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}")


def read_request(operation: OperationModel, document: dict[str, Any]) -> dict[str, Any]:
    """Check a request; return it with blobs as bytes and timestamps as datetimes, unknown members left out.

    Raises:
        SerializationFailed: A value has the wrong JSON type.
        ValidationFailed: One or more constraints of the model are broken; the message names them all.
    """
    if operation.input_shape is None:
        return {}
    breaches = _Breaches()
    request: dict[str, Any] = _read(operation.input_shape, document, "", breaches)
    if breaches.messages:
        count = len(breaches.messages)
        noun = "error" if count == 1 else "errors"
        raise ValidationFailed(f"{count} validation {noun} detected: {'; '.join(breaches.messages)}")
    return request


def answer_breaches(operation: OperationModel, document: dict[str, Any]) -> list[str]:
    """Return everything in an answer that the service model does not allow, unknown members included."""
    breaches = _Breaches(unknown_allowed=False)
    if operation.output_shape is not None:
        _read(operation.output_shape, document, "", breaches)
    elif document:
        breaches.add(document, "", "The operation returns nothing")
    return breaches.messages


def _read(shape: Shape, value: Any, path: str, breaches: _Breaches) -> Any:
    _require_type(shape, value, path)
    if isinstance(shape, StructureShape):
        return _read_structure(shape, value, path, breaches)
    if isinstance(shape, ListShape):
        _check_size(shape, value, len(value), path, breaches)
        return [_read(shape.member, item, f"{path}.{n}.member", breaches) for n, item in enumerate(value, 1)]
    if isinstance(shape, MapShape):
        return _read_map(shape, value, path, breaches)
    if shape.type_name == "blob":
        return _read_blob(shape, value, path, breaches)
    if shape.type_name == "timestamp":
        return datetime.fromtimestamp(value, UTC)
    _check_scalar(shape, value, path, breaches)
    return value


def _require_type(shape: Shape, value: Any, path: str) -> None:
    expected = _JSON_TYPES[shape.type_name]
    wrong_bool = isinstance(value, bool) and bool not in expected
    if not isinstance(value, expected) or wrong_bool:
        raise SerializationFailed(
            f"{path or 'The request'} must be a {shape.type_name}, not {type(value).__name__}."
        )


def _read_structure(
    shape: StructureShape, value: Mapping[str, Any], path: str, breaches: _Breaches
) -> dict[str, Any]:
    prefix = f"{path}." if path else ""
    result: dict[str, Any] = {}
    for name, member in shape.members.items():
        where = f"{prefix}{name[0].lower()}{name[1:]}"
        if value.get(name) is not None:
            result[name] = _read(member, value[name], where, breaches)
        elif name in shape.required_members:
            breaches.add(None, where, "Member must not be null")
    if not breaches.unknown_allowed:
        for name in value.keys() - shape.members.keys():
            breaches.add(value[name], f"{prefix}{name}", "Member is not in the model")
    return result


def _read_map(shape: MapShape, value: Mapping[str, Any], path: str, breaches: _Breaches) -> dict[str, Any]:
    _check_size(shape, value, len(value), path, breaches)
    result = {}
    for key, item in value.items():
        _read(shape.key, key, f"{path}.key", breaches)
        result[key] = _read(shape.value, item, f"{path}.{key}.member", breaches)
    return result


def _read_blob(shape: Shape, value: str, path: str, breaches: _Breaches) -> bytes:
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise SerializationFailed(f"{path} must be base64: {error}") from error
    _check_size(shape, f"{len(data)} bytes", len(data), path, breaches)
    return data


def _check_scalar(shape: Shape, value: Any, path: str, breaches: _Breaches) -> None:
    if isinstance(value, bool):
        return
    if not isinstance(value, str):
        _check_range(shape, value, path, breaches)
        return
    _check_size(shape, value, len(value), path, breaches)
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        breaches.add(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        breaches.add(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _check_size(shape: Shape, value: Any, size: int, path: str, breaches: _Breaches) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        breaches.add(value, path, f"Member must have length greater than or equal to {least}")
    if most is not None and size > most:
        breaches.add(value, path, f"Member must have length less than or equal to {most}")


def _check_range(shape: Shape, value: float, path: str, breaches: _Breaches) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and value < least:
        breaches.add(value, path, f"Member must have value greater than or equal to {least}")
    if most is not None and value > most:
        breaches.add(value, path, f"Member must have value less than or equal to {most}")


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _PROPERTIES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
