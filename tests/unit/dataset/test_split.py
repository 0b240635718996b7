"""Which images train and which test."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.dataset.split import MAX_TEST_IMAGES, allot, divide, images_per_label
from services.dataset.usable import image_hash

FRACTIONS = st.sampled_from([0.05, 0.1, 0.2, 0.25, 0.3, 0.5])
GROUPS = st.dictionaries(
    st.integers(1, 2**6 - 1), st.integers(1, 400) | st.integers(1, 3), min_size=1, max_size=12
)
SINGLE_LABEL_GROUPS = st.dictionaries(
    st.sampled_from([1 << label for label in range(10)]), st.integers(1, 900), min_size=1
)


def labels_of(group: int) -> list[int]:
    return [label for label in range(10) if group >> label & 1]


def shown(groups: dict[int, int]) -> Counter[int]:
    """Count images by label."""
    return Counter(
        {
            label: sum(size for group, size in groups.items() if group >> label & 1)
            for label in {label for group in groups for label in labels_of(group)}
        }
    )


def split_of(groups: dict[int, int], fraction: float) -> tuple[Counter[int], Counter[int]]:
    sizes = allot(groups, fraction)
    assert all(0 <= sizes[group] <= size for group, size in groups.items())
    return shown(groups), shown(sizes)


@given(groups=GROUPS, fraction=FRACTIONS)
def test_every_label_keeps_an_image_to_train_on(groups: dict[int, int], fraction: float) -> None:
    images, tests = split_of(groups, fraction)
    assert all(images[label] - tests[label] >= 1 for label in images)


@given(groups=GROUPS, fraction=FRACTIONS)
def test_a_label_goes_untested_only_where_a_test_would_take_some_labels_last_training_image(
    groups: dict[int, int], fraction: float
) -> None:
    images, tests = split_of(groups, fraction)
    for label in images:
        if images[label] >= 2 and tests[label] == 0:
            showing = [group for group in groups if group >> label & 1]
            assert all(any(images[other] - tests[other] == 1 for other in labels_of(g)) for g in showing)


@given(groups=SINGLE_LABEL_GROUPS, fraction=FRACTIONS)
def test_with_one_label_to_an_image_each_is_shared_as_asked_to_the_nearest_image(
    groups: dict[int, int], fraction: float
) -> None:
    images, tests = split_of(groups, fraction)
    for label in images:
        if images[label] == 1:
            assert tests[label] == 0
        else:
            assert tests[label] == max(1, tests[label])
            assert (
                abs(tests[label] - images[label] * fraction) <= max(0.5, 1 - images[label] * fraction) + 1e-9
            )


@given(groups=GROUPS, fraction=FRACTIONS)
def test_mixed_images_leave_each_labels_share_near_what_was_asked_for(
    groups: dict[int, int], fraction: float
) -> None:
    images, tests = split_of(groups, fraction)
    # Each of the up to twelve groups is rounded by less than an image, and covering adds some more.
    assert all(abs(tests[label] - images[label] * fraction) <= len(groups) + 6 for label in images)


@given(
    counts=st.dictionaries(st.integers(1, 15), st.integers(1, 12), min_size=1, max_size=6),
    fraction=FRACTIONS,
    seed=st.randoms(use_true_random=False),
)
def test_the_order_of_the_images_changes_nothing(
    counts: dict[int, int], fraction: float, seed: random.Random
) -> None:
    images = [(group, image_hash(f"{group}/{n}.jpg")) for group, size in counts.items() for n in range(size)]
    chosen = chosen_of(images, fraction)
    seed.shuffle(images)
    assert chosen_of(images, fraction) == chosen


def chosen_of(images: list[tuple[int, int]], fraction: float) -> set[int]:
    in_test = divide([group for group, _ in images], [hashed for _, hashed in images], fraction)
    return {hashed for (_, hashed), tests in zip(images, in_test, strict=True) if tests}


@given(
    groups=st.dictionaries(st.integers(1, 15), st.integers(1, 40), min_size=1, max_size=6), fraction=FRACTIONS
)
def test_as_many_images_test_as_the_sizes_say(groups: dict[int, int], fraction: float) -> None:
    label_sets = [group for group, size in groups.items() for _ in range(size)]
    hashes = [image_hash(str(number)) for number in range(len(label_sets))]
    in_test = divide(label_sets, hashes, fraction)
    sizes = Counter(group for group, tests in zip(label_sets, in_test, strict=True) if tests)
    assert sizes == Counter({group: size for group, size in allot(groups, fraction).items() if size})


def test_a_label_with_one_example_is_trained_and_not_tested() -> None:
    assert allot({0b01: 10, 0b10: 1}, 0.2) == {0b01: 2, 0b10: 0}


def test_of_two_images_one_trains_and_one_tests() -> None:
    assert allot({0b1: 2}, 0.05) == {0b1: 1}
    assert allot({0b1: 2}, 0.5) == {0b1: 1}


def test_a_scarce_label_gets_its_test_image_from_a_mixed_one_if_it_must() -> None:
    assert allot({0b01: 50, 0b11: 2}, 0.2)[0b11] == 1


def test_no_label_gets_more_test_images_than_custom_labels_takes() -> None:
    images, tests = split_of({0b01: 100_000, 0b11: 20_000, 0b10: 500}, 0.2)
    assert images[0] == 120_000
    assert tests[0] == MAX_TEST_IMAGES
    assert tests[1] <= MAX_TEST_IMAGES


def test_images_are_counted_by_every_label_they_show() -> None:
    assert images_per_label([0b01, 0b11, 0b10, 0b11], 3) == [3, 3, 0]
