"""SQS: queues with their dead-letter queues and policies."""

from typing import TYPE_CHECKING

from local.apply.outcome import Outcome, as_json, same_json
from local.resources import Policy, Queue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def apply_queue(sqs: "SQSClient", queue: Queue) -> Outcome:
    """Make the queue, or bring its attributes up to date; a dead-letter queue goes before its queue."""
    policies = {
        "Policy": queue.policy,
        "RedrivePolicy": queue.redrive,
        "RedriveAllowPolicy": queue.redrive_allow,
    }
    try:
        url = sqs.get_queue_url(QueueName=queue.name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        wanted = {**queue.attributes, **{name: as_json(value) for name, value in policies.items() if value}}
        sqs.create_queue(QueueName=queue.name, Attributes=wanted)  # type: ignore[arg-type] # names as plain strings
        return Outcome.CREATED
    stored = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    stale = _stale({str(name): value for name, value in stored.items()}, queue.attributes, policies)
    if stale:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=stale)  # type: ignore[arg-type] # names as plain strings
    return Outcome.of(updated=bool(stale))


def _stale(
    stored: dict[str, str], attributes: dict[str, str], policies: dict[str, Policy | None]
) -> dict[str, str]:
    plain = {name: value for name, value in attributes.items() if stored.get(name) != value}
    # An empty string takes a policy away.
    documents = {
        name: as_json(value) if value else ""
        for name, value in policies.items()
        if not same_json(stored.get(name), value)
    }
    return {**plain, **documents}
