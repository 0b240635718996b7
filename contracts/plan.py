"""What the user asked for; travels with the events, so that no service must ask another."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from contracts.ids import Arn, Label
from contracts.model import Contract


class LabellingBackendName(StrEnum):
    """Where a job's boxes come from."""

    GROUND_TRUTH = "ground-truth"
    CONSOLE = "console"
    IMPORT = "import"


class LabellingPlan(Contract):
    """How a job's images get their boxes."""

    backend: LabellingBackendName = Field(
        default=LabellingBackendName.GROUND_TRUTH,
        description="People in SageMaker Ground Truth, people on our own page, or boxes that exist already",
    )
    suggestions_from: Arn | None = Field(
        default=None, description="A running model whose boxes people on our own page are offered as a start"
    )


class TrainingOptions(Contract):
    """The choices a user has for one job, all with defaults."""

    min_f1: float | None = Field(
        default=None, ge=0, le=1, description="Deploy only when the model's F1 reaches this; always when null"
    )
    inference_units: int = Field(
        default=1, ge=1, le=5, description="Rekognition inference units; each is billed by the hour"
    )
    auto_stop_after_minutes: int | None = Field(
        default=None,
        ge=1,
        le=43_200,
        description="Stop the running model after this many minutes; never when null",
    )
    test_fraction: float = Field(
        default=0.2, ge=0.05, le=0.5, description="Share of the labelled images kept for testing"
    )
    workers_per_image: int = Field(default=1, ge=1, le=9, description="How many people label each image")


Labels = Annotated[list[Label], Field(min_length=1, max_length=10)]
"""One to ten document types: Ground Truth's box tool takes ten (sms-ui-template-crowd-bounding-box)."""


def require_distinct(labels: list[str]) -> None:
    """Refuse labels that differ in nothing but case.

    Raises:
        ValueError: two labels are the same text when case is ignored.
    """
    if len({label.casefold() for label in labels}) < len(labels):
        raise ValueError("labels must differ from one another in more than upper and lower case")


class TrainingPlan(Contract):
    """The document types to learn, where their boxes come from, and the options that later stages read."""

    labels: Labels
    labelling: LabellingPlan = LabellingPlan()
    options: TrainingOptions = TrainingOptions()

    @model_validator(mode="after")
    def _labels_differ(self) -> Self:
        require_distinct(self.labels)
        return self
