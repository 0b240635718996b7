"""A job as the API remembers it."""

from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.envelope import Event
from contracts.ids import JobId
from contracts.plan import TrainingPlan
from contracts.stages import JobStatus

E = TypeVar("E", bound=Event)


class Fact(BaseModel):
    """The latest event of one type, as it was published, and its position."""

    model_config = ConfigDict(frozen=True)

    position: int
    event: str


class Job(BaseModel):
    """A job's row: what the user asked for, where it stands, and the latest event of each type."""

    model_config = ConfigDict(frozen=True)

    job_id: JobId
    name: str | None = None
    status: JobStatus = JobStatus.CREATED
    position: int = 0
    attempt: int = 1
    run: int = 0
    plan: TrainingPlan
    traceparent: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    facts: dict[str, Fact] = {}

    def latest(self, event: type[E]) -> E | None:
        """Give the latest event of this type, or ``None``."""
        fact = self.facts.get(event.__name__)
        return event.model_validate_json(fact.event) if fact else None
