"""Transactions that meet others, which moto cannot play."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from runtime.errors import Permanent, Retryable
from runtime.transactions import ConditionsFailed, write_together
from tests.support.rekognition import refusal


def cancelled(*codes: str) -> ClientError:
    """Give the error of a cancelled transaction, with a code for each of its actions."""
    error = refusal("TransactionCanceledException", "TransactWriteItems")
    error.response["CancellationReasons"] = [{"Code": code} for code in codes]
    return error


class FakeDynamoDb:
    """Cancels as many transactions as it is given errors."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.written: list[Any] = []
        self.paused: list[float] = []

    def transact_write_items(self, *, TransactItems: Any) -> None:  # noqa: N803
        if self.errors:
            raise self.errors.pop(0)
        self.written.append(TransactItems)

    def write(self) -> None:
        write_together(self, [{"Put": {}}, {"Put": {}}], "do it", sleep=self.paused.append)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_met_another_is_tried_again(code: str) -> None:
    dynamodb = FakeDynamoDb(cancelled("None", code), cancelled(code, code))
    dynamodb.write()
    assert len(dynamodb.written) == 1
    assert dynamodb.paused == sorted(dynamodb.paused)


def test_one_that_keeps_meeting_others_is_left_to_whoever_asked() -> None:
    dynamodb = FakeDynamoDb(*[cancelled("TransactionConflict", "None")] * 100)
    with pytest.raises(Retryable, match="others were writing"):
        dynamodb.write()
    assert sum(dynamodb.paused) < 2


def test_a_condition_that_failed_is_told_by_its_action() -> None:
    with pytest.raises(ConditionsFailed) as caught:
        FakeDynamoDb(cancelled("TransactionConflict", "ConditionalCheckFailed")).write()
    assert caught.value.numbers == {1}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (cancelled("None", "ValidationError"), Permanent),
        (cancelled("ItemCollectionSizeLimitExceeded", "None"), Permanent),
        (refusal("ValidationException"), Permanent),
        (refusal("TransactionInProgressException"), Retryable),
        (EndpointConnectionError(endpoint_url="https://x"), Retryable),
    ],
)
def test_other_trouble_is_not_tried_again(error: Exception, kind: type[Exception]) -> None:
    dynamodb = FakeDynamoDb(error)
    with pytest.raises(kind, match="do it"):
        dynamodb.write()
    assert dynamodb.paused == []
