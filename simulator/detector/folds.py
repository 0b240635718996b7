"""Leaving out a part of the images in turn, so that every image is answered for by what did not see it."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from simulator.detector.boxes import Array

_FOLDS = 4
_NOWHERE = -1


def fold(shown: Sequence[AbstractSet[int]], rng: np.random.Generator) -> Array:
    """The part each image belongs to, from the labels it shows: each label spread evenly over the parts.

    An image that alone shows some label belongs to no part (-1): without it that label could not be learnt.
    """
    count = Counter(label for labels in shown for label in labels)
    alone = [any(count[label] == 1 for label in labels) for labels in shown]
    order = sorted(rng.permutation(len(shown)), key=lambda index: sorted(shown[index]))
    parts = np.full(len(shown), _NOWHERE)
    spread = [index for index in order if not alone[index]]
    parts[spread] = np.arange(len(spread)) % _FOLDS
    return parts


def turns(folds: Array) -> list[int]:
    """The parts to leave out in turn; one turn that leaves out nothing when there are fewer than two."""
    parts = [int(part) for part in np.unique(folds) if part != _NOWHERE]
    return parts if len(parts) > 1 else [_FOLDS]


def answered(folds: Array, turn: int) -> Array:
    """Which images this turn answers for (n,): its own part, and in the first turn those of no part."""
    every = turns(folds)
    return np.asarray((folds == turn) | ((turn == every[0]) & ~np.isin(folds, every)))
