"""Datasets in Rekognition Custom Labels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runtime.errors import AwsError, error_code, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient


@dataclass(frozen=True)
class DatasetState:
    """What Rekognition says of a dataset.

    Attributes:
        status: such as ``CREATE_COMPLETE``.
        message: what it says beside the status.
        message_code: ``SUCCESS``, ``SERVICE_ERROR`` or ``CLIENT_ERROR``.
        entries: lines that it took.
        error_entries: entries among them in which it found a fault.
    """

    status: str
    message: str
    message_code: str
    entries: int
    error_entries: int


class DatasetReader:
    """Tells how datasets stand."""

    def __init__(self, rekognition: "RekognitionClient") -> None:
        self._rekognition = rekognition

    def find(self, dataset_arn: str) -> DatasetState | None:
        """Describe a dataset, or give ``None`` when it is gone.

        Raises:
            Trouble: AWS did not answer as asked.
        """
        try:
            found = self._rekognition.describe_dataset(DatasetArn=dataset_arn)["DatasetDescription"]
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise trouble_from(error, "look at the dataset") from error
        except AwsError as error:
            raise trouble_from(error, "look at the dataset") from error
        stats = found.get("DatasetStats", {})
        return DatasetState(
            status=found["Status"],
            message=found.get("StatusMessage", ""),
            message_code=found.get("StatusMessageCode", ""),
            entries=stats.get("TotalEntries", 0),
            error_entries=stats.get("ErrorEntries", 0),
        )
