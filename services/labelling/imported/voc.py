"""Pascal VOC: a zip of XML files, one for each image (VOC2012 development kit).

The kit counts pixels from 1; the tools that write the format today (LabelImg, CVAT, Roboflow) write edges
counted from 0, and are read so: of an old file the boxes are a pixel off at most.
"""

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from runtime.errors import Permanent
from services.labelling.imported.stated import (
    Code,
    Fault,
    StatedBox,
    StatedImage,
    bare_name,
    is_number,
    stated_size,
)

MAX_ZIP = 64 * 1024 * 1024
"""Bytes; bounds the table of contents too, which Python reads as a whole. 100,000 XML files are below it."""

_MAX_XML = 1024 * 1024
_MAX_UNPACKED = 1024 * 1024 * 1024
_MAX_DEPTH = 32
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


class _RefusedXml(Exception):
    """The XML is not as an annotation is; the message says what is wrong."""


class VocArchive:
    """Reads the XML files of a zip, one after the other; whatever else is in it is passed over."""

    def __init__(self, file: IO[bytes], *, max_unpacked: int = _MAX_UNPACKED) -> None:
        self._file = file
        self._max_unpacked = max_unpacked

    def __iter__(self) -> Iterator[StatedImage | Fault]:
        """Give what each file says, in the order of the zip.

        Raises:
            Permanent: the zip cannot be opened, or unpacks to more than is good.
        """
        self._file.seek(0)
        try:
            archive = zipfile.ZipFile(self._file)
        except _BROKEN as error:
            raise Permanent(
                "annotations-malformed",
                f"The zip with the labels cannot be opened: {error}.",
                "Make the zip anew, and a new job with it.",
            ) from error
        unpacked = 0
        with archive:
            for entry in archive.infolist():
                if not _is_annotation(entry):
                    continue
                content = _content(archive, entry)
                unpacked += 0 if isinstance(content, Fault) else len(content)
                if unpacked > self._max_unpacked:
                    raise _too_much()
                yield content if isinstance(content, Fault) else _read(entry.filename, content)


def _is_annotation(entry: zipfile.ZipInfo) -> bool:
    # macOS adds a file of its own to each, by the same name.
    return entry.filename.lower().endswith(".xml") and not entry.filename.startswith("__MACOSX/")


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | Fault:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        return _malformed(entry.filename, "The file is encrypted, or packed otherwise than by deflate.")
    try:
        with archive.open(entry) as file:
            content = file.read(_MAX_XML + 1)
    except _BROKEN:
        return _malformed(entry.filename, "The file in the zip is damaged.")
    return content if len(content) <= _MAX_XML else _malformed(entry.filename, "The file is over 1 MB.")


def _read(where: str, content: bytes) -> StatedImage | Fault:
    try:
        root = _parse(content)
    except _RefusedXml as refused:
        return _malformed(where, str(refused))
    except (expat.ExpatError, LookupError, ValueError) as error:
        return _malformed(where, f"The file is not XML: {error}.")
    name = bare_name((root.findtext("filename") or "").strip())
    if root.tag != "annotation" or not name:
        return _malformed(where, "The file is no <annotation> with a <filename>.")
    read = [
        _box(f"{where}, object {place}", name, found) for place, found in enumerate(root.findall("object"), 1)
    ]
    size = stated_size(_number(root, "size/width"), _number(root, "size/height"))
    boxes = tuple(box for box in read if isinstance(box, StatedBox))
    return StatedImage(where, name, size, boxes, tuple(box for box in read if isinstance(box, Fault)))


def _box(where: str, image: str, found: Element) -> StatedBox | Fault:
    label = (found.findtext("name") or "").strip()
    edges = [_number(found, f"bndbox/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")]
    left, top, right, bottom = edges
    if not label or left is None or top is None or right is None or bottom is None:
        return Fault(
            Code.MALFORMED,
            where,
            image,
            "An object has a <name>, and a <bndbox> with the numbers xmin, ymin, xmax and ymax.",
        )
    return StatedBox(where, label, left, top, right - left, bottom - top)


def _number(parent: Element, path: str) -> float | None:
    try:
        value = float(parent.findtext(path) or "")
    except ValueError:
        return None
    return value if is_number(value) else None


def _parse(content: bytes) -> Element:
    """Read XML that has no document type: with it go entities, and what they can be made to do."""
    parser, builder = expat.ParserCreate(), TreeBuilder()
    depth = 0

    def refuse(*_: object) -> None:
        raise _RefusedXml("The file has a DOCTYPE, which is not read: write it without.")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise _RefusedXml(f"The elements are nested more than {_MAX_DEPTH} deep.")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.Parse(content, True)
    return builder.close()


def _malformed(where: str, reason: str) -> Fault:
    return Fault(Code.MALFORMED, where, None, reason)


def _too_much() -> Permanent:
    return Permanent(
        "annotations-too-large",
        "The zip with the labels unpacks to more than 1 GB.",
        "Zip nothing but this job's XML files, and make a new job with that file.",
    )
