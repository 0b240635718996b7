"""Manifests of Ground Truth (sms-data-output) and of Custom Labels (md-create-manifest): JSON Lines."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from services.labelling.imported.stated import (
    Code,
    Fault,
    StatedBox,
    StatedImage,
    bare_name,
    is_number,
    shown,
    stated_size,
)

_MAX_LINE = 1024 * 1024
"""Bytes; Ground Truth itself takes lines of up to 100,000 characters (sms-input-data-input-manifest)."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BOXES = "groundtruth/object-detection"


class ManifestFile:
    """Reads a manifest line by line."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[StatedImage | Fault]:
        """Give what each line says."""
        self._file.seek(0)
        number = 0
        while line := self._file.readline(_MAX_LINE):
            number += 1
            if not line.endswith(b"\n") and self._skip_rest():
                yield Fault(Code.MALFORMED, f"line {number}", None, "The line is longer than 1 MB.")
            elif text := line.removeprefix(_BYTE_ORDER_MARK).strip():
                yield _read(f"line {number}", text)

    def _skip_rest(self) -> bool:
        """Go to the end of a line that is too long; tell whether there was more of it."""
        more = False
        while rest := self._file.readline(_MAX_LINE):
            more = True
            if rest.endswith(b"\n"):
                break
        return more


def _read(where: str, line: bytes) -> StatedImage | Fault:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return Fault(Code.MALFORMED, where, None, "The line is not JSON.")
    source = entry.get("source-ref") if isinstance(entry, dict) else None
    if not isinstance(source, str) or not bare_name(source):
        return Fault(Code.MALFORMED, where, None, "The line has no source-ref that names an image.")
    name = bare_name(source)
    attribute = _box_attribute(entry)
    if attribute is None:
        return StatedImage(where, name, None, None)
    labels, metadata = entry[attribute], entry[f"{attribute}-metadata"]
    return _image(where, name, labels, metadata.get("class-map"))


def _box_attribute(entry: Mapping[str, Any]) -> str | None:
    """Find the attribute with the boxes; of several, as adjustment jobs leave them, the one made last."""
    found = [
        (str(metadata.get("creation-date", "")), place, attribute)
        for place, attribute in enumerate(entry)
        if isinstance(metadata := entry.get(f"{attribute}-metadata"), dict)
        and metadata.get("type") == _BOXES
        and isinstance(entry[attribute], dict)
    ]
    return max(found)[2] if found else None


def _image(where: str, name: str, labels: Mapping[str, Any], class_map: Any) -> StatedImage | Fault:
    annotations = labels.get("annotations")
    if not isinstance(annotations, list):
        return Fault(Code.MALFORMED, where, name, "The boxes are no list of annotations.")
    classes = class_map if isinstance(class_map, dict) else {}
    read = [_box(f"{where}, box {place}", name, one, classes) for place, one in enumerate(annotations, 1)]
    return StatedImage(
        where,
        name,
        _size(labels.get("image_size")),
        tuple(box for box in read if isinstance(box, StatedBox)),
        tuple(box for box in read if isinstance(box, Fault)),
    )


def _size(stated: Any) -> tuple[int, int] | None:
    first = stated[0] if isinstance(stated, list) and stated else None
    return stated_size(first.get("width"), first.get("height")) if isinstance(first, dict) else None


def _box(where: str, image: str, box: Any, classes: Mapping[str, Any]) -> StatedBox | Fault:
    if not isinstance(box, dict):
        return Fault(Code.MALFORMED, where, image, "The box is no JSON object.")
    edges = [box.get(edge) for edge in ("left", "top", "width", "height")]
    if not all(is_number(edge) for edge in edges):
        return Fault(Code.MALFORMED, where, image, "The box's left, top, width and height must be numbers.")
    class_id = str(box.get("class_id"))
    label = classes.get(class_id)
    if not isinstance(label, str):
        return Fault(Code.MALFORMED, where, image, f"The class-map has no class {shown(class_id)!r}.")
    left, top, width, height = (float(edge) for edge in edges if edge is not None)
    return StatedBox(where, label, left, top, width, height)
