"""Where each event leaves a job: a position that only grows.

Events come twice and out of order. Each has a position, made of attempt, run and rank; a job shows the status
of the highest position it has seen, and a late event only adds what it knows.
"""

from dataclasses import dataclass

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
    StageFailed,
    StageParked,
    TrainingJobCancelled,
    TrainingJobRetried,
    TrainingJobStarted,
)
from contracts.stages import JobStatus, Stage

_RANKS: dict[type[Event], tuple[JobStatus, int]] = {
    TrainingJobStarted: (JobStatus.LABELLING, 10),
    LabellingStarted: (JobStatus.LABELLING, 12),
    LabellingStopped: (JobStatus.LABELLING, 13),
    LabellingCompleted: (JobStatus.CREATING_DATASET, 20),
    DatasetCreationStarted: (JobStatus.CREATING_DATASET, 22),
    DatasetReady: (JobStatus.TRAINING, 30),
    ModelTrainingStarted: (JobStatus.TRAINING, 32),
    ModelDiscarded: (JobStatus.TRAINING, 33),
    ModelTrained: (JobStatus.DEPLOYING, 40),
    ModelRejected: (JobStatus.REJECTED, 45),
    ModelStartRequested: (JobStatus.DEPLOYING, 40),
    ModelDeploymentStarted: (JobStatus.DEPLOYING, 42),
    ModelDeployed: (JobStatus.RUNNING, 50),
    ModelStopRequested: (JobStatus.STOPPING, 60),
    ModelStopped: (JobStatus.STOPPED, 70),
    StageFailed: (JobStatus.FAILED, 80),
}
_RETRIED: dict[Stage, tuple[JobStatus, int]] = {
    Stage.LABELLING: (JobStatus.LABELLING, 10),
    Stage.DATASET: (JobStatus.CREATING_DATASET, 20),
    Stage.TRAINING: (JobStatus.TRAINING, 30),
    Stage.DEPLOYMENT: (JobStatus.DEPLOYING, 40),
}
_ATTEMPT, _RUN = 1_000_000, 100
_CANCELLED = 10**15
"""Beyond every attempt and run: what comes after a cancellation only adds what it knows."""

_PARKED: dict[Stage, tuple[JobStatus, int]] = {
    Stage.LABELLING: (JobStatus.LABELLING, 11),
    Stage.DATASET: (JobStatus.CREATING_DATASET, 21),
    Stage.TRAINING: (JobStatus.TRAINING, 31),
    Stage.DEPLOYMENT: (JobStatus.DEPLOYING, 41),
}


@dataclass(frozen=True)
class Move:
    """What an event would make of its job, if nothing further on has been seen."""

    status: JobStatus
    position: int


def move_of(event: Event) -> Move:
    """Say where an event leaves its job."""
    if isinstance(event, TrainingJobCancelled):
        return Move(JobStatus.CANCELLED, _CANCELLED)
    if isinstance(event, StageParked):
        status, rank = _PARKED[event.data.stage]
    elif isinstance(event, TrainingJobRetried):
        status, rank = _RETRIED[event.data.stage]
    else:
        status, rank = _RANKS[type(event)]
    run = getattr(event.data, "run", None) or 0
    return Move(status, event.attempt * _ATTEMPT + run * _RUN + rank)


def run_at(position: int, attempt: int) -> int:
    """Tell which start of the model a position belongs to; 0 when it is none of this attempt's."""
    return position % _ATTEMPT // _RUN if position // _ATTEMPT == attempt else 0
