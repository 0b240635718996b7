"""What to do next, from what is wanted and what Rekognition says is true."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from contracts.plan import TrainingPlan
from services.deployer.deployment import Deployment


class Step(Enum):
    """The deployer's possible next steps."""

    WAIT = auto()
    START = auto()
    NOTE_STARTING = auto()
    NOTE_RUNNING = auto()
    NOTE_STOPPED = auto()
    NOTE_FAILED = auto()
    STOP_AS_PLANNED = auto()
    STOP = auto()
    GIVE_UP_STARTING = auto()


_DOWN = frozenset({"TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"})
"""What a model may be before it is started, and what an answer from before the start would still say."""


@dataclass(frozen=True)
class Patience:
    """How long a start may take.

    Attributes:
        to_show: until Rekognition must show it; AWS does not say that the next answer does.
        to_run: until the model must be running.
    """

    to_show: timedelta
    to_run: timedelta


def misses_the_bar(plan: TrainingPlan, f1: float) -> bool:
    """Tell whether the user asked for a better model than this one."""
    return plan.options.min_f1 is not None and f1 < plan.options.min_f1


def next_step(row: Deployment, status: str | None, now: datetime, patience: Patience) -> Step:
    """Decide the next step.

    Args:
        row: what is wanted and what was last known.
        status: Rekognition's status of the version; ``None`` when the version is gone.
        now: the present moment.
        patience: how long a start may take.
    """
    if status == "STOPPING":
        return Step.WAIT
    if row.state == "starting" and status in _DOWN and not _is_past(row, patience.to_show, now):
        return Step.WAIT
    if row.wanted == "stopped":
        return _towards_stopped(status)
    if row.state in {"starting", "running"}:
        return _while_up(row, status, now, patience)
    if status in {"STARTING", "RUNNING"}:
        return Step.NOTE_STARTING
    return Step.NOTE_FAILED if status is None else Step.START


def _towards_stopped(status: str | None) -> Step:
    if status == "RUNNING":
        return Step.STOP
    # StopProjectVersion works from RUNNING only: a model that starts is stopped once it runs.
    return Step.WAIT if status == "STARTING" else Step.NOTE_STOPPED


def _is_past(row: Deployment, allowed: timedelta, now: datetime) -> bool:
    """Tell whether the start was longer ago than allowed."""
    return row.paid_since is None or now > row.paid_since + allowed


def _while_up(row: Deployment, status: str | None, now: datetime, patience: Patience) -> Step:
    if status == "RUNNING" and row.state == "starting":
        return Step.NOTE_RUNNING
    if status == "RUNNING":
        return Step.STOP_AS_PLANNED if row.auto_stop_at is not None and now >= row.auto_stop_at else Step.WAIT
    if status == "STARTING":
        # Somebody else starts a model anew that has run already, say with more units: nobody's to give up.
        late = row.state == "starting" and _is_past(row, patience.to_run, now)
        return Step.GIVE_UP_STARTING if late else Step.WAIT
    if status in {"STOPPED", "TRAINING_COMPLETED", "COPYING_COMPLETED"}:
        return Step.NOTE_STOPPED
    return Step.NOTE_FAILED
