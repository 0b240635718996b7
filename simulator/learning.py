"""Joins Custom Labels to the detector: trainings run in processes of their own.

A training keeps a core busy for half a minute; in a process it neither slows the server's answers nor holds
up its end. Run as `python -m simulator.learning FOLDER`, this module is that process.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simulator.classifier import Classifier, describe
from simulator.detector import Box as DetectorBox
from simulator.detector import Detector, Labelled
from simulator.rekognition.boxes import Box, Found, Truth
from simulator.rekognition.learner import Image, Learned, Lesson
from simulator.rekognition.pixels import decode

_LESSON, _MODEL, _FOUND = "lesson.json", "model.bin", "found.json"
# What a classifier's bytes begin with; a detector's are its own.
_CLASSIFIER = b"classifier:"


class LearningFailedError(Exception):
    """The training process ended without a model."""


class DetectorModel:
    """A trained detector, as Custom Labels uses one."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, image: Image) -> list[Found]:
        """Return every candidate, best first."""
        return [
            Found(d.label, Box(d.box.left, d.box.top, d.box.width, d.box.height), d.confidence)
            for d in self._detector.predict(image)
        ]


class ClassifierModel:
    """A trained classifier: its labels are boxes around the whole image."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def find(self, image: Image) -> list[Found]:
        """Return every label, most probable first."""
        height, width = image.shape[:2]
        everything = Box(0, 0, width, height)
        found = [Found(label, everything, share) for label, share in self._classifier.predict(image).items()]
        return sorted(found, key=lambda item: item.confidence, reverse=True)


class DetectorLearner:
    """Trains detectors for Custom Labels, each in a process of its own."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def learn(self, lesson: Lesson) -> Learned:
        """Train and try out a detector.

        Raises:
            LearningFailedError: The process failed or was stopped; the message has the end of what it said.
        """
        with tempfile.TemporaryDirectory(prefix="simulator-lesson-") as name:
            folder = Path(name)
            (folder / _LESSON).write_text(json.dumps(_write_lesson(lesson)))
            self._run(folder)
            found = json.loads((folder / _FOUND).read_text())
            return Learned(
                (folder / _MODEL).read_bytes(), [[_read_found(f) for f in image] for image in found]
            )

    def load(self, data: bytes) -> DetectorModel | ClassifierModel:
        """Return the model whose bytes these are."""
        if data.startswith(_CLASSIFIER):
            return ClassifierModel(Classifier.from_bytes(data.removeprefix(_CLASSIFIER)))
        return DetectorModel(Detector.from_bytes(data))

    def is_busy(self) -> bool:
        """Say whether a training is under way."""
        with self._lock:
            return bool(self._running)

    def close(self) -> None:
        """Stop the trainings under way."""
        with self._lock:
            self._closed = True
            for process in self._running:
                process.kill()

    def _run(self, folder: Path) -> None:
        command = [sys.executable, "-m", "simulator.learning", str(folder)]
        with (folder / "log").open("wb") as log:
            with self._lock:
                if self._closed:
                    raise LearningFailedError("the simulator is stopping")
                # The process ends when its standard input does, so that it never outlives the simulator.
                process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)  # noqa: S603
                self._running.add(process)
            with process:
                code = process.wait()
        with self._lock:
            self._running.discard(process)
        if code:
            said = (folder / "log").read_text(errors="replace")[-2000:]
            raise LearningFailedError(f"the training process ended with {code}: {said}")


def main(folder: Path) -> None:
    """Learn the lesson in `folder` and leave the model and what it found there."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    lesson = json.loads((folder / _LESSON).read_text())
    model, data = _classifier(lesson) if lesson["whole_images"] else _detector(lesson)
    found = [[_write_found(item) for item in model.find(_read_image(path))] for path in lesson["tests"]]
    (folder / _FOUND).write_text(json.dumps(found))
    (folder / _MODEL).write_bytes(data)


def _detector(lesson: dict[str, Any]) -> tuple[DetectorModel, bytes]:
    truths = [[_labelled(*truth) for truth in truths] for truths in lesson["truths"]]
    sources = [partial(_read_image, path) for path in lesson["images"]]
    detector = Detector.fit(sources, truths, seed=lesson["seed"])
    return DetectorModel(detector), detector.to_bytes()


def _classifier(lesson: dict[str, Any]) -> tuple[ClassifierModel, bytes]:
    features = [describe(_read_image(path)) for path in lesson["images"]]
    labels = [[str(truth[0]) for truth in truths] for truths in lesson["truths"]]
    classifier = Classifier.fit(features, labels, seed=lesson["seed"])
    return ClassifierModel(classifier), _CLASSIFIER + classifier.to_bytes()


def _end_with_parent() -> None:
    # Straight from the descriptor: a thread inside a buffered reader would break the interpreter's own end.
    while os.read(0, 1):
        pass
    os._exit(1)


def _read_image(path: str) -> Image:
    return decode(Path(path).read_bytes())


def _write_lesson(lesson: Lesson) -> dict[str, object]:
    return {
        "images": [str(path) for path in lesson.images],
        "truths": [[_write_truth(truth) for truth in truths] for truths in lesson.truths],
        "tests": [str(path) for path in lesson.tests],
        "seed": lesson.seed,
        "whole_images": lesson.whole_images,
    }


def _write_truth(truth: Truth) -> list[str | float]:
    return [truth.label, truth.box.left, truth.box.top, truth.box.width, truth.box.height]


def _labelled(label: str, left: float, top: float, width: float, height: float) -> Labelled:
    return Labelled(label, DetectorBox(left, top, width, height))


def _write_found(item: Found) -> list[str | float]:
    return [item.label, item.box.left, item.box.top, item.box.width, item.box.height, item.confidence]


def _read_found(values: Sequence[str | float]) -> Found:
    left, top, width, height, confidence = (float(value) for value in values[1:])
    return Found(str(values[0]), Box(left, top, width, height), confidence)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
