"""A training as this service remembers it."""

from typing import Literal

from pydantic import AwareDatetime

from contracts.facts import Datasets
from contracts.ids import Arn
from contracts.plan import TrainingPlan
from runtime.rows import Row

TRAINING = "training"
"""Index partition of trainings that are to begin or under way."""


class Training(Row):
    """A row of the trainer's table."""

    plan: TrainingPlan
    datasets: Datasets
    state: Literal["requested", "training", "trained"] = "requested"
    project_version_arn: Arn | None = None
    started_at: AwareDatetime | None = None
