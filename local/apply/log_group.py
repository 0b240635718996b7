"""CloudWatch Logs: one group per function."""

from typing import TYPE_CHECKING

from local.apply.outcome import Outcome
from local.resources import LogGroup

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def apply_log_group(logs: "CloudWatchLogsClient", group: LogGroup) -> Outcome:
    """Make the group, or bring its retention up to date."""
    found = logs.describe_log_groups(logGroupNamePrefix=group.name)["logGroups"]
    stored = next((item for item in found if item.get("logGroupName") == group.name), None)
    if stored is None:
        logs.create_log_group(logGroupName=group.name)
    if stored is None or stored.get("retentionInDays") != group.retention_days:
        logs.put_retention_policy(logGroupName=group.name, retentionInDays=group.retention_days)
        return Outcome.of(created=stored is None, updated=True)
    return Outcome.UNCHANGED
