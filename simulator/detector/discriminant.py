"""Which label, or none: principal components of the descriptions, then linear discriminants."""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from simulator.detector.boxes import Array

_COMPONENTS = 120
_SHRINKAGE = 0.1


@dataclass(frozen=True)
class Basis:
    """The directions in which descriptions differ most: `mean` (k,) and `axes` (components, k)."""

    mean: Array
    axes: Array

    @classmethod
    def fit(cls, rows: Array, *, seed: int) -> "Basis":
        """Learn from descriptions (n, k)."""
        count = min(_COMPONENTS, len(rows) - 1, rows.shape[1])
        model = PCA(count, svd_solver="randomized", random_state=seed).fit(rows)
        return cls(model.mean_.astype(np.float32), model.components_.astype(np.float32))

    def project(self, rows: Array) -> Array:
        """Coordinates of descriptions (..., k) along the axes: (..., components)."""
        return np.asarray((rows - self.mean) @ self.axes.T)


@dataclass(frozen=True)
class Discriminant:
    """A linear answer for each class: `weights` (classes, components) and `offsets` (classes,)."""

    weights: Array
    offsets: Array

    @classmethod
    def fit(cls, rows: Array, classes: Array, *, count: int) -> "Discriminant":
        """Learn from coordinates (n, components) and class numbers (n,) below `count`.

        A class without examples is never answered; with one class only, that is always the answer.
        """
        present = np.unique(classes)
        weights = np.zeros((count, rows.shape[1]), np.float32)
        offsets = np.full(count, -1e3, np.float32)
        if len(present) == 1:
            offsets[present] = 0
            return cls(weights, offsets)
        model = LinearDiscriminantAnalysis(
            solver="eigen", shrinkage=_SHRINKAGE, priors=np.full(len(present), 1 / len(present))
        ).fit(rows, classes)
        if len(present) == 2:
            weights[present[1]], offsets[present] = model.coef_[0], (0, model.intercept_[0])
        else:
            weights[present], offsets[present] = model.coef_, model.intercept_
        return cls(weights, offsets)

    def probabilities(self, rows: Array) -> Array:
        """How likely each class is for coordinates (..., components): (..., classes)."""
        answers = rows @ self.weights.T + self.offsets
        grown = np.exp(answers - answers.max(axis=-1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=-1, keepdims=True))
