"""What Custom Labels needs of something that learns."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.rekognition.boxes import Found, Truth

Image = npt.NDArray[np.uint8]
"""Height x width x 3, blue-green-red."""


class Model(Protocol):
    """A trained detector."""

    def find(self, image: Image) -> list[Found]:
        """Return every candidate, best first, whatever its confidence."""
        ...


@dataclass(frozen=True)
class Lesson:
    """What to learn from: image files with the boxes on them, and images to try the model on afterwards.

    `whole_images` says that labels belong to images as a whole; their boxes are then the whole image, and so
    must be the boxes the model finds.
    """

    images: Sequence[Path]
    truths: Sequence[Sequence[Truth]]
    tests: Sequence[Path]
    seed: int
    whole_images: bool = False


@dataclass(frozen=True)
class Learned:
    """A model as bytes, and everything it found on each of the lesson's test images."""

    model: bytes
    found: list[list[Found]]


class Learner(Protocol):
    """Makes models."""

    def learn(self, lesson: Lesson) -> Learned:
        """Train and try out a model; may be called from several threads at once."""
        ...

    def load(self, data: bytes) -> Model:
        """Return the model whose bytes these are."""
        ...

    def close(self) -> None:
        """Break off what is being learned; those calls of `learn` raise."""
        ...
