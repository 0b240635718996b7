"""Each file name is given out once per job, and only before the job has started."""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from contracts.stages import JobStatus
from runtime.errors import AwsError, trouble_from
from services.job_api.items import key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_PER_TRANSACTION = 99  # DynamoDB takes 100 actions; one of ours looks at the job
_CONDITION_FAILED = "ConditionalCheckFailed"


class Claim(Enum):
    """What became of the wish to use a file name."""

    GRANTED = auto()
    TAKEN = auto()


class JobTakesNoImages(Exception):
    """The job has started, or there is no such job."""


class ImageNames:
    """Claims file names, however many processes claim at the same time."""

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name

    def claim(self, job_id: str, filenames: Sequence[str]) -> dict[str, Claim]:
        """Claim distinct file names for a job.

        Raises:
            JobTakesNoImages: the job is unknown or takes no more images.
            Trouble: DynamoDB did not do it.
        """
        claims: dict[str, Claim] = {}
        for start in range(0, len(filenames), _PER_TRANSACTION):
            claims.update(self._claim_together(job_id, filenames[start : start + _PER_TRANSACTION]))
        return claims

    def _claim_together(self, job_id: str, filenames: Sequence[str]) -> Iterator[tuple[str, Claim]]:
        open_names = list(filenames)
        while open_names:
            taken = self._try_to_claim(job_id, open_names)
            if not taken:
                yield from ((name, Claim.GRANTED) for name in open_names)
                return
            yield from ((name, Claim.TAKEN) for name in taken)
            open_names = [name for name in open_names if name not in taken]

    def _try_to_claim(self, job_id: str, filenames: Sequence[str]) -> set[str]:
        """Claim all of the names, or none of them and say which are taken."""
        actions: list[Any] = [
            {
                "ConditionCheck": {
                    "TableName": self._table_name,
                    "Key": key(job_id, "job"),
                    "ConditionExpression": "#status = :created",
                    "ExpressionAttributeNames": {"#status": "status"},
                    "ExpressionAttributeValues": {":created": {"S": JobStatus.CREATED}},
                }
            }
        ]
        actions += [
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
            self._dynamodb.transact_write_items(TransactItems=actions)
        except ClientError as error:
            codes = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            if codes and codes[0] == _CONDITION_FAILED:
                raise JobTakesNoImages(job_id) from error
            taken = {
                name for name, code in zip(filenames, codes[1:], strict=False) if code == _CONDITION_FAILED
            }
            if not taken:
                raise trouble_from(error, "reserve the file name") from error
            return taken
        except AwsError as error:
            raise trouble_from(error, "reserve the file name") from error
        return set()
