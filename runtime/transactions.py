"""Writes that happen all or not at all."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runtime.errors import AwsError, Retryable, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
_PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class ConditionsFailed(Exception):
    """Conditions refused the transaction; ``numbers`` says of which of its actions, counted from 0."""

    def __init__(self, numbers: set[int]) -> None:
        super().__init__(f"conditions of the actions {sorted(numbers)} failed")
        self.numbers = numbers


def write_together(
    dynamodb: "DynamoDBClient",
    actions: Sequence[Any],
    doing: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Write the actions of a transaction; ``doing`` says in words for the user what that does.

    Two transactions that meet at an item, even where one only checks it, cancel each other, and neither
    DynamoDB nor boto3 tries again (transaction-apis): parallel requests for one job would fail. So they are
    tried again here, after moments that grow.

    Raises:
        ConditionsFailed: what was expected of the items is not so.
        Trouble: DynamoDB did not do it.
    """
    for pause in (*_PAUSES, None):
        try:
            dynamodb.transact_write_items(TransactItems=actions)
        except ClientError as error:
            codes = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
            failed = {number for number, code in enumerate(codes) if code == "ConditionalCheckFailed"}
            if failed:
                raise ConditionsFailed(failed) from error
            if not codes or not _PASSING.issuperset(codes):
                raise trouble_from(error, doing) from error
            if pause is None:
                raise Retryable(f"others were writing while we tried to {doing}") from error
            sleep(pause)
        except AwsError as error:
            raise trouble_from(error, doing) from error
        else:
            return
