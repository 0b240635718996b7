"""The bodies of the HTTP API that show what a model does: on its test images, and on an image to try."""

from pydantic import Field

from contracts.boxes import Box, ScoredBox
from contracts.facts import LabelMetrics
from contracts.http import Request
from contracts.model import Contract


class EvaluatedImage(Contract):
    """A test image: what is true of it, and what the model says by its own threshold for each label."""

    filename: str
    image_url: str | None = Field(
        default=None, description="Shows the image for some minutes; null when it is no upload of this job"
    )
    width: int = Field(ge=1, description="In pixels as stored, whatever orientation EXIF asks for")
    height: int = Field(ge=1)
    truth: tuple[Box, ...]
    predictions: tuple[ScoredBox, ...] = Field(description="The surest first")
    wrong: int = Field(ge=0, description="True boxes that were missed, and predictions that are none")


class ModelResults(Contract):
    """How well the model does, and a page of the test images, the worst first."""

    f1: float
    labels: tuple[LabelMetrics, ...]
    total: int = Field(ge=0, description="How many test images there are")
    images: tuple[EvaluatedImage, ...]
    next_token: str | None = Field(default=None, description="Pass as `nextToken` for the next page")


class TryModel(Request):
    """An image to find documents in."""

    image: str = Field(min_length=1, description="A JPEG or PNG of up to 4 MB, in base64")
    min_confidence: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Show what reaches this confidence; each label's own threshold holds when null",
    )


class Detection(Contract):
    """What the model found."""

    width: int = Field(ge=1, description="In pixels as stored, whatever orientation EXIF asks for")
    height: int = Field(ge=1)
    boxes: tuple[ScoredBox, ...] = Field(description="The surest first")
