"""A forest of regression trees kept as plain arrays, so that it can be stored without pickling."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

from simulator.detector.boxes import Array

_TREES = 30
_DEPTH = 13
_MANY = 2000  # rows from which a second thread is worth starting


@dataclass(frozen=True)
class Forest:
    """All nodes of all trees in one row each; a leaf is its own child.

    `roots` (trees,) and `children` (nodes, 2) are node numbers, `features` (nodes,) are columns of the input,
    `thresholds` (nodes,) the largest values that go to the first child, `values` (nodes,) the answers.
    """

    roots: Array
    children: Array
    features: Array
    thresholds: Array
    values: Array

    @classmethod
    def fit(cls, rows: Array, targets: Array, *, seed: int) -> "Forest":
        """Learn to answer `targets` (n,) for `rows` (n, k); the same arguments give the same forest."""
        model = ExtraTreesRegressor(
            n_estimators=_TREES,
            max_depth=_DEPTH,
            min_samples_leaf=3,
            max_features=0.35,
            random_state=seed,
            n_jobs=2 if len(rows) > _MANY else 1,
        ).fit(rows.astype(np.float32), targets)
        return cls.of(model)

    @classmethod
    def of(cls, model: ExtraTreesRegressor) -> "Forest":
        """The same trees as a fitted forest of the library, at most as deep as `fit` grows them."""
        return cls.join([cls._of_tree(estimator.tree_) for estimator in model.estimators_])

    @classmethod
    def join(cls, forests: Sequence["Forest"]) -> "Forest":
        """One forest with the trees of all; it answers their mean, each tree counting the same."""
        sizes = [len(forest.values) for forest in forests]
        starts = np.cumsum([0, *sizes[:-1]])
        return cls(
            roots=np.concatenate(
                [forest.roots + start for forest, start in zip(forests, starts, strict=True)]
            ).astype(np.int32),
            children=np.concatenate(
                [forest.children + start for forest, start in zip(forests, starts, strict=True)]
            ).astype(np.int32),
            features=np.concatenate([forest.features for forest in forests]),
            thresholds=np.concatenate([forest.thresholds for forest in forests]),
            values=np.concatenate([forest.values for forest in forests]),
        )

    @classmethod
    def _of_tree(cls, tree: Any) -> "Forest":
        leaf = tree.children_left < 0
        own = np.arange(tree.node_count)
        pair = np.stack([tree.children_left, tree.children_right], axis=1)
        return cls(
            roots=np.zeros(1, np.int32),
            children=np.where(leaf[:, None], own[:, None], pair).astype(np.int32),
            features=np.where(leaf, 0, tree.feature).astype(np.int16),
            thresholds=tree.threshold.astype(np.float32),
            values=tree.value[:, 0, 0].astype(np.float32),
        )

    def predict(self, rows: Array) -> Array:
        """The mean answer of the trees for each of the rows (n, k): shape (n,)."""
        flat, width = rows.astype(np.float32).ravel(), rows.shape[1]
        starts = np.arange(len(rows))[:, None] * width
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        turns = self.children.ravel()
        for _ in range(_DEPTH):
            right = flat.take(starts + self.features.take(nodes)) > self.thresholds.take(nodes)
            nodes = turns.take(2 * nodes + right)
        return np.asarray(self.values.take(nodes).mean(axis=1))
