"""A forest of regression trees kept as plain arrays, so that it can be stored without pickling."""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor

from simulator.detector.boxes import Array

_TREES = 80


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
    depth: int

    @classmethod
    def fit(cls, rows: Array, targets: Array, *, seed: int) -> "Forest":
        """Learn to answer `targets` (n,) for `rows` (n, k); the same arguments give the same forest."""
        model = ExtraTreesRegressor(
            n_estimators=_TREES, min_samples_leaf=3, max_features=0.35, random_state=seed, n_jobs=2
        ).fit(rows.astype(np.float32), targets)
        trees = [tree.tree_ for tree in model.estimators_]
        roots = np.cumsum([0] + [tree.node_count for tree in trees[:-1]])
        children, features, thresholds, values = [], [], [], []
        for root, tree in zip(roots, trees, strict=True):
            leaf = tree.children_left < 0
            own = np.arange(tree.node_count)
            pair = np.stack([tree.children_left, tree.children_right], axis=1)
            children.append(np.where(leaf[:, None], own[:, None], pair) + root)
            features.append(np.where(leaf, 0, tree.feature))
            thresholds.append(tree.threshold)
            values.append(tree.value[:, 0, 0])
        return cls(
            roots=roots.astype(np.int32),
            children=np.concatenate(children).astype(np.int32),
            features=np.concatenate(features).astype(np.int16),
            thresholds=np.concatenate(thresholds).astype(np.float32),
            values=np.concatenate(values).astype(np.float32),
            depth=max(tree.max_depth for tree in trees),
        )

    def predict(self, rows: Array) -> Array:
        """The mean answer of the trees for each of the rows (n, k): shape (n,)."""
        rows = rows.astype(np.float32)
        nodes = np.broadcast_to(self.roots, (len(rows), len(self.roots))).copy()
        lines = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            right = rows[lines, self.features[nodes]] > self.thresholds[nodes]
            nodes = self.children[nodes, right.astype(np.intp)]
        return np.asarray(self.values[nodes].mean(axis=1))
