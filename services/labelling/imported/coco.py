"""The COCO object detection format: one JSON document (cocodataset.org, format-data)."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import IO, Any

import ijson

from runtime.errors import Permanent
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

_MOST = 1_000_000
"""Images, and boxes, of a document: as a document has them in any order, they are held together in memory."""

_BETWEEN_SIGNS = 10_000
"""Entries between two signs of life: a large document takes half a minute to read."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_Id = int | str


class CocoFile:
    """Reads a COCO document as a stream; what is kept of it are names and numbers.

    Args:
        file: holds the document.
        keep: says now and then that it is being read.
    """

    def __init__(self, file: IO[bytes], keep: Callable[[], None]) -> None:
        self._file = file
        self._keep = keep
        self._faults: list[Fault] = []
        self._labels: dict[_Id, str] = {}
        self._images: dict[_Id, tuple[str, str, tuple[int, int] | None]] = {}
        self._boxes: dict[_Id, list[StatedBox | Fault]] = {}
        self._read = False

    def __iter__(self) -> Iterator[StatedImage | Fault]:
        """Give the images in the document's order, then what belongs to none.

        Raises:
            Permanent: the document is not JSON to its end, or too large.
        """
        if not self._read:
            self._load()
            self._read = True
        return chain((self._image(key) for key in self._images), self._faults)

    def _load(self) -> None:
        try:
            for place, entry in self._items("categories"):
                self._add_category(f"categories[{place}]", entry)
            for place, entry in self._items("images"):
                self._add_image(f"images[{place}]", entry)
            for place, entry in self._items("annotations"):
                self._add_box(f"annotations[{place}]", entry)
        except (ijson.JSONError, ValueError, RecursionError) as error:
            raise Permanent(
                "annotations-malformed",
                f"The labels are taken for a COCO document, but are not JSON: {shown(str(error).strip())}",
                "Write the file anew, or take another format (services/labelling/README.md), and make a new "
                "job with it.",
            ) from error

    def _items(self, member: str) -> Iterator[tuple[int, Any]]:
        self._file.seek(0)
        if self._file.read(len(_BYTE_ORDER_MARK)) != _BYTE_ORDER_MARK:
            self._file.seek(0)
        for place, entry in enumerate(ijson.items(self._file, f"{member}.item", use_float=True)):
            if place >= _MOST:
                raise Permanent(
                    "annotations-too-large",
                    f"The COCO document has more than {_MOST} {member}.",
                    "Take out what is not about this job's images, and make a new job with that file.",
                )
            if place % _BETWEEN_SIGNS == 0:
                self._keep()
            yield place, entry

    def _add_category(self, where: str, entry: Any) -> None:
        key, name = _member(entry, "id"), _member(entry, "name")
        if not _is_id(key) or not isinstance(name, str):
            self._malformed(where, "A category has an id and a name.")
        elif key in self._labels:
            self._malformed(where, f"There is an earlier category with the id {shown(str(key))}.")
        else:
            self._labels[key] = name

    def _add_image(self, where: str, entry: Any) -> None:
        key, path = _member(entry, "id"), _member(entry, "file_name")
        if not _is_id(key) or not isinstance(path, str) or not bare_name(path):
            self._malformed(where, "An image has an id and a file_name.")
        elif key in self._images:
            self._malformed(where, f"There is an earlier image with the id {shown(str(key))}.")
        else:
            size = stated_size(entry.get("width"), entry.get("height"))
            self._images[key] = (where, bare_name(path), size)

    def _add_box(self, where: str, entry: Any) -> None:
        image = _member(entry, "image_id")
        if not _is_id(image) or image not in self._images:
            self._malformed(where, f"There is no image with the id {shown(repr(image))}.")
        else:
            self._boxes.setdefault(image, []).append(self._box(where, self._images[image][1], entry))

    def _box(self, where: str, image: str, entry: dict[str, Any]) -> StatedBox | Fault:
        category, edges = entry.get("category_id"), entry.get("bbox")
        label = self._labels.get(category) if isinstance(category, int | str) else None
        if label is None:
            return Fault(Code.MALFORMED, where, image, f"There is no category {shown(repr(category))}.")
        if not isinstance(edges, list) or len(edges) != 4 or not all(is_number(edge) for edge in edges):
            return Fault(Code.MALFORMED, where, image, "The bbox must be four numbers.")
        left, top, width, height = map(float, edges)
        return StatedBox(where, label, left, top, width, height)

    def _image(self, key: _Id) -> StatedImage:
        where, name, size = self._images[key]
        read = self._boxes.get(key, [])
        boxes = tuple(box for box in read if isinstance(box, StatedBox))
        return StatedImage(where, name, size, boxes, tuple(box for box in read if isinstance(box, Fault)))

    def _malformed(self, where: str, reason: str) -> None:
        self._faults.append(Fault(Code.MALFORMED, where, None, reason))


def _member(entry: Any, name: str) -> Any:
    return entry.get(name) if isinstance(entry, dict) else None


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)
