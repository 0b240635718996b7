"""How a labelling job gets on: which objects are decided by now, and when it will be over."""

from collections.abc import Callable
from datetime import datetime, timedelta

from simulator.sagemaker.models import CARRIED, FAILED, LABELLED, WAITING, DataObject, LabellingJob

EXPIRED = (
    "ClientError: Annotation tasks expired. The data object was not labeled by the required number of "
    "workers before its task expired or was declined."
)
Decide = Callable[[int, DataObject, datetime], None]


def advance(
    job: LabellingJob, now: datetime, *, present: bool, pace: timedelta, lifetime: timedelta, decide: Decide
) -> None:
    """Bring a job in progress up to `now`.

    Objects are decided one after the other, `pace` apart, as long as somebody is at work; whatever is
    undecided `lifetime` after the job began expires (TaskAvailabilityLifetimeInSeconds).
    """
    if job.began is None:
        return
    expiry = job.began + lifetime
    while (item := _next_waiting(job)) is not None:
        if job.next_turn is None and present:
            job.next_turn = min(now, expiry) + pace
        due = job.next_turn
        if due is None or due > expiry:
            if now < expiry:
                return
            _expire_rest(job, expiry)
            return
        if due > now:
            return
        decide(job.cursor, item, due)
        item.decided = due
        job.cursor += 1
        job.next_turn = due + pace
        if reached_stopping_condition(job):
            return


def is_over(job: LabellingJob) -> bool:
    """Say whether nothing is left to label."""
    return _next_waiting(job) is None


def end_of(job: LabellingJob, *, pace: timedelta, lifetime: timedelta) -> datetime:
    """Return when the next look at a job in progress is due: when all is decided, or expired."""
    assert job.began is not None  # noqa: S101 (called for jobs in progress only)
    expiry = job.began + lifetime
    if job.next_turn is None:
        return expiry
    waiting = sum(item.state == WAITING for item in job.objects[job.cursor :])
    return min(expiry, job.next_turn + pace * max(0, waiting - 1))


def reached_stopping_condition(job: LabellingJob) -> bool:
    """Say whether one of the job's stopping conditions is met."""
    conditions = job.request.get("StoppingConditions", {})
    most = conditions.get("MaxHumanLabeledObjectCount")
    share = conditions.get("MaxPercentageOfInputDatasetLabeled")
    labelled = job.count(LABELLED)
    if most is not None and labelled >= most:
        return True
    return share is not None and (labelled + job.count(CARRIED)) * 100 >= share * len(job.objects)


def _next_waiting(job: LabellingJob) -> DataObject | None:
    while job.cursor < len(job.objects):
        if job.objects[job.cursor].state == WAITING:
            return job.objects[job.cursor]
        job.cursor += 1
    return None


def _expire_rest(job: LabellingJob, expiry: datetime) -> None:
    for item in job.objects[job.cursor :]:
        if item.state == WAITING:
            item.state, item.reason, item.decided = FAILED, EXPIRED, expiry
    job.cursor = len(job.objects)
