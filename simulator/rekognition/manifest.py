"""The rules of one JSON Line.

[md-create-manifest-file-object-detection, md-create-manifest-file-classification,
md-create-manifest-file-validation-rules, tm-debugging-json-line-errors]
"""

import copy
import json
import re
from dataclasses import dataclass, field
from typing import Any

from simulator.core.images import ImageFacts
from simulator.core.s3 import Place, parse_uri
from simulator.rekognition.boxes import Box, Truth
from simulator.rekognition.messages import note

MAX_LINE = 100_000
MAX_BOXES = 50
MAX_LABEL_NAME = 256
MAX_IMAGE_BYTES = 15 * 1024 * 1024
MIN_SIDE, MAX_SIDE = 64, 4096
MAX_ASPECT = 20
# Training works on images of at most this many pixels a side; boxes shrink with them.
TRAINING_SIDE = 1280
DETECTION, CLASSIFICATION = "groundtruth/object-detection", "groundtruth/image-classification"
LOCALIZATION, IMAGE_LEVEL = "OBJECT_LOCALIZATION", "IMAGE_LEVEL_LABELS"
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_OWN_KEYS = ("source-ref", "cl-metadata", "errors", "warnings")


class TerminalLineError(Exception):
    """A line that dataset creation drops without a word; training names it by `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class CheckedLine:
    """What a line is good for.

    Attributes:
        shown: The line with the errors and warnings found, each where it belongs.
        boxes: Usable boxes; labels: usable image-level labels.
        labelled: Somebody annotated the image, well or badly.
        valid: Training can use it; a line that is neither valid nor has errors is ignored.
    """

    place: Place
    shown: dict[str, Any]
    boxes: list[Truth] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    labelled: bool = False
    valid: bool = False
    has_errors: bool = False

    @property
    def source_ref(self) -> str:
        """The image's URI."""
        return self.place.uri

    def drop(self, code: str) -> None:
        """Make the whole line unusable."""
        self.shown.setdefault("errors", []).append(note(code))
        self.boxes, self.labels = [], []
        self.valid, self.has_errors = False, True


def parse_line(text: str) -> tuple[dict[str, Any], Place]:
    """Read a line and where its image is.

    Raises:
        TerminalLineError: Nothing can be done with it.
    """
    if len(text) > MAX_LINE:
        raise TerminalLineError("ERROR_INVALID_JSON_LINE")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise TerminalLineError("ERROR_INVALID_JSON_LINE") from error
    if not isinstance(document, dict):
        raise TerminalLineError("ERROR_INVALID_JSON_LINE")
    if "source-ref" not in document:
        raise TerminalLineError("ERROR_MISSING_SOURCE_REF")
    source = document["source-ref"]
    place = parse_uri(source) if isinstance(source, str) else None
    if place is None:
        raise TerminalLineError("ERROR_INVALID_SOURCE_REF_FORMAT")
    return document, place


def check_line(document: dict[str, Any], place: Place, facts: ImageFacts | None) -> CheckedLine:
    """Judge a line; `facts` is what its image's head says, None when that is no readable PNG or JPEG."""
    line = CheckedLine(place, _cleaned(document))
    names = [name for name in line.shown if name not in _OWN_KEYS]
    pairs = [name for name in names if f"{name}-metadata" in line.shown]
    if not names:
        line.shown["warnings"] = [note("WARNING_UNANNOTATED_RECORD")]
    elif not pairs:
        line.drop("ERROR_NO_LABEL_ATTRIBUTES")
    else:
        _check_attributes(line, pairs)
    _check_image(line, facts)
    return line


