"""A labelling as this service remembers it."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.facts import ImageCounts, RefusedImage
from contracts.ids import Arn, S3Uri
from contracts.plan import TrainingPlan
from runtime.rows import Row

LABELLING = "labelling"
"""Index partition of labellings that are being prepared or under way."""


class Preparation(BaseModel):
    """What came of checking the uploaded images; ``refused`` names the first hundred at most."""

    model_config = ConfigDict(frozen=True)

    images: ImageCounts
    refused: tuple[RefusedImage, ...] = ()
    refused_report: S3Uri | None = None


class Labelling(Row):
    """A row of labelling's table.

    ``preparation`` stays only until the labelling has begun and was told of: the row is rewritten at every
    look for weeks.
    """

    plan: TrainingPlan
    images: S3Uri
    backend: str
    state: Literal["preparing", "prepared", "labelling", "labelled"] = "preparing"
    received_at: AwareDatetime
    preparation: Preparation | None = None
    labelling_job_arn: Arn | None = None
    started_at: AwareDatetime | None = None

    def deadline(self, *, to_start: timedelta, to_label: timedelta) -> datetime:
        """Say when the labelling must have started or, once it has, when it must be over."""
        return self.received_at + to_start if self.started_at is None else self.started_at + to_label
