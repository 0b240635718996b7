"""A learner that learns one thing only, quickly: the colour of each label."""

import json
from collections.abc import Sequence

import numpy as np

from simulator.rekognition.boxes import Box, Found, Truth
from simulator.rekognition.learner import Image, ImageSource

_NEAR = 40


class ColourModel:
    def __init__(self, colours: dict[str, list[float]]) -> None:
        self._colours = colours

    def find(self, image: Image) -> list[Found]:
        found = []
        for label, colour in self._colours.items():
            near = np.abs(image.astype(float) - colour).max(axis=2) < _NEAR
            rows, columns = np.nonzero(near)
            if rows.size < 100:
                continue
            left, top = int(columns.min()), int(rows.min())
            width, height = int(columns.max()) - left + 1, int(rows.max()) - top + 1
            confidence = float(near[top : top + height, left : left + width].mean())
            found.append(Found(label, Box(left, top, width, height), confidence))
        return sorted(found, key=lambda item: -item.confidence)

    def to_bytes(self) -> bytes:
        return json.dumps(self._colours).encode()


class ColourLearner:
    def fit(
        self, images: Sequence[ImageSource], truths: Sequence[Sequence[Truth]], *, seed: int
    ) -> ColourModel:
        seen: dict[str, list[list[float]]] = {}
        for source, boxes in zip(images, truths, strict=True):
            pixels = source()
            for truth in boxes:
                x, y = int(truth.box.left), int(truth.box.top)
                inside = pixels[y : y + int(truth.box.height), x : x + int(truth.box.width)]
                seen.setdefault(truth.label, []).append(np.median(inside, axis=(0, 1)).tolist())
        return ColourModel({label: np.mean(colours, axis=0).tolist() for label, colours in seen.items()})

    def load(self, data: bytes) -> ColourModel:
        return ColourModel(json.loads(data))
