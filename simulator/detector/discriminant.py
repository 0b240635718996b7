"""Which label, or none: principal components of the descriptions, then linear discriminants."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA

from simulator.detector.boxes import Array

_COMPONENTS = 120
_ENOUGH = 1500
_SHRINKAGE = 0.1  # towards no correlation: few examples say little about it
_NEVER = -1e3


@dataclass(frozen=True)
class Basis:
    """The directions in which descriptions differ most: `mean` (k,) and `axes` (components, k)."""

    mean: Array
    axes: Array

    @classmethod
    def fit(cls, rows: Array, *, seed: int) -> "Basis":
        """Learn from descriptions (n, k), of many no more than enough."""
        if len(rows) > _ENOUGH:
            rows = rows[np.random.default_rng(seed).permutation(len(rows))[:_ENOUGH]]
        count = min(_COMPONENTS, len(rows) - 1, rows.shape[1])
        model = PCA(count, svd_solver="randomized", random_state=seed).fit(rows)
        return cls(model.mean_.astype(np.float32), model.components_.astype(np.float32))

    def project(self, views: Sequence[Array]) -> list[Array]:
        """Coordinates along the axes of groups of descriptions (v, k): groups of (v, components)."""
        if not views:
            return []
        # Not a matrix product: its threads would fight with those of other work for so small a task.
        coordinates = np.einsum("nk,ck->nc", np.concatenate(views) - self.mean, self.axes)
        return np.split(coordinates, np.cumsum([len(view) for view in views])[:-1])


@dataclass(frozen=True)
class Discriminant:
    """A linear answer for each class: `weights` (classes, components) and `offsets` (classes,)."""

    weights: Array
    offsets: Array

    @classmethod
    def fit(cls, rows: Array, classes: Array, *, count: int) -> "Discriminant":
        """Learn from coordinates (n, components) and class numbers (n,) below `count`.

        All classes count as equally frequent, however many examples they have. A class without examples is
        never answered.
        """
        weights = np.zeros((count, rows.shape[1]), np.float32)
        offsets = np.full(count, _NEVER, np.float32)
        present = np.unique(classes)
        means = np.stack([rows[classes == kind].mean(axis=0) for kind in present])
        spread = _spread_within(rows, classes, present, means)
        weights[present] = np.linalg.solve(spread, means.T).T
        offsets[present] = -0.5 * (weights[present] * means).sum(axis=1)
        return cls(weights, offsets)

    def probabilities(self, rows: Array) -> Array:
        """How likely each class is for coordinates (..., components): (..., classes)."""
        answers = rows @ self.weights.T + self.offsets
        grown = np.exp(answers - answers.max(axis=-1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=-1, keepdims=True))


def _spread_within(rows: Array, classes: Array, present: Array, means: Array) -> Array:
    """The mean covariance within the classes, shrunk: (components, components)."""
    size = rows.shape[1]
    total = np.zeros((size, size))
    for kind, mean in zip(present, means, strict=True):
        apart = rows[classes == kind] - mean
        total += apart.T @ apart / (len(apart) * len(present))
    own = np.diag(np.diag(total) + 1e-6)
    return np.asarray((1 - _SHRINKAGE) * total + _SHRINKAGE * own)
