"""The images to learn from and the boxes that are true of them: made here, or anyone's own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from cli.coco import Coco, CocoImage, read_coco
from cli.detecting import Box
from cli.exits import CliError
from cli.folders import usable_names
from contracts.filenames import why_refused
from demo.documents import make_documents
from demo.problem import DemoError
from demo.split import keep_apart

SHARE_APART = 0.2
FEWEST_PER_LABEL = 3
"""One image to train on, one to test with, one kept apart for the check."""

_LISTED = 5


@dataclass(frozen=True)
class Truth:
    """A document that is there: its type and its box."""

    label: str
    box: Box


@dataclass(frozen=True)
class Material:
    """Images of one folder, split into those to learn from and those kept apart.

    Attributes:
        title: What the images are, for people.
        coco: Boxes of the images to learn from, and of no others.
        training: File names to learn from.
        check: What is true of each image kept apart.
        notes: What was left out, for people.
    """

    title: str
    folder: Path
    labels: tuple[str, ...]
    coco: Coco
    training: tuple[str, ...]
    check: dict[str, tuple[Truth, ...]]
    notes: tuple[str, ...] = ()


def synthetic(folder: Path, *, count: int, seed: int) -> Material:
    """Make photographs of documents that belong to nobody.

    Raises:
        DemoError: `count` is too small to train and check with.
    """
    if count < FEWEST_PER_LABEL**2:
        raise DemoError(f"{count} images are too few for three document types; ask for nine or more.")
    coco = Coco.model_validate(make_documents(folder, count=count, seed=seed))
    return _material("synthetic photographs of identity documents", folder, coco, seed, ())


def from_files(folder: Path, annotations: Path, *, seed: int) -> Material:
    """Take someone's images with their boxes in a COCO file.

    Raises:
        DemoError: folder, file or images cannot be used; the message says what to change.
    """
    if not folder.is_dir():
        raise DemoError(f"There is no folder {folder}: give IMAGES=folder with JPEG or PNG images in it.")
    try:
        coco = read_coco(annotations)
    except CliError as error:
        raise DemoError(error.detail) from error
    present = {path.name for path in folder.iterdir() if path.is_file()}
    notes = list(_notes(coco, present, set(usable_names(folder))))
    boxed = {box.image_id for box in coco.annotations}
    names = frozenset(image.name for image in coco.images if image.id in boxed and image.name in present)
    if not names:
        raise DemoError(
            f"{annotations} has no box for any image in {folder}. The last part of each `file_name` must be "
            "the name of a file there."
        )
    coco = coco.of_images(names)
    _check_images(folder, coco.images)
    return _material(f"photographs from the folder {folder.resolve().name}", folder, coco, seed, tuple(notes))


def _material(title: str, folder: Path, coco: Coco, seed: int, notes: tuple[str, ...]) -> Material:
    try:
        labels = coco.labels()
    except CliError as error:
        raise DemoError(error.detail) from error
    truths = _truths(coco)
    counts = Counter(label for found in truths.values() for label in {truth.label for truth in found})
    if rare := [f"{label} ({counts[label]})" for label in labels if counts[label] < FEWEST_PER_LABEL]:
        raise DemoError(
            f"Each label must be on {FEWEST_PER_LABEL} images or more, to train, test and check with; "
            f"too few show {', '.join(rare)}. Add images, or take the label out of the file."
        )
    shown = {name: _kinds(found) for name, found in truths.items()}
    apart = keep_apart(shown, share=SHARE_APART, seed=seed)
    training = sorted(truths.keys() - apart)
    return Material(
        title=title,
        folder=folder,
        labels=tuple(labels),
        coco=coco.of_images(frozenset(training)),
        training=tuple(training),
        check={name: truths[name] for name in sorted(apart)},
        notes=notes,
    )


def _kinds(truths: tuple[Truth, ...]) -> frozenset[str]:
    """What must be in the check too: each label, and images of several documents (the empty label)."""
    return frozenset(truth.label for truth in truths) | ({""} if len(truths) > 1 else frozenset())


def _truths(coco: Coco) -> dict[str, tuple[Truth, ...]]:
    """The boxes of each image that has any, as shares of its size."""
    names = {category.id: category.name for category in coco.categories}
    images = {image.id: image for image in coco.images}
    truths: dict[str, tuple[Truth, ...]] = {}
    for box in coco.annotations:
        image = images[box.image_id]
        left, top, width, height = box.bbox
        shares = Box(left / image.width, top / image.height, width / image.width, height / image.height)
        truths[image.name] = (*truths.get(image.name, ()), Truth(names[box.category_id], shares))
    return truths


def _notes(coco: Coco, present: set[str], usable: set[str]) -> Iterable[str]:
    """Say what is left out: nothing of it stops the demonstration, all of it may surprise."""
    boxed = {box.image_id for box in coco.annotations}
    listed = {image.name for image in coco.images if image.id in boxed}
    if absent := sorted(listed - present):
        yield f"{len(absent)} annotated images are not in the folder and left out: {_some(absent)}"
    if unboxed := sorted(usable - listed):
        yield f"{len(unboxed)} images have no boxes in the annotations and are left out: {_some(unboxed)}"


def _check_images(folder: Path, images: list[CocoImage]) -> None:
    """Refuse bad names, twins, files that are no images, and boxes made for other pixels."""
    faults = [
        f"{name}: two images of the file have this name"
        for name, count in Counter(image.name for image in images).items()
        if count > 1
    ]
    faults += [
        f"{image.name}: {fault}"
        for image in images
        if (fault := why_refused(image.name) or _pixel_fault(folder / image.name, image))
    ]
    if faults:
        more = f"\n  … and {len(faults) - _LISTED} more" if len(faults) > _LISTED else ""
        listed = "".join(f"\n  {fault}" for fault in faults[:_LISTED])
        raise DemoError(f"{len(faults)} images cannot be used:{listed}{more}")


def _pixel_fault(path: Path, stated: CocoImage) -> str | None:
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            size = image.size
    except UnidentifiedImageError:
        return "It is not a JPEG or PNG image."
    if size == (stated.width, stated.height):
        return None
    return (
        f"It has {size[0]} x {size[1]} pixels, the annotations say {stated.width} x {stated.height}. Boxes "
        "must be drawn on the pixels as stored, without EXIF rotation and not scaled."
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
