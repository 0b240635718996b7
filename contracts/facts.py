"""Values that both the events and the HTTP answers show."""

from pydantic import Field

from contracts.ids import Arn, Label
from contracts.model import Contract

MAX_LISTED = 100
"""How many single images an event or an answer names; a report in S3 has them all (SNS takes 256 KiB)."""


class RefusedImage(Contract):
    """An uploaded image that cannot be used, and why."""

    filename: str
    reason: str


class ImageCounts(Contract):
    """What was found under the job's image prefix."""

    uploaded: int = Field(ge=0)
    accepted: int = Field(ge=0)
    refused: int = Field(ge=0)


class LabelCounts(Contract):
    """How labelling ended, in images."""

    labelled: int = Field(ge=0)
    failed: int = Field(ge=0, description="Nobody could or would label these")
    unlabelled: int = Field(ge=0, description="Never reached before the labelling job ended")


class LeftOut(Contract):
    """Labelled images (or single boxes) that the datasets do without, by reason."""

    code: str
    reason: str
    count: int = Field(ge=1)
    examples: list[str] = Field(max_length=10)


class LabelSplit(Contract):
    """How many images show a document type, in each dataset."""

    label: Label
    train: int = Field(ge=0)
    test: int = Field(ge=0)


class LabelMetrics(Contract):
    """How well the model does on one document type of the test dataset; all shares are 0 to 1."""

    label: Label
    test_images: int = Field(ge=0)
    threshold: float | None = None
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None


class Datasets(Contract):
    """A Custom Labels project and its two datasets."""

    project_arn: Arn
    train_dataset_arn: Arn
    test_dataset_arn: Arn
