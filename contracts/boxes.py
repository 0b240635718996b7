"""Rectangles around documents, as the HTTP API shows and takes them."""

from pydantic import Field

from contracts.model import Contract


class Box(Contract):
    """One document in an image, in whole pixels of the image as it is stored.

    An orientation that EXIF asks for is not applied: Ground Truth and Custom Labels look at the stored pixels
    too.
    """

    label: str
    left: int = Field(ge=0)
    top: int = Field(ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class ScoredBox(Box):
    """A document that a model found."""

    confidence: float = Field(ge=0, le=1, description="How sure the model is, as a share from 0 to 1")
