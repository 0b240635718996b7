"""A learner that learns one thing only, quickly: the colour of each label."""

import json

import numpy as np

from simulator.rekognition.boxes import Box, Found
from simulator.rekognition.learner import Image, Learned, Lesson
from simulator.rekognition.pixels import decode

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


class ColourLearner:
    def learn(self, lesson: Lesson) -> Learned:
        seen: dict[str, list[list[float]]] = {}
        for path, boxes in zip(lesson.images, lesson.truths, strict=True):
            pixels = decode(path.read_bytes())
            for truth in boxes:
                x, y = int(truth.box.left), int(truth.box.top)
                inside = pixels[y : y + int(truth.box.height), x : x + int(truth.box.width)]
                seen.setdefault(truth.label, []).append(np.median(inside, axis=(0, 1)).tolist())
        colours = {label: np.mean(medians, axis=0).tolist() for label, medians in seen.items()}
        model = ColourModel(colours)
        found = [model.find(decode(path.read_bytes())) for path in lesson.tests]
        return Learned(json.dumps(colours).encode(), found)

    def load(self, data: bytes) -> ColourModel:
        return ColourModel(json.loads(data))

    def close(self) -> None:
        pass
