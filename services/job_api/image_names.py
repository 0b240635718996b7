"""Each file name is given out once per job."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import TYPE_CHECKING

from runtime.transactions import ConditionsFailed, write_together
from services.job_api.items import key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_PER_TRANSACTION = 100  # as many actions as DynamoDB takes
_AT_ONCE = 10  # connections of the client, and transactions of a request for a thousand names


class Claim(Enum):
    """What became of the wish to use a file name."""

    GRANTED = auto()
    TAKEN = auto()


class ImageNames:
    """Claims file names, however many processes claim at the same time.

    Requests of one job have nothing in common but the names that they share: whoever claims looks at the job
    afterwards. With a look at the job in each transaction, parallel ones would cancel each other.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name

    def claim(self, job_id: str, filenames: Sequence[str]) -> dict[str, Claim]:
        """Claim distinct file names for a job.

        Raises:
            Trouble: DynamoDB did not do it.
        """
        starts = range(0, len(filenames), _PER_TRANSACTION)
        batches = [filenames[start : start + _PER_TRANSACTION] for start in starts]
        claims: dict[str, Claim] = {}
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for claimed in pool.map(lambda batch: self._claim_together(job_id, batch), batches):
                claims |= claimed
        return claims

    def _claim_together(self, job_id: str, filenames: Sequence[str]) -> dict[str, Claim]:
        claims: dict[str, Claim] = {}
        open_names = list(filenames)
        while open_names:
            taken = self._try_to_claim(job_id, open_names)
            if not taken:
                return claims | dict.fromkeys(open_names, Claim.GRANTED)
            claims |= dict.fromkeys(taken, Claim.TAKEN)
            open_names = [name for name in open_names if name not in taken]
        return claims

    def _try_to_claim(self, job_id: str, filenames: Sequence[str]) -> set[str]:
        """Claim all of the names, or none of them and say which are taken."""
        actions = [
            {
                "Put": {
                    "TableName": self._table_name,
                    "Item": key(job_id, f"image#{filename}"),
                    "ConditionExpression": "attribute_not_exists(job_id)",
                }
            }
            for filename in filenames
        ]
        try:
            write_together(self._dynamodb, actions, "reserve the file name")
        except ConditionsFailed as failed:
            return {filenames[number] for number in failed.numbers}
        return set()
