"""Events out: onto the one topic, with what the subscriptions filter by."""

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Event
from runtime.errors import AwsError, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient


class OutgoingEvent(BaseModel):
    """An event as it is recorded before it is published."""

    model_config = ConfigDict(frozen=True)

    type: str
    body: str

    @classmethod
    def of(cls, event: Event) -> Self:
        """Make an event ready to be recorded."""
        return cls(type=event.type, body=event.to_json())


class Publisher:
    """Publishes a service's events."""

    def __init__(self, sns: "SNSClient", topic_arn: str) -> None:
        self._sns = sns
        self._topic_arn = topic_arn

    def publish(self, event: OutgoingEvent) -> None:
        """Publish one event.

        Raises:
            Trouble: SNS did not take it.
        """
        try:
            self._sns.publish(
                TopicArn=self._topic_arn,
                Message=event.body,
                MessageAttributes={"type": {"DataType": "String", "StringValue": event.type}},
            )
        except AwsError as error:
            raise trouble_from(error, "publish an event") from error
