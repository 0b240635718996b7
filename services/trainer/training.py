"""A training as this service remembers it."""

from typing import Literal, Self

from pydantic import AwareDatetime

from contracts.facts import Datasets
from contracts.ids import Arn
from contracts.plan import TrainingPlan
from runtime.rows import Row

TRAINING = "training"
"""Index partition of trainings that are to begin or under way."""


class Training(Row):
    """A row of the trainer's table; a cancelled training ends as ``discarded``."""

    plan: TrainingPlan
    datasets: Datasets
    state: Literal["requested", "training", "trained", "discarded"] = "requested"
    project_version_arn: Arn | None = None
    started_at: AwareDatetime | None = None

    def wound_down(self) -> Self:
        """Give the row that sees a training out: AWS cannot cancel it, but nothing is to come of it."""
        return self if self.state in {"trained", "discarded"} else self.changed(waiting=TRAINING)
