"""Which images are kept apart for the check."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from demo.split import keep_apart

IMAGES = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=4),
    st.frozensets(st.sampled_from(["passport", "id-card", "driving-licence"]), min_size=1),
    min_size=1,
    max_size=60,
)


def test_each_label_gives_a_fifth_of_its_images() -> None:
    images = {f"{number:02}.jpg": {["passport", "id-card", "visa"][number % 3]} for number in range(90)}
    apart = keep_apart(images, share=0.2, seed=1)
    assert Counter(next(iter(images[name])) for name in apart) == {"passport": 6, "id-card": 6, "visa": 6}


def test_a_rare_label_is_in_the_check_and_in_the_training() -> None:
    images = {f"{number:02}.jpg": {"passport"} for number in range(40)} | {
        "x.jpg": {"visa"},
        "y.jpg": {"visa"},
    }
    apart = keep_apart(images, share=0.2, seed=1)
    assert len(apart & {"x.jpg", "y.jpg"}) == 1


def test_an_image_of_two_labels_serves_both() -> None:
    images = {f"{number}.jpg": {"passport", "visa"} for number in range(10)}
    assert len(keep_apart(images, share=0.2, seed=1)) == 2


@given(IMAGES)
def test_no_label_loses_its_last_image_to_the_check(images: dict[str, frozenset[str]]) -> None:
    apart = keep_apart(images, share=0.2, seed=1)
    left = {label for name, labels in images.items() if name not in apart for label in labels}
    assert left == {label for labels in images.values() for label in labels}


@given(IMAGES, st.randoms())
def test_the_order_of_the_images_does_not_matter(
    images: dict[str, frozenset[str]], shuffler: random.Random
) -> None:
    items = list(images.items())
    shuffler.shuffle(items)
    assert keep_apart(dict(items), share=0.2, seed=7) == keep_apart(images, share=0.2, seed=7)
