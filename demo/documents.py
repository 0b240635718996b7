"""Synthetic photographs of identity documents, with the boxes a labeller would draw.

The documents belong to no state and show nobody, so they can be shared freely. Each image is a function of
the seed and its place in the series: the same arguments give the same files, and a longer series begins
with the shorter one.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from demo.documents_backgrounds import Size, draw_background
from demo.documents_camera import corners, draw_pose, lay_document, photograph
from demo.documents_designs import DESIGNS, draw_document

LABELS: tuple[str, ...] = tuple(DESIGNS)
"""The document types, in the order of their COCO category ids."""

_LONG_SIDE = 800
_SHAPES: tuple[Size, ...] = ((800, 600), (600, 800), (800, 600), (600, 800), (800, 450), (450, 800))
_SHARE_OF_PAIRS = 0.15
_MARGIN = 6


class CocoImage(TypedDict):
    """One image: `file_name` is relative to the folder, sizes are in pixels."""

    id: int
    file_name: str
    width: int
    height: int


class CocoAnnotation(TypedDict):
    """One box: `bbox` is left, top, width, height in pixels; `area` is that of the box."""

    id: int
    image_id: int
    category_id: int
    bbox: list[float]
    area: float
    iscrowd: int


class CocoCategory(TypedDict):
    """One label."""

    id: int
    name: str


class CocoDocument(TypedDict):
    """The parts of the COCO object detection format that labelling tools exchange."""

    categories: list[CocoCategory]
    images: list[CocoImage]
    annotations: list[CocoAnnotation]


@dataclass(frozen=True)
class Sighting:
    """A document in a photograph: its type and its box (left, top, width, height in pixels)."""

    label: str
    bbox: tuple[int, int, int, int]


@dataclass(frozen=True)
class Photograph:
    """One image in memory: BGR pixels, the documents in it, and the JPEG quality it is to be stored with."""

    pixels: npt.NDArray[np.uint8]
    sightings: tuple[Sighting, ...]
    quality: int

    def to_jpeg(self) -> bytes:
        """Encode the pixels as a camera would store them."""
        _, encoded = cv2.imencode(".jpg", self.pixels, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        return encoded.tobytes()


def make_documents(folder: Path, *, count: int, seed: int) -> CocoDocument:
    """Write `count` photographs and `annotations.json` into the folder, and return what the latter holds.

    The first label takes turns with the others, so that any three images in a row show all of them. Raises
    ValueError when `count` is below one.
    """
    if count < 1:
        raise ValueError(f"count is {count}; ask for at least one image")
    folder.mkdir(parents=True, exist_ok=True)
    coco = CocoDocument(
        categories=[CocoCategory(id=place, name=label) for place, label in enumerate(LABELS)],
        images=[],
        annotations=[],
    )
    for index in range(count):
        photo = make_photograph(seed, index)
        name = f"document-{index:04d}.jpg"
        (folder / name).write_bytes(photo.to_jpeg())
        height, width = photo.pixels.shape[:2]
        coco["images"].append(CocoImage(id=index, file_name=name, width=width, height=height))
        coco["annotations"].extend(_annotations(photo, index, len(coco["annotations"])))
    (folder / "annotations.json").write_text(json.dumps(coco, indent=1) + "\n", encoding="utf-8")
    return coco


def make_photograph(seed: int, index: int) -> Photograph:
    """Make the image at place `index` (from 0) of the series of `seed`, in memory."""
    rng = np.random.default_rng([seed, index])
    size = _SHAPES[rng.integers(len(_SHAPES))]
    scene = draw_background(size, rng)
    labels = [LABELS[index % len(LABELS)]]
    if rng.random() < _SHARE_OF_PAIRS:
        labels.append(LABELS[rng.integers(len(LABELS))])
    masks = _lay_all(scene, labels, rng)
    sightings = tuple(Sighting(label, _outline(mask)) for label, mask in zip(labels, masks, strict=True))
    pixels = np.asarray(photograph(scene, rng), np.uint8)
    return Photograph(pixels, sightings, quality=int(rng.integers(62, 96)))


def _lay_all(scene: MatLike, labels: list[str], rng: np.random.Generator) -> list[MatLike]:
    """Lay the documents side by side, each within its own part of the scene; returns their masks."""
    height, width = scene.shape[:2]
    parts = len(labels)
    split = np.array([1.0 / parts, 1.0] if width > height else [1.0, 1.0 / parts])
    cell = np.array([width, height]) * split
    masks = []
    for place, label in enumerate(labels):
        document = draw_document(label, rng)
        origin = place * cell * (split < 1)
        quad = _fit_quad((width, height), origin, cell, document.pixels.shape[1::-1], rng)
        masks.append(lay_document(scene, document, quad, rng))
    return masks


def _fit_quad(
    image: Size, origin: MatLike, cell: MatLike, document: Size, rng: np.random.Generator
) -> MatLike:
    """Draw poses until one lies inside the cell, smaller ones as the tries go on."""
    share = 1.0
    while True:
        middle = origin + cell * rng.uniform(0.3, 0.7, 2)
        pose = draw_pose(image, (0.42 * share, 1.02 * share), (float(middle[0]), float(middle[1])), rng)
        quad = corners(pose, image, document)
        if (quad >= origin + _MARGIN).all() and (quad <= origin + cell - _MARGIN).all():
            return quad
        share = max(0.3, share * 0.97)


def _outline(mask: MatLike) -> tuple[int, int, int, int]:
    """The axis-aligned box round the pixels that the document covers by half or more."""
    left, top, width, height = cv2.boundingRect((mask >= 0.5).astype(np.uint8))
    return left, top, width, height


def _annotations(photo: Photograph, image_id: int, first_id: int) -> list[CocoAnnotation]:
    return [
        CocoAnnotation(
            id=first_id + place,
            image_id=image_id,
            category_id=LABELS.index(sighting.label),
            bbox=[float(value) for value in sighting.bbox],
            area=float(sighting.bbox[2] * sighting.bbox[3]),
            iscrowd=0,
        )
        for place, sighting in enumerate(photo.sightings)
    ]
