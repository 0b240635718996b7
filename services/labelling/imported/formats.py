"""Which format a file of labels is in, by its content."""

from collections.abc import Callable
from typing import IO

from runtime.errors import Permanent
from services.labelling.imported.coco import CocoFile
from services.labelling.imported.manifest import ManifestFile
from services.labelling.imported.stated import Stated
from services.labelling.imported.voc import MAX_ZIP, VocArchive

_HEAD = 1024 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_IN_EVERY_MANIFEST = b'"source-ref"'
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def open_labels(file: IO[bytes], size: int, keep: Callable[[], None]) -> Stated:
    """Begin to read a file of ``size`` bytes; ``keep`` says now and then that a long one is being read.

    Raises:
        Permanent: it is in no format that is known, or a zip that is too large.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(_ZIP):
        if size > MAX_ZIP:
            raise Permanent(
                "annotations-too-large",
                f"The zip with the labels has {size / 1024 / 1024:.0f} MB; up to 64 MB are read.",
                "Zip the XML files alone, without the images, and make a new job with that file.",
            )
        return VocArchive(file)
    if _IN_EVERY_MANIFEST in head:
        return ManifestFile(file)
    if head.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"{"):
        return CocoFile(file, keep)
    raise Permanent(
        "annotations-unknown-format",
        "The uploaded labels are in no format that is known.",
        "Make a new job with a COCO document, a manifest of Ground Truth or Custom Labels (JSON Lines, in "
        "UTF-8), or a zip of Pascal VOC files.",
    )
