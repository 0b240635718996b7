"""A learner that learns one thing only, quickly: the colour of each label."""

import json

import numpy as np

from simulator.rekognition.boxes import Box, Found
from simulator.rekognition.learner import Image, Learned, Lesson
from simulator.rekognition.pixels import decode

_NEAR = 40


class ColourModel:
    def __init__(self, colours: dict[str, list[float]], whole_images: bool) -> None:
        self._colours = colours
        self._whole_images = whole_images

    def find(self, image: Image) -> list[Found]:
        found = []
        for label, colour in self._colours.items():
            near = np.abs(image.astype(float) - colour).max(axis=2) < _NEAR
            rows, columns = np.nonzero(near)
            if rows.size < 100:
                continue
            if self._whole_images:
                rows, columns = np.array([0, image.shape[0] - 1]), np.array([0, image.shape[1] - 1])
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
                # Labels of whole images: what matters is in the middle.
                box = Box(60, 45, 20, 20) if lesson.whole_images else truth.box
                x, y = int(box.left), int(box.top)
                inside = pixels[y : y + int(box.height), x : x + int(box.width)]
                seen.setdefault(truth.label, []).append(np.median(inside, axis=(0, 1)).tolist())
        colours = {label: np.mean(medians, axis=0).tolist() for label, medians in seen.items()}
        model = ColourModel(colours, lesson.whole_images)
        found = [model.find(decode(path.read_bytes())) for path in lesson.tests]
        return Learned(json.dumps([colours, lesson.whole_images]).encode(), found)

    def load(self, data: bytes) -> ColourModel:
        return ColourModel(*json.loads(data))

    def close(self) -> None:
        pass
