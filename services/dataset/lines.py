"""One line of the labellers' manifest, judged by Custom Labels' rules and written anew.

The rules are those of md-create-manifest-file-object-detection and md-create-manifest-file-validation-rules.
A new line holds what Custom Labels reads and nothing else: what other tools have left in a line cannot harm.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from services.dataset.boxes import Box, Size, read_box, trim
from services.dataset.reasons import Reason

MAX_LINE = 100_000
"""Characters; here also bytes, because what is written is ASCII."""

_MAX_BOXES = 50
_MIN_SIDE, _MAX_SIDE, _MAX_ASPECT = 64, 4096, 20
_TYPE = "groundtruth/object-detection"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")
_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True)
class Expected:
    """What the lines of a job's manifest must agree with.

    Attributes:
        images: what every ``source-ref`` begins with, such as ``s3://bucket/images/<job id>/``.
        attribute: name of the label attribute.
        labels: the document types; a label set is a number with bit ``i`` set for ``labels[i]``.
        undated: the ``creation-date`` of lines that lack one.
    """

    images: str
    attribute: str
    labels: tuple[str, ...]
    undated: str


@dataclass(frozen=True, slots=True)
class LeftOutBox:
    """A box that is left out, and why."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class UsableLine:
    """A line for Custom Labels, what it shows, and what had to be done for it."""

    image: str
    label_set: int
    text: bytes
    left_out: tuple[LeftOutBox, ...]
    trimmed: int


class Unusable(Exception):
    """A line that the datasets do without."""

    def __init__(
        self, reason: Reason, image: str | None, detail: str = "", boxes: tuple[LeftOutBox, ...] = ()
    ) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.image = image
        self.detail = detail
        self.boxes = boxes


def judge(line: bytes, expected: Expected) -> UsableLine:
    """Write a line anew so that Custom Labels takes all of it.

    Raises:
        Unusable: says why nothing can be made of it.
    """
    document = _parsed(line)
    image = _image_of(document, expected)
    labels, metadata = _labels_of(document, image, expected.attribute)
    annotations = _annotations_of(labels, image)
    size = _size_of(labels, image)
    classes = _classes_of(metadata, image)
    kept, left_out, trimmed = _boxes_of(annotations, size, classes, image, expected)
    if not kept:
        raise Unusable(Reason.NO_USABLE_BOX, image, boxes=left_out)
    text = _written(image, labels, metadata, kept, expected)
    if len(text) > MAX_LINE:
        raise Unusable(Reason.LINE_TOO_LONG, image)
    label_set = 0
    for _, class_id, _ in kept:
        label_set |= 1 << class_id
    return UsableLine(image, label_set, text, left_out, trimmed)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:  # RecursionError: thousands of brackets
        raise Unusable(Reason.NOT_JSON, None, str(error)) from error
    if not isinstance(document, dict):
        raise Unusable(Reason.NOT_JSON, None, "it is JSON, but no object")
    return document


def _image_of(document: dict[str, Any], expected: Expected) -> str:
    image = document.get("source-ref")
    if not isinstance(image, str) or not image:
        raise Unusable(Reason.NO_IMAGE, None)
    if not image.startswith(expected.images) or image == expected.images:
        raise Unusable(Reason.FOREIGN_IMAGE, image, f"the job's images begin with {expected.images}")
    return image


def _labels_of(document: dict[str, Any], image: str, attribute: str) -> tuple[dict[str, Any], dict[str, Any]]:
    labels, metadata = document.get(attribute), document.get(f"{attribute}-metadata")
    if labels is None and metadata is None:
        raise Unusable(Reason.NEVER_LABELLED, image)
    if labels is None:
        # Ground Truth writes the metadata alone, with a failure-reason (seen in real manifests).
        told = metadata.get("failure-reason", "") if isinstance(metadata, dict) else ""
        raise Unusable(Reason.LABELLING_FAILED, image, str(told))
    if not isinstance(labels, dict) or not isinstance(metadata, dict):
        raise Unusable(Reason.MALFORMED, image, "labels and metadata must be objects")
    if metadata.get("type") != _TYPE:
        raise Unusable(Reason.OTHER_LABELLING, image, f"the type is {metadata.get('type')!r}")
    return labels, metadata


