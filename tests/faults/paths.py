"""The ways a job can go, each as its user goes it, and what must come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import partial
from typing import Any

from simulator.core.options import Quotas
from tests.faults.account import without_rates
from tests.faults.user import User


class Measure(Enum):
    """What a fault may change about the outcome of a path."""

    SAME = auto()
    """Nothing."""

    SAME_BUT_ORDER = auto()
    """Which of two jobs came first, and so which one had to wait."""

    AT_REST = auto()
    """How far the job had come when a command reached it; nothing may be left at work or be done twice."""


@dataclass(frozen=True)
class Path:
    """A way.

    Attributes:
        go: goes it to its end.
        ends: the status of each job then.
        made: how often each operation that costs something must have succeeded.
        follows: another way that this one begins with; what that one's sweep covers is not swept again.
        alone: the service whose calls are swept; the others do what another path has swept.
        is_good: whether the models find anything.
        quotas: the account's.
        measure: by what a run with a fault is measured.
    """

    go: Callable[[User], None]
    ends: tuple[str, ...]
    made: Mapping[str, int]
    follows: str | None = None
    alone: str | None = None
    is_good: bool = True
    quotas: Quotas = field(default_factory=without_rates)
    measure: Measure = Measure.SAME


_TRAINED = {"CreateLabelingJob": 1, "CreateProject": 1, "CreateDataset": 2, "CreateProjectVersion": 1}
_RAN = {**_TRAINED, "StartProjectVersion": 1}
_RAN_WITHOUT_GROUND_TRUTH = {what: times for what, times in _RAN.items() if what != "CreateLabelingJob"}


_ON_THE_WAY = ("LABELLING", "CREATING_DATASET", "TRAINING", "DEPLOYING", "RUNNING")


def _has_reached(status: str) -> Callable[[dict[str, Any]], bool]:
    """Tell whether a job is shown at a status or past it; after a fault it may be shown past it at once."""
    enough = _ON_THE_WAY[_ON_THE_WAY.index(status) :]
    return lambda shown: shown["status"] in enough


def _happy(user: User) -> None:
    user.wait_for(user.started(), "RUNNING")


def _imported(user: User) -> None:
    user.wait_for(user.started("import"), "RUNNING")


def _labelled_here(user: User) -> None:
    job = user.started("console")
    user.wait_until(lambda shown: shown["labelling"] is not None, job)
    user.label(job)
    user.wait_for(job, "RUNNING")


def _cancelled_here(user: User) -> None:
    job = user.started("console")
    user.wait_until(lambda shown: shown["labelling"] is not None, job)
    user.cancel(job)
    user.wait_for(job, "CANCELLED")


def _stop(user: User) -> None:
    _happy(user)
    user.stop_model(user.jobs[0])
    user.wait_for(user.jobs[0], "STOPPED")


def _start_again(user: User) -> None:
    _stop(user)
    user.start_model(user.jobs[0])
    user.wait_for(user.jobs[0], "RUNNING")
    user.stop_model(user.jobs[0])
    user.wait_for(user.jobs[0], "STOPPED")


def _stop_while_starting(user: User) -> None:
    job = user.started()
    user.wait_until(_has_reached("DEPLOYING"), job)
    user.stop_model(job)
    user.wait_for(job, "STOPPED")


def _stops_by_itself(user: User) -> None:
    user.wait_for(user.started(autoStopAfterMinutes=3), "STOPPED")


def _rejected(user: User) -> None:
    user.wait_for(user.started(minF1=0.5), "REJECTED")


def _failed(user: User, operation: str, fault: str) -> None:
    user.pipeline.account.simulator.gateway.faults.add({"operation": operation, "fault": fault})
    user.wait_for(user.started(), "FAILED")


def _retried(user: User, operation: str, fault: str) -> None:
    _failed(user, operation, fault)
    user.retry(user.jobs[0])
    user.wait_for(user.jobs[0], "RUNNING")


def _event_lost(user: User) -> None:
    fault = {"operation": "CreateLabelingJob", "fault": "event-lost"}
    user.pipeline.account.simulator.gateway.faults.add(fault)
    _happy(user)


def _parked(user: User) -> None:
    """Two jobs, and place for one: the second trains after the first, and runs when the first is stopped."""
    first = user.started()
    user.wait_until(lambda shown: shown["model"] is not None, first)
    waiting = {first, user.started()}
    while waiting:
        running = user.wait_for_one(waiting, "RUNNING")
        user.stop_model(running)
        user.wait_for(running, "STOPPED")
        waiting.remove(running)


def _cancelled(user: User, when: Callable[[dict[str, Any]], bool]) -> None:
    job = user.started()
    user.wait_until(when, job)
    user.cancel(job)
    user.wait_for(job, "CANCELLED")


def _cancel_when(when: Callable[[dict[str, Any]], bool], **made: int) -> Path:
    go = partial(_cancelled, when=when)
    return Path(go, ("CANCELLED",), made, follows="happy", measure=Measure.AT_REST)


PATHS: Mapping[str, Path] = {
    "happy": Path(_happy, ("RUNNING",), _RAN),
    "imported": Path(_imported, ("RUNNING",), _RAN_WITHOUT_GROUND_TRUTH, alone="labelling"),
    "labelled-here": Path(_labelled_here, ("RUNNING",), _RAN_WITHOUT_GROUND_TRUTH, alone="labelling"),
    "cancelled-here": Path(
        _cancelled_here,
        ("CANCELLED",),
        {},
        follows="labelled-here",
        alone="labelling",
        measure=Measure.AT_REST,
    ),
    "stop": Path(_stop, ("STOPPED",), {**_RAN, "StopProjectVersion": 1}, follows="happy"),
    "start-again": Path(
        _start_again,
        ("STOPPED",),
        {**_RAN, "StartProjectVersion": 2, "StopProjectVersion": 2},
        follows="stop",
    ),
    "stop-while-starting": Path(
        _stop_while_starting,
        ("STOPPED",),
        {**_RAN, "StopProjectVersion": 1},
        follows="happy",
        measure=Measure.AT_REST,
    ),
    "stops-by-itself": Path(
        _stops_by_itself, ("STOPPED",), {**_RAN, "StopProjectVersion": 1}, follows="happy"
    ),
    "rejected": Path(_rejected, ("REJECTED",), _TRAINED, follows="happy", is_good=False),
    "failed-training": Path(
        partial(_failed, operation="CreateProjectVersion", fault="training-fails"),
        ("FAILED",),
        _TRAINED,
        follows="happy",
    ),
    "retried-labelling": Path(
        partial(_retried, operation="CreateLabelingJob", fault="labelling-fails"),
        ("RUNNING",),
        {**_RAN, "CreateLabelingJob": 2},
        follows="happy",
    ),
    "retried-dataset": Path(
        partial(_retried, operation="CreateDataset", fault="dataset-fails"),
        ("RUNNING",),
        {**_RAN, "CreateProject": 2, "CreateDataset": 4},
        follows="happy",
    ),
    "retried-training": Path(
        partial(_retried, operation="CreateProjectVersion", fault="training-fails"),
        ("RUNNING",),
        {**_RAN, "CreateProjectVersion": 2},
        follows="failed-training",
    ),
    "event-lost": Path(_event_lost, ("RUNNING",), _RAN, follows="happy"),
    "cancel-at-once": _cancel_when(_has_reached("LABELLING"), CreateLabelingJob=1, StopLabelingJob=1),
    "cancel-labelling": _cancel_when(
        lambda shown: shown["labelling"] is not None, CreateLabelingJob=1, StopLabelingJob=1
    ),
    "cancel-dataset": _cancel_when(_has_reached("CREATING_DATASET"), CreateLabelingJob=1, CreateProject=1),
    "cancel-training": _cancel_when(lambda shown: shown["model"] is not None, **_TRAINED),
    "cancel-starting": _cancel_when(_has_reached("DEPLOYING"), **_RAN, StopProjectVersion=1),
    "cancel-running": _cancel_when(_has_reached("RUNNING"), **_RAN, StopProjectVersion=1),
    "parked": Path(
        _parked,
        ("STOPPED", "STOPPED"),
        {
            "CreateLabelingJob": 2,
            "CreateProject": 2,
            "CreateDataset": 4,
            "CreateProjectVersion": 2,
            "StartProjectVersion": 2,
            "StopProjectVersion": 2,
        },
        quotas=without_rates(concurrent_trainings=1, running_models=1),
        measure=Measure.SAME_BUT_ORDER,
    ),
}
