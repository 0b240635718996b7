import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulator.detector.folds import answered, fold, turns

SHOWN = st.lists(st.sets(st.integers(0, 3), max_size=2), min_size=1, max_size=20)


@given(SHOWN)
def test_every_image_is_answered_for_once(shown: list[set[int]]) -> None:
    folds = fold(shown, np.random.default_rng(0))
    answers = np.sum([answered(folds, turn) for turn in turns(folds)], axis=0)
    assert answers.tolist() == [1] * len(shown)


@given(SHOWN)
def test_every_turn_has_images_to_learn_from_and_an_only_example_is_never_left_out(
    shown: list[set[int]],
) -> None:
    folds = fold(shown, np.random.default_rng(0))
    only = [
        index for index, labels in enumerate(shown) for label in labels if sum(label in s for s in shown) == 1
    ]
    for turn in turns(folds):
        kept = np.flatnonzero(folds != turn)
        assert len(kept)
        assert set(only) <= set(kept.tolist())


def test_a_frequent_label_is_spread_over_all_parts() -> None:
    folds = fold([{0}] * 8 + [{1}] * 8, np.random.default_rng(0))
    assert [sorted(folds[:8]), sorted(folds[8:])] == [[0, 0, 1, 1, 2, 2, 3, 3]] * 2
