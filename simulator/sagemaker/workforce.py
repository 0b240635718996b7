"""The people who draw boxes: they know what a COCO document says, and their hands are not quite steady."""

import random
import threading
from collections.abc import Sequence
from typing import Any

from simulator.sagemaker.models import DataObject, DrawnBox


class BadAnnotationsError(ValueError):
    """The COCO document makes no sense; the message says where."""


class Workforce:
    """Knows the boxes of images by file name, whatever folder or bucket they lie in.

    Until a first document arrives nobody is at work and tasks wait. An image that no document lists is
    declined by every worker; one that is listed without annotations gets no boxes.
    """

    def __init__(self, *, human_error: float, seed: int) -> None:
        self._human_error = human_error
        self._seed = seed
        self._known: dict[str, list[DrawnBox]] = {}
        self._lock = threading.Lock()
        self.present = False

    def learn(self, document: Any) -> dict[str, int]:
        """Take in a COCO document; what is already known of an image is replaced.

        Raises:
            BadAnnotationsError: It is not COCO: `images`, `annotations`, `categories`.
        """
        images = parse_coco(document)
        with self._lock:
            self._known.update(images)
            self.present = True
        return {"images": len(images), "boxes": sum(map(len, images.values())), "known": len(self._known)}

    def draw(
        self, job: str, index: int, item: DataObject, labels: Sequence[str], worker: int
    ) -> list[DrawnBox]:
        """Return the boxes one worker draws on one image.

        Raises:
            KeyError: Nobody can tell what is on the image.
        """
        hand = random.Random(f"{self._seed}/{job}/{index}/{worker}")  # noqa: S311 (a shaky hand, not a secret)
        boxes = [box for box in self._known[file_name(item.source_ref)] if box.label in labels]
        shaken = (_shake(box, item.width, item.height, self._human_error, hand) for box in boxes)
        return [box for box in shaken if box is not None]

    def knows(self, source_ref: str) -> bool:
        """Say whether any document lists the image."""
        return file_name(source_ref) in self._known

    def export(self) -> dict[str, Any]:
        """Return everything known, for keeping across restarts."""
        return {
            "present": self.present,
            "images": {
                name: [[b.label, b.left, b.top, b.width, b.height] for b in boxes]
                for name, boxes in self._known.items()
            },
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `export` gave."""
        self.present = bool(kept["present"])
        self._known = {name: [DrawnBox(*box) for box in boxes] for name, boxes in kept["images"].items()}


def file_name(uri: str) -> str:
    """Return the last path segment, exactly as written (nothing is URL-decoded)."""
    return uri.rpartition("/")[2]


def parse_coco(document: Any) -> dict[str, list[DrawnBox]]:
    """Read a COCO detection document into boxes by file name.

    Raises:
        BadAnnotationsError: A part is missing or has the wrong form.
    """
    if not isinstance(document, dict):
        raise BadAnnotationsError("send a COCO document: an object with images, annotations and categories")
    for part in ("images", "annotations", "categories"):
        if not isinstance(document.get(part), list):
            raise BadAnnotationsError(f"the COCO document needs a list {part!r}")
    names = {_member(c, "id", "categories", n): str(_member(c, "name", "categories", n))
             for n, c in enumerate(document["categories"])}  # fmt: skip
    files = {_member(i, "id", "images", n): file_name(str(_member(i, "file_name", "images", n)))
             for n, i in enumerate(document["images"])}  # fmt: skip
    boxes: dict[str, list[DrawnBox]] = {name: [] for name in files.values()}
    for number, annotation in enumerate(document["annotations"]):
        image = _member(annotation, "image_id", "annotations", number)
        category = _member(annotation, "category_id", "annotations", number)
        if image not in files:
            raise BadAnnotationsError(f"annotations[{number}]: image_id {image!r} is not among the images")
        if category not in names:
            raise BadAnnotationsError(
                f"annotations[{number}]: category_id {category!r} is not among the categories"
            )
        boxes[files[image]].append(_box(annotation, names[category], number))
    return boxes


def _member(item: Any, name: str, part: str, number: int) -> Any:
    if not isinstance(item, dict) or item.get(name) is None:
        raise BadAnnotationsError(f"{part}[{number}] needs {name!r}")
    return item[name]


def _box(annotation: dict[str, Any], label: str, number: int) -> DrawnBox:
    bbox = annotation.get("bbox")
    if not isinstance(bbox, list) or len(bbox) != 4 or not all(isinstance(v, int | float) for v in bbox):
        raise BadAnnotationsError(f"annotations[{number}]: bbox must be [left, top, width, height] in pixels")
    left, top, width, height = bbox
    right, bottom = round(left + width), round(top + height)
    return DrawnBox(label, round(left), round(top), right - round(left), bottom - round(top))


def _shake(box: DrawnBox, width: int, height: int, error: float, hand: random.Random) -> DrawnBox | None:
    """Return the box as an unsteady hand draws it inside the image, None when nothing of it is inside."""
    left = box.left + hand.gauss(0, error) * box.width
    top = box.top + hand.gauss(0, error) * box.height
    right = box.left + box.width + hand.gauss(0, error) * box.width
    bottom = box.top + box.height + hand.gauss(0, error) * box.height
    x0, x1 = (min(max(round(x), 0), width) for x in (left, right))
    y0, y1 = (min(max(round(y), 0), height) for y in (top, bottom))
    if x1 - x0 < 1 or y1 - y0 < 1:
        return None
    return DrawnBox(box.label, x0, y0, x1 - x0, y1 - y0)
