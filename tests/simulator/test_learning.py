"""The detector in a training process of its own."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.core.geometry import overlap
from simulator.learning import DetectorLearner, LearningFailedError
from simulator.rekognition.boxes import Box, Truth
from simulator.rekognition.learner import Lesson
from simulator.rekognition.pixels import decode
from tests.simulator.builders import box_of, picture
from tests.simulator.conftest import wait_until


def lesson(folder: Path, *, train: int = 6, test: int = 3) -> Lesson:
    paths, truths = [], []
    for index in range(train + test):
        label, *box = box_of(index)
        paths.append(folder / f"{index}.png")
        paths[-1].write_bytes(picture([box_of(index)]))
        truths.append([Truth(label, Box(*box))])
    return Lesson(paths[:train], truths[:train], paths[train:], seed=1)


def test_a_model_is_learned_tried_out_and_loaded_again(tmp_path: Path) -> None:
    given = lesson(tmp_path)
    learner = DetectorLearner()
    learned = learner.learn(given)
    model = learner.load(learned.model)
    for number, (path, found) in enumerate(zip(given.tests, learned.found, strict=True)):
        label, *box = box_of(6 + number)
        assert found[0].label == label
        assert overlap(found[0].box, Box(*box)) > 0.8
        assert model.find(decode(path.read_bytes())) == found


def test_labels_of_whole_images_are_learned_too(tmp_path: Path) -> None:
    boxes = lesson(tmp_path)
    everything = Box(0, 0, 200, 150)
    given = replace(
        boxes, truths=[[Truth(t.label, everything) for t in ts] for ts in boxes.truths], whole_images=True
    )
    learner = DetectorLearner()
    learned = learner.learn(given)
    model = learner.load(learned.model)
    for number, (path, found) in enumerate(zip(given.tests, learned.found, strict=True)):
        best, *others = found
        assert (best.label, best.box) == (box_of(6 + number)[0], everything)
        assert best.confidence > 0.5 > max(item.confidence for item in others)
        assert model.find(decode(path.read_bytes())) == found


def test_a_lesson_that_cannot_be_learned_tells_why(tmp_path: Path) -> None:
    given = lesson(tmp_path, train=2, test=1)
    given.images[0].write_bytes(b"no image")
    with pytest.raises(LearningFailedError, match="cannot be decoded"):
        DetectorLearner().learn(given)


def test_closing_breaks_off_what_is_being_learned(tmp_path: Path) -> None:
    learner = DetectorLearner()
    ended: list[BaseException] = []

    def learn() -> None:
        with pytest.raises(LearningFailedError) as caught:
            learner.learn(lesson(tmp_path))
        ended.append(caught.value)

    thread = threading.Thread(target=learn)
    thread.start()
    wait_until(learner.is_busy)
    learner.close()
    thread.join(10)
    assert len(ended) == 1
    with pytest.raises(LearningFailedError, match="stopping"):
        learner.learn(lesson(tmp_path))
