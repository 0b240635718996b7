"""EventBridge Scheduler: the clock of the watchers."""

from typing import TYPE_CHECKING, Any

from local.apply.outcome import Outcome
from local.resources import Schedule

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


def apply_schedule(scheduler: "EventBridgeSchedulerClient", schedule: Schedule) -> Outcome:
    """Make the schedule, or bring it up to date."""
    wanted: dict[str, Any] = {
        "ScheduleExpression": schedule.expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Target": {
            "Arn": schedule.target,
            "RoleArn": schedule.role,
            # The next tick comes soon enough; a late one is of no use.
            "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
        },
    }
    try:
        stored = scheduler.get_schedule(Name=schedule.name)
    except scheduler.exceptions.ResourceNotFoundException:
        scheduler.create_schedule(Name=schedule.name, **wanted)
        return Outcome.CREATED
    if all(stored.get(name) == value for name, value in wanted.items()):
        return Outcome.UNCHANGED
    scheduler.update_schedule(Name=schedule.name, **wanted)
    return Outcome.UPDATED
