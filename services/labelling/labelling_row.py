"""A labelling as this service remembers it."""

from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.facts import ImageCounts, RefusedImage
from contracts.ids import Arn, S3Uri
from contracts.plan import TrainingPlan
from runtime.rows import Row

LABELLING = "labelling"
"""Index partition of labellings that are being prepared or under way."""


class Preparation(BaseModel):
    """What came of checking the uploaded images.

    ``kept`` of the accepted ones had been labelled by an earlier attempt; ``refused`` names the first
    hundred at most.
    """

    model_config = ConfigDict(frozen=True)

    images: ImageCounts
    refused: tuple[RefusedImage, ...] = ()
    refused_report: S3Uri | None = None
    kept: int = 0


class Earlier(BaseModel):
    """An earlier attempt, which may have a labelling job that goes on, and labels.

    ``kept`` tells whether it kept labels of one before it, ``counted`` whether its end was told of, and
    ``relabel`` that none of all these labels are wanted.
    """

    model_config = ConfigDict(frozen=True)

    attempt: int
    kept: bool
    counted: bool
    relabel: bool


class Labelling(Row):
    """A row of labelling's table.

    ``preparation`` stays only until the labelling has begun and was told of: the row is rewritten at every
    look for weeks. ``ending`` and ``ended`` are a cancelled labelling's states. A retry begins with
    ``recovering``: ``earlier`` is seen to, and the labels it has are in the manifests ``kept_from``.
    """

    plan: TrainingPlan
    images: S3Uri
    backend: str
    state: Literal["recovering", "preparing", "prepared", "labelling", "labelled", "ending", "ended"] = (
        "preparing"
    )
    received_at: AwareDatetime
    preparation: Preparation | None = None
    labelling_job_arn: Arn | None = None
    started_at: AwareDatetime | None = None
    earlier: Earlier | None = None
    kept_from: tuple[S3Uri, ...] = ()
    kept: int = 0
    counted: bool = False

    def after(self, earlier: Self, *, relabel: bool) -> Self:
        """Give the row in an earlier attempt's place, which sees to what that one has begun."""
        if earlier.state == "preparing":
            return self.changed(kept_from=() if relabel else earlier.kept_from)
        if earlier.state == "recovering" and earlier.earlier is not None:
            seen_to = earlier.earlier.model_copy(update={"relabel": relabel})
            return self.changed(state="recovering", earlier=seen_to)
        seen_to = Earlier(
            attempt=earlier.attempt, kept=earlier.kept > 0, counted=earlier.counted, relabel=relabel
        )
        return self.changed(state="recovering", earlier=seen_to)

    def wound_down(self) -> Self:
        """Give the row that stops the labelling, wherever it stands."""
        if self.state in {"labelled", "ending", "ended"}:
            return self
        if self.state == "recovering":  # an earlier attempt's labelling job may go on
            return self.changed(waiting=LABELLING)
        if self.state == "preparing":  # nothing is asked of anybody before that is over
            return self.changed(state="ended", waiting=None)
        return self.changed(state="ending", waiting=LABELLING, preparation=None)

    def deadline(self, *, to_start: timedelta, to_label: timedelta) -> datetime:
        """Say when the labelling must have started or, once it has, when it must be over."""
        return self.received_at + to_start if self.started_at is None else self.started_at + to_label
