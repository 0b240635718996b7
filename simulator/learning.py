"""Joins the detector, which knows no AWS, to the training, which knows no pixels."""

from collections.abc import Sequence

from simulator.detector import Box as DetectorBox
from simulator.detector import Detector, Labelled
from simulator.rekognition.boxes import Box, Found, Truth
from simulator.rekognition.learner import Image, ImageSource


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

    def to_bytes(self) -> bytes:
        """Return the detector as bytes."""
        return self._detector.to_bytes()


class DetectorLearner:
    """Trains detectors for Custom Labels."""

    def fit(
        self, images: Sequence[ImageSource], truths: Sequence[Sequence[Truth]], *, seed: int
    ) -> DetectorModel:
        """Train on images and the boxes on them."""
        labelled = [[_labelled(truth) for truth in image_truths] for image_truths in truths]
        return DetectorModel(Detector.fit(images, labelled, seed=seed))

    def load(self, data: bytes) -> DetectorModel:
        """Return the detector that `to_bytes` gave."""
        return DetectorModel(Detector.from_bytes(data))


def _labelled(truth: Truth) -> Labelled:
    box = truth.box
    return Labelled(truth.label, DetectorBox(box.left, box.top, box.width, box.height))
