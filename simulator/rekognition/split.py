"""Keeps a fifth of a set apart for testing, label by label."""

import random
from collections import Counter
from collections.abc import Collection, Sequence

TEST_SHARE = 0.2


class TooFewImagesError(Exception):
    """A label has not enough images to be in both halves."""


def choose_test(labels_of: Sequence[Collection[str]], seed: int) -> set[int]:
    """Return the indices that go to the test half: of each label about a fifth, at least one, never all.

    `labels_of` gives each image's labels; an image without labels stays in the training half.

    Raises:
        TooFewImagesError: There is no label, or one with a single image.
    """
    totals = Counter(label for labels in labels_of for label in set(labels))
    if not totals or min(totals.values()) < 2:
        raise TooFewImagesError
    order = [index for index, labels in enumerate(labels_of) if labels]
    random.Random(seed).shuffle(order)  # noqa: S311 (repeatable, not secret)
    chosen: set[int] = set()
    taken: Counter[str] = Counter()
    for label in sorted(totals, key=lambda name: (totals[name], name)):
        goal = max(1, round(TEST_SHARE * totals[label]))
        for index in order:
            if taken[label] >= goal:
                break
            labels = set(labels_of[index])
            leaves_one = all(taken[other] + 1 < totals[other] for other in labels)
            if index not in chosen and label in labels and leaves_one:
                chosen.add(index)
                taken.update(labels)
    return chosen