def _cleaned(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy without what an earlier check added; a listed entry can be fixed and sent back."""
    shown = copy.deepcopy(document)
    for name in ("cl-metadata", "errors", "warnings"):
        shown.pop(name, None)
    for value in shown.values():
        if isinstance(value, dict):
            value.pop("errors", None)
            value.pop("warnings", None)
            for annotation in (
                value.get("annotations", []) if isinstance(value.get("annotations"), list) else []
            ):
                if isinstance(annotation, dict):
                    annotation.pop("errors", None)
    return shown


def _check_attributes(line: CheckedLine, pairs: list[str]) -> None:
    verdicts = [_check_attribute(line, name) for name in pairs]
    if "valid" in verdicts:
        line.valid = True
    elif "empty" in verdicts:
        line.shown["warnings"] = [note("WARNING_NO_ANNOTATIONS")]
    else:
        line.drop("ERROR_NO_VALID_LABEL_ATTRIBUTES")


def _check_attribute(line: CheckedLine, name: str) -> str:
    """Judge one label attribute: valid, empty (ignored) or broken."""
    value, metadata = line.shown[name], line.shown[f"{name}-metadata"]
    if not isinstance(metadata, dict) or not isinstance(metadata.get("type"), str):
        _blame(line, f"{name}-metadata", "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", name)
        return "broken"
    if metadata["type"] == CLASSIFICATION:
        return _check_classification(line, name, value, metadata)
    if metadata["type"] != DETECTION:
        line.labelled = True
        _blame(line, f"{name}-metadata", "ERROR_UNSUPPORTED_USE_CASE_TYPE", name)
        return "broken"
    return _check_detection(line, name, value, metadata)


def _check_classification(line: CheckedLine, name: str, value: Any, metadata: dict[str, Any]) -> str:
    line.labelled = True
    if not isinstance(value, int) or isinstance(value, bool):
        _blame(line, name, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", name)
        return "broken"
    label = metadata.get("class-name")
    if not isinstance(label, str) or not _is_number(metadata.get("confidence")) or not _is_dated(metadata):
        _blame(line, f"{name}-metadata", "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", name)
        return "broken"
    if not 1 <= len(label) <= MAX_LABEL_NAME:
        _blame(line, f"{name}-metadata", "ERROR_INVALID_LABEL_NAME_LENGTH", name)
        return "broken"
    line.labels.append(label)
    return "valid"


def _check_detection(line: CheckedLine, name: str, value: Any, metadata: dict[str, Any]) -> str:
    if not _is_detection(value):
        _blame(line, name, "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", name)
        return "broken"
    if not _is_detection_metadata(metadata):
        _blame(line, f"{name}-metadata", "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", name)
        return "broken"
    annotations = value["annotations"]
    if not annotations:
        value["warnings"] = [note("WARNING_NO_ATTRIBUTE_ANNOTATIONS")]
        return "empty"
    line.labelled = True
    fault = _fault_of_pairing(annotations, metadata)
    if fault:
        part = name if fault == "ERROR_TOO_MANY_BOUNDING_BOXES" else f"{name}-metadata"
        _blame(line, part, fault, name)
        return "broken"
    boxes = [box for item in annotations if (box := _usable_box(line, item, value, metadata)) is not None]
    if not boxes:
        _blame(line, name, "ERROR_NO_VALID_ANNOTATIONS", name)
        return "broken"
    line.boxes.extend(boxes)
    return "valid"


def _fault_of_pairing(annotations: list[dict[str, Any]], metadata: dict[str, Any]) -> str:
    objects, classes = metadata["objects"], metadata["class-map"]
    if len(annotations) > MAX_BOXES:
        return "ERROR_TOO_MANY_BOUNDING_BOXES"
    confident = len(objects) >= len(annotations) and all(_is_number(o.get("confidence")) for o in objects)
    if not confident:
        return "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"
    used = [classes.get(str(annotation["class_id"])) for annotation in annotations]
    if None in used:
        return "ERROR_MISSING_CLASS_MAP_ID"
    if any(not 1 <= len(label) <= MAX_LABEL_NAME for label in used if label is not None):
        return "ERROR_INVALID_LABEL_NAME_LENGTH"
    return ""


def _usable_box(
    line: CheckedLine, item: dict[str, Any], value: dict[str, Any], metadata: dict[str, Any]
) -> Truth | None:
    size = value["image_size"][0]
    left, top, width, height = item["left"], item["top"], item["width"], item["height"]
    off_frame = left + width > size["width"] or top + height > size["height"]
    if min(left, top, width, height) < 0 or off_frame:
        item["errors"] = [note("ERROR_INVALID_BOUNDING_BOX")]
        line.has_errors = True
        return None
    scale = min(1.0, TRAINING_SIDE / max(size["width"], size["height"]))
    if min(width, height) * scale <= 1:
        item["errors"] = [note("ERROR_BOUNDING_BOX_TOO_SMALL")]
        line.has_errors = True
        return None
    return Truth(metadata["class-map"][str(item["class_id"])], Box(left, top, width, height))


def _check_image(line: CheckedLine, facts: ImageFacts | None) -> None:
    if facts is None or facts.bytes > MAX_IMAGE_BYTES:
        line.drop("ERROR_INVALID_IMAGE")
        return
    short, long = sorted((facts.width, facts.height))
    if short < MIN_SIDE or long > MAX_SIDE:
        line.drop("ERROR_INVALID_IMAGE_DIMENSION" if line.boxes else "ERROR_INVALID_IMAGE")
    elif long > MAX_ASPECT * short:
        line.drop("ERROR_INVALID_IMAGE")


def _blame(line: CheckedLine, part: str, code: str, name: str) -> None:
    """Put an error into the part of the line it is about, or on the line when that part is no object."""
    holder = line.shown[part] if isinstance(line.shown[part], dict) else line.shown
    holder.setdefault("errors", []).append(note(code, name))
    line.has_errors = True


def _is_detection(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    sizes, annotations = value.get("image_size"), value.get("annotations")
    if not isinstance(sizes, list) or len(sizes) != 1 or not isinstance(annotations, list):
        return False
    size_good = isinstance(sizes[0], dict) and all(
        _is_number(sizes[0].get(side)) and sizes[0][side] > 0 for side in ("width", "height")
    )
    members = ("class_id", "left", "top", "width", "height")
    return size_good and all(
        isinstance(item, dict) and all(_is_number(item.get(member)) for member in members)
        for item in annotations
    )


def _is_detection_metadata(metadata: dict[str, Any]) -> bool:
    objects, classes = metadata.get("objects"), metadata.get("class-map")
    return (
        isinstance(objects, list)
        and all(isinstance(item, dict) for item in objects)
        and isinstance(classes, dict)
        and all(isinstance(label, str) for label in classes.values())
        and metadata.get("human-annotated") in ("yes", "no")
        and _is_dated(metadata)
    )


def _is_dated(metadata: dict[str, Any]) -> bool:
    date = metadata.get("creation-date")
    return isinstance(date, str) and _DATE.fullmatch(date) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
