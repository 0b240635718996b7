"""Which images train the model and which ones test it.

The images that show the same document types form a group. How many of a group go to the test dataset is
decided such that each type's share there comes near to what was asked for; which ones, by the hash of their
address: the order of the manifest changes nothing. The idea, to serve the scarcest label first, is iterative
stratification (Sechidis, Tsoumakas, Vlahavas 2011), here on groups instead of single images.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import floor

MAX_TEST_IMAGES = 1000
"""Images of a label that a test dataset may hold (limits)."""


def divide(label_sets: Sequence[int], hashes: Sequence[int], test_fraction: float) -> bytearray:
    """Choose the test images.

    Every label keeps an image to train on. Every label with two or more images has one to test with, unless
    that would take another label's last training image.

    Args:
        label_sets: of each image the labels it shows, as a number with a bit for each label.
        hashes: of each image, all different.
        test_fraction: share of the images to test with, 0 to 1.

    Returns:
        For each image 1 when it is to test the model and 0 when it is to train it.
    """
    groups: dict[int, array[int]] = {}
    for label_set, hashed in zip(label_sets, hashes, strict=True):
        groups.setdefault(label_set, array("Q")).append(hashed)
    sizes = allot({label_set: len(group) for label_set, group in groups.items()}, test_fraction)
    last = {label_set: sorted(groups[label_set])[size - 1] for label_set, size in sizes.items() if size}
    return bytearray(
        label_set in last and hashed <= last[label_set]
        for label_set, hashed in zip(label_sets, hashes, strict=True)
    )


def allot(group_sizes: Mapping[int, int], test_fraction: float) -> dict[int, int]:
    """Say how many images of each group, which is named by its label set, are to test the model."""
    draft = _Draft(group_sizes, test_fraction)
    draft.round_down()
    draft.cover_every_label()
    draft.round_up()
    return draft.sizes


def images_per_label(label_sets: Iterable[int], labels: int) -> list[int]:
    """Count for each of so many labels the images that show it."""
    counts = [0] * labels
    for label_set, images in Counter(label_sets).items():
        for label in _members(label_set):
            counts[label] += images
    return counts


class _Draft:
    """A split in the making: each step keeps an image to train on for every label."""

    def __init__(self, group_sizes: Mapping[int, int], test_fraction: float) -> None:
        # Sorted, so that equal choices are made alike whatever the order of the images.
        self._groups = dict(sorted(group_sizes.items()))
        self._fraction = test_fraction
        self._members = {group: _members(group) for group in self._groups}
        self._images: Counter[int] = Counter()
        for group, size in self._groups.items():
            self._images.update(dict.fromkeys(self._members[group], size))
        self._tested: Counter[int] = Counter()
        self.sizes = dict.fromkeys(self._groups, 0)

    def round_down(self) -> None:
        """Take of each group the share that is wanted, less the rest of the division."""
        for group, size in self._groups.items():
            share = min(self._target(label) / self._images[label] for label in self._members[group])
            self._take(group, floor(size * share + 1e-9))

    def cover_every_label(self) -> None:
        """Give labels without a test image one, the scarcest first."""
        for label in sorted(self._images, key=lambda label: (self._images[label], label)):
            if self._tested[label] == 0:
                showing = [group for group in self._groups if label in self._members[group]]
                self._take_best(showing, lambda group: (self._covered(group), self._error_change(group)))

    def round_up(self) -> None:
        """Take single images more while that brings the labels nearer to the share that is wanted."""
        while self._take_best(self._wanted(), self._error_change):
            pass

    def _target(self, label: int) -> float:
        return min(self._images[label] * self._fraction, MAX_TEST_IMAGES)

    def _wanted(self) -> list[int]:
        return [group for group in self._groups if self._error_change(group) < 0]

    def _take_best(self, groups: list[int], rank: Callable[[int], float | tuple[float, ...]]) -> bool:
        possible = [group for group in groups if self._may_take(group)]
        if possible:
            self._take(min(possible, key=rank), 1)
        return bool(possible)

    def _may_take(self, group: int) -> bool:
        return self.sizes[group] < self._groups[group] and all(
            self._images[label] - self._tested[label] >= 2 and self._tested[label] < MAX_TEST_IMAGES
            for label in self._members[group]
        )

    def _error_change(self, group: int) -> float:
        """Say what one image more adds to the sum of the labels' squared distances from their targets."""
        return sum(2 * (self._tested[label] - self._target(label)) + 1 for label in self._members[group])

    def _covered(self, group: int) -> int:
        """Give minus the labels without a test image that one of this group would serve."""
        return -sum(self._tested[label] == 0 for label in self._members[group])

    def _take(self, group: int, images: int) -> None:
        self.sizes[group] += images
        for label in self._members[group]:
            self._tested[label] += images


def _members(label_set: int) -> tuple[int, ...]:
    return tuple(label for label in range(label_set.bit_length()) if label_set >> label & 1)