def _annotations_of(labels: dict[str, Any], image: str) -> list[dict[str, Any]]:
    annotations = labels.get("annotations")
    if not isinstance(annotations, list) or not all(isinstance(item, dict) for item in annotations):
        raise Unusable(Reason.MALFORMED, image, "annotations must be a list of boxes")
    if not annotations:
        raise Unusable(Reason.NO_DOCUMENT, image)
    if len(annotations) > _MAX_BOXES:
        raise Unusable(Reason.TOO_MANY_BOXES, image, f"{len(annotations)} boxes")
    return annotations


def _size_of(labels: dict[str, Any], image: str) -> Size:
    sizes = labels.get("image_size")
    only = sizes[0] if isinstance(sizes, list) and len(sizes) == 1 else None
    width, height = (only.get("width"), only.get("height")) if isinstance(only, dict) else (None, None)
    if type(width) is not int or type(height) is not int:
        raise Unusable(Reason.MALFORMED, image, "image_size must hold one width and height in pixels")
    size = Size(width, height)
    if min(size) < _MIN_SIDE or max(size) > _MAX_SIDE or max(size) > _MAX_ASPECT * min(size):
        raise Unusable(Reason.IMAGE_SIZE, image, f"{size.width} x {size.height} pixels")
    return size


def _classes_of(metadata: dict[str, Any], image: str) -> dict[str, str]:
    classes = metadata.get("class-map")
    if not isinstance(classes, dict) or not all(isinstance(name, str) for name in classes.values()):
        raise Unusable(Reason.MALFORMED, image, "class-map must give a name for each class")
    return classes


_Kept = list[tuple[Box, int, int]]
"""Boxes with the position of their label among the job's, and their own position in the line."""


def _boxes_of(
    annotations: list[dict[str, Any]], size: Size, classes: dict[str, str], image: str, expected: Expected
) -> tuple[_Kept, tuple[LeftOutBox, ...], int]:
    kept: _Kept = []
    left_out: list[LeftOutBox] = []
    trimmed = 0
    for position, annotation in enumerate(annotations):
        label, box = _label_of(annotation, classes, image), read_box(annotation)
        if box is None:
            raise Unusable(Reason.MALFORMED, image, f"box {position} lacks a side that is a number")
        usable = trim(box, size) if label in expected.labels else Reason.OTHER_LABEL
        if isinstance(usable, Reason):
            left_out.append(LeftOutBox(usable, f"{label}: {tuple(box)} in {size.width} x {size.height}"))
        else:
            kept.append((usable, expected.labels.index(label), position))
            trimmed += usable != box
    return kept, tuple(left_out), trimmed


def _label_of(annotation: dict[str, Any], classes: dict[str, str], image: str) -> str:
    class_id = annotation.get("class_id")
    label = classes.get(str(class_id)) if type(class_id) is int else None
    if label is None:
        # Whatever it is, it is in the image: without this box training would learn it as background.
        raise Unusable(Reason.UNKNOWN_CLASS, image, f"class_id {class_id!r}")
    return label


def _written(
    image: str, labels: dict[str, Any], metadata: dict[str, Any], kept: _Kept, expected: Expected
) -> bytes:
    given = labels["image_size"][0]
    size = {"width": given["width"], "height": given["height"], "depth": _depth(given.get("depth"))}
    document = {
        "source-ref": image,
        expected.attribute: {
            "image_size": [size],
            "annotations": [{"class_id": class_id, **box._asdict()} for box, class_id, _ in kept],
        },
        f"{expected.attribute}-metadata": {
            "objects": [{"confidence": _confidence(metadata, position)} for _, _, position in kept],
            "class-map": {str(class_id): expected.labels[class_id] for _, class_id, _ in kept},
            "type": _TYPE,
            "human-annotated": "no" if metadata.get("human-annotated") == "no" else "yes",
            "creation-date": _date(metadata.get("creation-date")) or expected.undated,
        },
    }
    return _encode(document).encode("ascii")


def _depth(given: object) -> int:
    return given if type(given) is int and given > 0 else 3


def _date(given: object) -> str | None:
    return given if isinstance(given, str) and _DATE.fullmatch(given) else None


def _confidence(metadata: dict[str, Any], position: int) -> float:
    """Give a box's confidence, 0 where none is known: the member is required, its value is not used."""
    objects = metadata.get("objects")
    given = objects[position] if isinstance(objects, list) and position < len(objects) else None
    confidence = given.get("confidence") if isinstance(given, dict) else None
    if isinstance(confidence, int | float) and not isinstance(confidence, bool) and 0 <= confidence <= 1:
        return confidence
    return 0
