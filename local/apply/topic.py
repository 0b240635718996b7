"""SNS: the topic and who hears what on it."""

import json
from typing import TYPE_CHECKING

from local.apply.outcome import Outcome
from local.resources import Subscription, Topic

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def apply_topic(sns: "SNSClient", topic: Topic) -> Outcome:
    """Make the topic, or bring its key up to date."""
    topics = {
        item["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for item in page["Topics"]
    }
    if topic.arn not in topics:
        sns.create_topic(Name=topic.name, Attributes={"KmsMasterKeyId": topic.key})
        return Outcome.CREATED
    if sns.get_topic_attributes(TopicArn=topic.arn)["Attributes"].get("KmsMasterKeyId") == topic.key:
        return Outcome.UNCHANGED
    sns.set_topic_attributes(TopicArn=topic.arn, AttributeName="KmsMasterKeyId", AttributeValue=topic.key)
    return Outcome.UPDATED


def apply_subscription(sns: "SNSClient", subscription: Subscription) -> Outcome:
    """Subscribe the queue, or bring filter and dead-letter queue up to date."""
    wanted = {
        "RawMessageDelivery": "true",
        "FilterPolicyScope": "MessageAttributes",
        "FilterPolicy": json.dumps({"type": list(subscription.types)}),
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": subscription.dead_letters}),
    }
    arn = _subscription_of(sns, subscription)
    if arn is None:
        sns.subscribe(
            TopicArn=subscription.topic, Protocol="sqs", Endpoint=subscription.queue, Attributes=wanted
        )
        return Outcome.CREATED
    stored = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    stale = [
        name for name, value in wanted.items() if _meaning(name, stored.get(name)) != _meaning(name, value)
    ]
    for name in stale:
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=wanted[name])
    return Outcome.of(updated=bool(stale))


def _subscription_of(sns: "SNSClient", subscription: Subscription) -> str | None:
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=subscription.topic)
    found = (
        item for page in pages for item in page["Subscriptions"] if item["Endpoint"] == subscription.queue
    )
    return next((item["SubscriptionArn"] for item in found), None)


def _meaning(name: str, value: str | None) -> object:
    if name in {"FilterPolicy", "RedrivePolicy"}:
        return json.loads(value) if value else None
    # MessageAttributes is the default, which may be left out of an answer.
    return value or ("MessageAttributes" if name == "FilterPolicyScope" else None)
