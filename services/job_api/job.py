"""A job as the API remembers it."""

from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.envelope import Event
from contracts.events import (
    DatasetCreationStarted,
    DatasetReady,
    LabellingCompleted,
    LabellingStarted,
    LabellingStopped,
    ModelDeployed,
    ModelDeploymentStarted,
    ModelDiscarded,
    ModelRejected,
    ModelStartRequested,
    ModelStopped,
    ModelStopRequested,
    ModelTrained,
    ModelTrainingStarted,
    TrainingJobRetried,
    TrainingJobStarted,
)
from contracts.ids import JobId
from contracts.plan import TrainingPlan
from contracts.stages import JobStatus, Stage
from services.job_api.projection import run_at

E = TypeVar("E", bound=Event)


_PAID_FOR: tuple[type[Event], ...] = (LabellingCompleted, LabellingStopped, ModelTrained, ModelDiscarded)
"""What each attempt is billed with; of other types the latest event of all attempts is kept."""

_STAGE_OF: dict[type[Event], Stage] = {
    TrainingJobStarted: Stage.LABELLING,
    LabellingStarted: Stage.LABELLING,
    LabellingStopped: Stage.LABELLING,
    LabellingCompleted: Stage.LABELLING,
    DatasetCreationStarted: Stage.DATASET,
    DatasetReady: Stage.DATASET,
    ModelTrainingStarted: Stage.TRAINING,
    ModelTrained: Stage.TRAINING,
    ModelDiscarded: Stage.TRAINING,
    ModelRejected: Stage.DEPLOYMENT,
    ModelStartRequested: Stage.DEPLOYMENT,
    ModelDeploymentStarted: Stage.DEPLOYMENT,
    ModelDeployed: Stage.DEPLOYMENT,
    ModelStopRequested: Stage.DEPLOYMENT,
    ModelStopped: Stage.DEPLOYMENT,
}
_STAGES = list(Stage)


def key_of_fact(event: Event) -> str:
    """Say under which key a job keeps an event: its type, and its attempt where each attempt's is kept."""
    kind = type(event).__name__
    return f"{kind}#{event.attempt}" if isinstance(event, _PAID_FOR) else kind


class Fact(BaseModel):
    """An event, as it was published, and its position."""

    model_config = ConfigDict(frozen=True)

    position: int
    event: str


class Job(BaseModel):
    """A job's row: what the user asked for, where it stands, and the latest event of each type.

    ``facts`` has an event under its ``key_of_fact``.
    """

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
        facts = self._of(event)
        return event.model_validate_json(max(facts, key=lambda fact: fact.position).event) if facts else None

    def each(self, event: type[E]) -> list[E]:
        """Give each attempt's event of a type of which each attempt's is kept."""
        return [event.model_validate_json(fact.event) for fact in self._of(event)]

    def current(self, event: type[E]) -> E | None:
        """Give the latest event of this type, or ``None`` where a retry has left it behind."""
        latest, retried = self.latest(event), self.latest(TrainingJobRetried)
        if latest is None or retried is None or latest.attempt >= retried.attempt:
            return latest
        begins = _STAGES.index(retried.data.stage)
        return None if _STAGES.index(_STAGE_OF[event]) >= begins else latest

    def is_overtaken(self, event: type[Event], reached: Stage) -> bool:
        """Tell whether this event must have been sent, as a later stage was reached, and is not here yet."""
        return self.current(event) is None and _STAGES.index(_STAGE_OF[event]) < _STAGES.index(reached)

    def _of(self, event: type[Event]) -> list[Fact]:
        return [fact for key, fact in self.facts.items() if key.partition("#")[0] == event.__name__]
