"""Running models in Rekognition Custom Labels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runtime.errors import AwsError, error_code, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient

MODEL_SLOT = "a free place to run a model: an account runs two at a time, with five inference units each"
_SLOT_CODES = ("LimitExceededException", "ServiceQuotaExceededException")


@dataclass(frozen=True)
class ModelState:
    """What Rekognition says of a model version."""

    status: str
    message: str


class Models:
    """Starts and stops models and tells how they stand."""

    def __init__(self, rekognition: "RekognitionClient") -> None:
        self._rekognition = rekognition

    def find(self, project_arn: str, version_arn: str) -> ModelState | None:
        """Describe a model, or give ``None`` when it is gone.

        Raises:
            Trouble: AWS did not answer as asked.
        """
        try:
            found = self._rekognition.describe_project_versions(
                ProjectArn=project_arn, VersionNames=[_version_name(version_arn)]
            )["ProjectVersionDescriptions"]
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise trouble_from(error, "look at the model") from error
        except AwsError as error:
            raise trouble_from(error, "look at the model") from error
        if not found:
            return None
        return ModelState(found[0]["Status"], found[0].get("StatusMessage", ""))

    def start(self, version_arn: str, inference_units: int) -> None:
        """Start a model, or find that it has been started already.

        Raises:
            Busy: the account runs as many models or inference units as it may.
            Trouble: anything else that AWS has against it.
        """
        try:
            self._rekognition.start_project_version(
                ProjectVersionArn=version_arn, MinInferenceUnits=inference_units
            )
        except ClientError as error:
            if error_code(error) != "ResourceInUseException":
                raise trouble_from(
                    error, "start the model", quotas=dict.fromkeys(_SLOT_CODES, MODEL_SLOT)
                ) from error
        except AwsError as error:
            raise trouble_from(error, "start the model") from error

    def stop(self, version_arn: str) -> None:
        """Stop a model, or find that it is being stopped already.

        Raises:
            Trouble: AWS did not do it.
        """
        try:
            self._rekognition.stop_project_version(ProjectVersionArn=version_arn)
        except ClientError as error:
            if error_code(error) not in {"ResourceInUseException", "ResourceNotFoundException"}:
                raise trouble_from(error, "stop the model") from error
        except AwsError as error:
            raise trouble_from(error, "stop the model") from error


def _version_name(version_arn: str) -> str:
    # DescribeProjectVersions filters by name only; the ARN is …:project/<name>/version/<version>/<epoch ms>.
    return version_arn.split("/version/")[1].split("/")[0]
