"""What training needs of a detector, and the detector the simulator has."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.rekognition.boxes import Found, Truth

Image = npt.NDArray[np.uint8]
"""Height x width x 3, blue-green-red."""
ImageSource = Callable[[], Image]


class Model(Protocol):
    """A trained detector."""

    def find(self, image: Image) -> list[Found]:
        """Return every candidate, best first, whatever its confidence."""
        ...

    def to_bytes(self) -> bytes:
        """Return the model as bytes that `Learner.load` takes."""
        ...


class Learner(Protocol):
    """Makes detectors."""

    def fit(self, images: Sequence[ImageSource], truths: Sequence[Sequence[Truth]], *, seed: int) -> Model:
        """Train on images and the boxes on them."""
        ...

    def load(self, data: bytes) -> Model:
        """Return the model that `to_bytes` gave."""
        ...
