"""A classifier of whole images, for models trained on image-level labels.

Colour and edge statistics, and a logistic regression for each label. It tells apart what looks different as a
whole; that is all that image-level training is asked for here.
"""

import json
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Image = npt.NDArray[np.uint8]
Vector = npt.NDArray[np.float64]

_SIDE = 64
_GRID = 4
_DIRECTIONS = 8


class Classifier:
    """Gives each label a probability for an image as a whole."""

    def __init__(
        self, labels: Sequence[str], weights: Vector, biases: Vector, mean: Vector, spread: Vector
    ) -> None:
        self.labels = tuple(labels)
        self._weights = weights
        self._biases = biases
        self._mean = mean
        self._spread = spread

    @classmethod
    def fit(
        cls, features: Sequence[Vector], labels_of: Sequence[Sequence[str]], *, seed: int
    ) -> "Classifier":
        """Train on the features of images and the labels each has."""
        labels = sorted({label for labels in labels_of for label in labels})
        table = np.stack(features)
        mean, spread = table.mean(axis=0), table.std(axis=0) + 1e-6
        table = (table - mean) / spread
        fitted = [_fit_label(table, [label in labels for labels in labels_of], seed) for label in labels]
        weights, biases = zip(*fitted, strict=True)
        return cls(labels, np.stack(weights), np.array(biases), mean, spread)

    def predict(self, image: Image) -> dict[str, float]:
        """Return each label's probability, 0 to 1."""
        scores = self._weights @ ((describe(image) - self._mean) / self._spread) + self._biases
        return dict(zip(self.labels, (1 / (1 + np.exp(-scores))).tolist(), strict=True))

    def to_bytes(self) -> bytes:
        """Return the classifier as JSON."""
        arrays = (self._weights, self._biases, self._mean, self._spread)
        return json.dumps([self.labels, *(array.tolist() for array in arrays)]).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Classifier":
        """Return the classifier that `to_bytes` gave."""
        labels, *arrays = json.loads(data)
        weights, biases, mean, spread = (np.array(array, np.float64) for array in arrays)
        return cls(labels, weights, biases, mean, spread)


def describe(image: Image) -> Vector:
    """Return an image's features: colours, edge directions by region, and a very small copy."""
    small = np.asarray(cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)
    hsv = cv2.cvtColor(small, cv2.COLOR_BGR2HSV)
    colours = cv2.calcHist([hsv], [0, 1, 2], None, [8, 4, 4], [0, 180, 0, 256, 0, 256]).ravel()
    tiny = cv2.resize(small, (8, 8), interpolation=cv2.INTER_AREA).ravel() / 255
    parts = (colours / colours.sum(), _edges(small), tiny)
    return np.concatenate([np.asarray(part, np.float64) for part in parts])


def _edges(small: Image) -> Vector:
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    strength, angle = cv2.cartToPolar(across, down)
    bins = np.minimum((angle / (2 * np.pi) * _DIRECTIONS).astype(int), _DIRECTIONS - 1)
    cell = _SIDE // _GRID
    histograms = [
        np.bincount(
            bins[y : y + cell, x : x + cell].ravel(),
            weights=strength[y : y + cell, x : x + cell].ravel(),
            minlength=_DIRECTIONS,
        )
        for y in range(0, _SIDE, cell)
        for x in range(0, _SIDE, cell)
    ]
    edges = np.concatenate(histograms)
    return np.asarray(edges / (np.linalg.norm(edges) + 1e-6), np.float64)


def _fit_label(table: Vector, present: list[bool], seed: int) -> tuple[Vector, float]:
    if all(present):
        # Nothing to tell it from: every image has the label.
        return np.zeros(table.shape[1]), 4.0
    model = LogisticRegression(C=0.1, max_iter=1000, class_weight="balanced", random_state=seed)
    model.fit(table, present)
    return np.asarray(model.coef_[0], np.float64), float(model.intercept_[0])
