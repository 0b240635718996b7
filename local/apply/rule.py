"""EventBridge: rules on the default bus."""

import json
from typing import TYPE_CHECKING

from local.apply.outcome import Outcome
from local.resources import Rule

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

_TARGET = "queue"


def apply_rule(events: "EventBridgeClient", rule: Rule) -> Outcome:
    """Make the rule and its target, or bring them up to date."""
    try:
        stored = json.loads(events.describe_rule(Name=rule.name)["EventPattern"])
    except events.exceptions.ResourceNotFoundException:
        stored = None
    if stored != rule.pattern:
        events.put_rule(Name=rule.name, EventPattern=json.dumps(rule.pattern), State="ENABLED")
    target = {"Id": _TARGET, "Arn": rule.target, "DeadLetterConfig": {"Arn": rule.dead_letter}}
    targets = events.list_targets_by_rule(Rule=rule.name)["Targets"]
    if targets != [target]:
        events.put_targets(
            Rule=rule.name,
            Targets=[{"Id": _TARGET, "Arn": rule.target, "DeadLetterConfig": {"Arn": rule.dead_letter}}],
        )
    return Outcome.of(created=stored is None, updated=stored != rule.pattern or targets != [target])
