"""A model's deployment as this service remembers it."""

from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime

from contracts.events import StopCause
from contracts.ids import Arn
from contracts.plan import TrainingPlan
from runtime.rows import Row

MODEL = "model"
"""Index partition of models that are to change or that cost money."""


class Deployment(Row):
    """A row of the deployer's table: what is wanted of the model, and what was last known of it.

    ``paid_since`` is set from the moment AWS was asked to start the model, because nothing says whether
    billing begins with STARTING or with RUNNING; ``unit_seconds`` sums up the runs that have ended.
    A model that was stopped before its start was recorded is watched until ``watched_until``: another
    process may have been just starting it. ``predecessor`` is an earlier attempt's model that may still be
    up: it is brought down before this one is started.
    """

    plan: TrainingPlan
    project_arn: Arn
    project_version_arn: Arn
    f1: float
    run: int = 1
    wanted: Literal["running", "stopped"] = "running"
    state: Literal["trained", "rejected", "starting", "running", "stopping", "stopped"] = "trained"
    paid_since: AwareDatetime | None = None
    auto_stop_at: AwareDatetime | None = None
    stop_cause: StopCause | None = None
    unit_seconds: int = 0
    watched_until: AwareDatetime | None = None
    predecessor: "Deployment | None" = None

    @property
    def inference_units(self) -> int:
        """How many inference units the model runs on."""
        return self.plan.options.inference_units

    def wound_down(self) -> Self:
        """Give the row that brings the model down, or never starts it."""
        if self.state in {"rejected", "stopped"}:
            return self
        cause = StopCause.CANCELLED if self.wanted == "running" else self.stop_cause
        return self.changed(wanted="stopped", waiting=MODEL, stop_cause=cause)

    def after(self, earlier: "Deployment") -> Self:
        """Give the row in an earlier attempt's place, with its cost, and its model if that may be up."""
        heir = self.changed(unit_seconds=earlier.unit_seconds)
        if earlier.waiting is None:
            return heir
        going_down = earlier.changed(
            wanted="stopped",
            waiting=MODEL,
            parked_since=None,
            stop_cause=earlier.stop_cause or StopCause.GIVEN_UP,
            outbox=(),
        )
        return heir.changed(predecessor=going_down, waiting=MODEL)

    def unit_seconds_until(self, moment: datetime) -> int:
        """Sum up what was paid for until then, in inference-unit seconds."""
        if self.paid_since is None:
            return self.unit_seconds
        this_run = max((moment - self.paid_since).total_seconds(), 0) * self.inference_units
        return self.unit_seconds + round(this_run)
