"""A job as the API remembers it."""

from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.envelope import Event
from contracts.ids import JobId
from contracts.plan import TrainingPlan
from contracts.stages import JobStatus
from services.job_api.projection import run_at

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
    plan: TrainingPlan
    traceparent: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    facts: dict[str, Fact] = {}

    @property
    def run(self) -> int:
        """How often the model has been started, or told to start, in this attempt."""
        return max((run_at(fact.position, self.attempt) for fact in self.facts.values()), default=0)

    def latest(self, event: type[E]) -> E | None:
        """Give the latest event of this type, or ``None``."""
        fact = self.facts.get(event.__name__)
        return event.model_validate_json(fact.event) if fact else None
