"""The form of a labelled line, as a schema that pydantic's core checks while it parses.

Checking member by member in Python took longer than the parsing. What the values may be is for others.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic_core import CoreSchema, SchemaValidator, ValidationError
from pydantic_core import core_schema as of

from services.dataset.reasons import Reason
from services.dataset.unusable import Unusable

TYPE = "groundtruth/object-detection"

_IMAGE = "source-ref"
_FARTHEST = 10**9
"""No coordinate is as large."""


class Form:
    """What a line must hold that somebody has labelled.

    Args:
        attribute: name of the label attribute.
        images: what every ``source-ref`` begins with.
    """

    def __init__(self, attribute: str, images: str) -> None:
        self.attribute = attribute
        self.metadata = f"{attribute}-metadata"
        self._images = images
        line = {_IMAGE: of.str_schema(strict=True), attribute: _LABELS, self.metadata: _METADATA}
        self._validator = SchemaValidator(_with(line))

    def read(self, line: bytes) -> dict[str, Any]:
        """Parse a line; members that nobody asks for are left out.

        Raises:
            Unusable: it is not of this form.
        """
        try:
            document: dict[str, Any] = self._validator.validate_json(line)
        except ValidationError:
            document = self._read_with_care(line)
        self._image_of(document)
        return document

    def _read_with_care(self, line: bytes) -> dict[str, Any]:
        """Parse what is JSON to Python alone, such as half a surrogate pair, or say what is wrong."""
        given = _parsed(line)
        try:
            document: dict[str, Any] = self._validator.validate_python(given)
        except ValidationError as error:
            raise self._told(given, error) from error
        return document

    def _told(self, given: dict[str, Any], error: ValidationError) -> Unusable:
        image = self._image_of(given)
        labels, metadata = given.get(self.attribute), given.get(self.metadata)
        if labels is None and metadata is None:
            return Unusable(Reason.NEVER_LABELLED, image)
        if labels is None:
            # Ground Truth writes the metadata alone, with a failure-reason (seen in real manifests).
            told = metadata.get("failure-reason", "") if isinstance(metadata, dict) else ""
            return Unusable(Reason.LABELLING_FAILED, image, str(told))
        if isinstance(metadata, dict) and metadata.get("type") != TYPE:
            return Unusable(Reason.OTHER_LABELLING, image, f"the type is {metadata.get('type')!r}")
        first = error.errors(include_url=False, include_context=False)[0]
        if first["loc"][-1] == "class_id":
            return unknown_class(None if first["type"] == "missing" else first["input"], image)
        where = ".".join(str(part) for part in first["loc"])
        return Unusable(Reason.MALFORMED, image, f"{where}: {first['msg']}")

    def _image_of(self, given: dict[str, Any]) -> str:
        image = given.get(_IMAGE)
        if not isinstance(image, str) or not image:
            raise Unusable(Reason.NO_IMAGE, None)
        if not image.startswith(self._images) or image == self._images:
            raise Unusable(Reason.FOREIGN_IMAGE, image, f"the job's images begin with {self._images}")
        return image


def unknown_class(class_id: object, image: str) -> Unusable:
    """Give up an image for a box that nothing explains.

    Whatever it is, it is in the image: without this box training would learn it as background.
    """
    return Unusable(Reason.UNKNOWN_CLASS, image, f"class_id {class_id!r}")


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:  # RecursionError: thousands of brackets
        raise Unusable(Reason.NOT_JSON, None, str(error)) from error
    if not isinstance(document, dict):
        raise Unusable(Reason.NOT_JSON, None, "it is JSON, but no object")
    return document


def _with(members: Mapping[str, CoreSchema]) -> CoreSchema:
    """Ask for an object with these members; what else it has is dropped."""
    return of.typed_dict_schema({name: of.typed_dict_field(schema) for name, schema in members.items()})


def _anything() -> CoreSchema:
    """Take a member as it is; ``None`` where there is none."""
    return of.with_default_schema(of.any_schema(), default=None)


_INTEGER = of.int_schema(strict=True)
_NUMBER = of.union_schema(
    [
        of.int_schema(strict=True, ge=-_FARTHEST, le=_FARTHEST),
        of.float_schema(strict=True, ge=-_FARTHEST, le=_FARTHEST, allow_inf_nan=False),
    ],
    mode="left_to_right",
)
_SIZE = _with({"width": _INTEGER, "height": _INTEGER, "depth": _anything()})
_BOX = _with({"class_id": _INTEGER, "left": _NUMBER, "top": _NUMBER, "width": _NUMBER, "height": _NUMBER})
_LABELS = _with(
    {
        "image_size": of.list_schema(_SIZE, min_length=1, max_length=1, strict=True),
        "annotations": of.list_schema(_BOX, strict=True),
    }
)
_METADATA = _with(
    {
        "type": of.literal_schema([TYPE]),
        "class-map": of.dict_schema(of.str_schema(strict=True), of.str_schema(strict=True), strict=True),
        "objects": _anything(),
        "human-annotated": _anything(),
        "creation-date": _anything(),
    }
)
