"""One line of the labellers' manifest, judged by Custom Labels' rules and written anew.

The rules are those of md-create-manifest-file-object-detection and md-create-manifest-file-validation-rules.
A new line holds what Custom Labels reads and nothing else: what other tools have left in a line cannot harm.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, NamedTuple

from services.dataset.boxes import Box, Size, trim, whole
from services.dataset.form import TYPE, Form, unknown_class
from services.dataset.reasons import Reason
from services.dataset.unusable import LeftOutBox, Unusable

MAX_LINE = 100_000
"""Characters; here also bytes, because what is written is ASCII."""

_MAX_BOXES = 50
_MIN_SIDE, _MAX_SIDE, _MAX_ASPECT = 64, 4096, 20
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?", re.ASCII)


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

    @cached_property
    def form(self) -> Form:
        """What each line must hold."""
        return Form(self.attribute, self.images)

    @cached_property
    def members(self) -> tuple[str, str]:
        """The names of a written line's two members that hold the labels, as JSON."""
        return quoted(self.form.attribute), quoted(self.form.metadata)

    @cached_property
    def class_ids(self) -> dict[str, int]:
        """Each document type's place among the job's."""
        return {label: class_id for class_id, label in enumerate(self.labels)}

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Each document type as a written line's class map has it."""
        return tuple(f'"{class_id}":{quoted(label)}' for class_id, label in enumerate(self.labels))


class UsableLine(NamedTuple):
    """A line for Custom Labels, what it shows, and what had to be done for it."""

    image: str
    label_set: int
    text: bytes
    left_out: tuple[LeftOutBox, ...]
    trimmed: int


_Kept = list[tuple[int, Box, int]]
"""Boxes, each with its label's place among the job's before it and its own place in the line behind it."""


def judge(line: bytes, expected: Expected) -> UsableLine:
    """Write a line anew so that Custom Labels takes all of it.

    Raises:
        Unusable: says why nothing can be made of it.
    """
    form = expected.form
    document = form.read(line)
    image = document["source-ref"]
    labels, metadata = document[form.attribute], document[form.metadata]
    [given] = labels["image_size"]
    size = _size_of(given, image)
    kept, left_out, trimmed = _boxes_of(labels["annotations"], metadata["class-map"], size, image, expected)
    text = _written(image, size, given["depth"], kept, metadata, expected)
    if len(text) > MAX_LINE:
        raise Unusable(Reason.LINE_TOO_LONG, image)
    label_set = 0
    for class_id, _, _ in kept:
        label_set |= 1 << class_id
    return UsableLine(image, label_set, text, left_out, trimmed)


def _size_of(given: dict[str, Any], image: str) -> Size:
    width, height = given["width"], given["height"]
    shorter, longer = (width, height) if width < height else (height, width)
    if shorter < _MIN_SIDE or longer > _MAX_SIDE or longer > _MAX_ASPECT * shorter:
        raise Unusable(Reason.IMAGE_SIZE, image, f"{width} x {height} pixels")
    return Size(width, height)


def _boxes_of(
    annotations: list[dict[str, Any]], classes: dict[str, str], size: Size, image: str, expected: Expected
) -> tuple[_Kept, tuple[LeftOutBox, ...], int]:
    if not annotations:
        raise Unusable(Reason.NO_DOCUMENT, image)
    if len(annotations) > _MAX_BOXES:
        raise Unusable(Reason.TOO_MANY_BOXES, image, f"{len(annotations)} boxes")
    kept: _Kept = []
    left_out: list[LeftOutBox] = []
    trimmed = 0
    for position, annotation in enumerate(annotations):
        label = classes.get(str(annotation["class_id"]))
        if label is None:
            raise unknown_class(annotation["class_id"], image)
        box = whole(annotation)
        class_id = expected.class_ids.get(label, -1)
        usable = trim(box, size) if class_id >= 0 else Reason.OTHER_LABEL
        if isinstance(usable, Reason):
            left_out.append(LeftOutBox(usable, f"{label}: {tuple(box)} in {size.width} x {size.height}"))
        else:
            kept.append((class_id, usable, position))
            trimmed += usable is not box
    if not kept:
        raise Unusable(Reason.NO_USABLE_BOX, image, boxes=tuple(left_out))
    return kept, tuple(left_out), trimmed


def _written(
    image: str, size: Size, depth: object, kept: _Kept, metadata: dict[str, Any], expected: Expected
) -> bytes:
    """Write a line by hand, for json takes three times as long; what could need an escape is quoted."""
    objects, (of_labels, of_metadata) = metadata["objects"], expected.members
    boxes, confidences, classes = [], [], {}
    for class_id, (left, top, width, height), position in kept:
        boxes.append(f'{{"class_id":{class_id},"left":{left},"top":{top},"width":{width},"height":{height}}}')
        confidences.append(f'{{"confidence":{_confidence(objects, position)}}}')
        classes[class_id] = expected.classes[class_id]
    labelled_by = "no" if metadata["human-annotated"] == "no" else "yes"
    date = _date(metadata["creation-date"]) or expected.undated
    return (
        f'{{"source-ref":{quoted(image)},{of_labels}:{{"image_size":[{{"width":{size.width},'
        f'"height":{size.height},"depth":{_depth(depth)}}}],"annotations":[{",".join(boxes)}]}},'
        f'{of_metadata}:{{"objects":[{",".join(confidences)}],'
        f'"class-map":{{{",".join(classes.values())}}},"type":"{TYPE}",'
        f'"human-annotated":"{labelled_by}","creation-date":"{date}"}}}}'
    ).encode("ascii")


def _depth(given: object) -> int:
    return given if type(given) is int and given > 0 else 3


def _date(given: object) -> str | None:
    return given if isinstance(given, str) and _DATE.fullmatch(given) else None


def _confidence(objects: object, position: int) -> float:
    """Give a box's confidence, 0 where none is known: the member is required, its value is not used."""
    given = objects[position] if isinstance(objects, list) and position < len(objects) else None
    confidence = given.get("confidence") if isinstance(given, dict) else None
    if isinstance(confidence, int | float) and not isinstance(confidence, bool) and 0 <= confidence <= 1:
        return confidence
    return 0
