"""One attempt's labelling in our own page, as a whole."""

from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.facts import LabelCounts
from contracts.ids import Arn, JobId, Label, S3Uri

Ending = Literal["all-done", "finished", "stopped"]
"""Why a round takes no more answers: all images are done, a lead ended it, or the job does without it."""


class Round(BaseModel):
    """What is to be labelled, and how far it is.

    While it is ``making``, ``images`` says how many of its images have been made ready; nobody is asked
    before all are. ``closing`` takes no answers any more; ``over`` has its labels in ``manifest``.
    """

    model_config = ConfigDict(frozen=True)

    job_id: JobId
    attempt: int
    labels: tuple[Label, ...]
    workers_per_image: int
    created_at: AwareDatetime
    suggestions_from: Arn | None = None
    revision: int = 0
    images: int = 0
    state: Literal["making", "open", "closing", "over"] = "making"
    ending: Ending | None = None
    closed_at: AwareDatetime | None = None
    counts: LabelCounts | None = None
    manifest: S3Uri | None = None

    @property
    def key(self) -> str:
        """The partition of its images and people."""
        return round_key(self.job_id, self.attempt)

    def changed(self, **members: object) -> Self:
        """Give a copy with these members changed."""
        return self.model_copy(update=members)

    def closing(self, ending: Ending, now: datetime) -> Self:
        """Give the round that takes no more answers."""
        return self.changed(state="closing", ending=ending, closed_at=now)

    def going_on(self) -> Self:
        """Give the round that takes answers after all: one was taken back while it was closing."""
        return self.changed(state="open", ending=None, closed_at=None)


def round_key(job_id: str, attempt: int) -> str:
    """Give the partition of an attempt's images and people."""
    return f"{job_id}#{attempt}"
