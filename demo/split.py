"""Keeping a share of the images apart, so that the model is checked on what it has never seen."""

import random
from collections import Counter
from collections.abc import Mapping, Set


def keep_apart(images: Mapping[str, Set[str]], *, share: float, seed: int) -> frozenset[str]:
    """Choose the images to keep apart: about `share` of them, and of each label.

    `images` maps file names to the labels they show. Labels are served from the rarest on, since a common
    one has images to spare; a label on two images or more keeps at least one for training. The same
    arguments give the same choice, whatever order the images come in.
    """
    shuffled = sorted(images)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - a reproducible draw, not a secret
    counts = Counter(label for labels in images.values() for label in labels)
    apart: set[str] = set()
    for label, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        showing = [name for name in shuffled if label in images[name]]
        missing = max(1, round(share * count)) - sum(name in apart for name in showing)
        for name in [name for name in showing if name not in apart][: max(0, missing)]:
            if _training_survives(images, apart | {name}, images[name]):
                apart.add(name)
    return frozenset(apart)


def _training_survives(images: Mapping[str, Set[str]], apart: Set[str], labels: Set[str]) -> bool:
    left = [shown for name, shown in images.items() if name not in apart]
    return all(any(label in shown for shown in left) for label in labels)
