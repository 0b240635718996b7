"""From scores to confidences that mean what they say."""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from simulator.detector.boxes import Array


@dataclass(frozen=True)
class Calibration:
    """A logistic curve over evidence: `weights` (k,) and `offset`."""

    weights: Array
    offset: float

    @classmethod
    def fit(cls, evidence: Array, right: Array) -> "Calibration":
        """Learn from evidence (n, k) and whether each case was right (n,).

        The targets are drawn in from 0 and 1 as by Platt (1999), so that few or one-sided cases do not make
        it sure of itself.
        """
        hits = int(right.sum())
        misses = len(right) - hits
        target = np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2))
        rows = np.concatenate([evidence, evidence])
        classes = np.repeat([1, 0], len(evidence))
        model = LogisticRegression(C=1.0, max_iter=1000)
        model.fit(rows, classes, sample_weight=np.concatenate([target, 1 - target]))
        return cls(model.coef_[0].astype(np.float64), float(model.intercept_[0]))

    def confidence(self, evidence: Array) -> Array:
        """The chance, 0 to 1, that each case of the evidence (n, k) is right: (n,)."""
        return np.asarray(1 / (1 + np.exp(-np.clip(evidence @ self.weights + self.offset, -30, 30))))
