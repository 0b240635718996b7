"""The images of a folder: which can be uploaded, which cannot and why."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.filenames import why_refused

# Files that someone meant as an image, though Custom Labels takes JPEG and PNG only: worth a word.
_IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jp2", ".jpe", ".jpeg"}
    | {".jpg", ".png", ".svg", ".tif", ".tiff", ".webp"}
)


@dataclass(frozen=True)
class NotUsable:
    """A file that cannot be uploaded under its name."""

    filename: str
    reason: str


@dataclass(frozen=True)
class FolderCheck:
    """What a folder holds: `usable` images, those refused, and how many other files are left alone."""

    usable: int
    refused: tuple[NotUsable, ...]
    others: int


def usable_names(folder: Path) -> Iterator[str]:
    """The names that can be uploaded, one by one, in the order of the directory itself."""
    for name in _file_names(folder):
        if _is_image(name) and why_refused(name) is None:
            yield name


def check_folder(folder: Path) -> FolderCheck:
    """Look through the names; only the refused are kept in memory."""
    usable = others = 0
    refused = []
    for name in _file_names(folder):
        if not _is_image(name):
            others += 1
        elif reason := why_refused(name):
            refused.append(NotUsable(name, reason))
        else:
            usable += 1
    return FolderCheck(usable, tuple(sorted(refused, key=lambda file: file.filename)), others)


def _file_names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file():
                yield entry.name


def _is_image(name: str) -> bool:
    return Path(name).suffix.lower() in _IMAGE_SUFFIXES and not name.startswith("._")
