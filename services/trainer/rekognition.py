"""Trainings in Rekognition Custom Labels."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runtime.errors import AwsError, Retryable, error_code, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient
    from mypy_boto3_rekognition.type_defs import ProjectVersionDescriptionTypeDef

_SLOT_CODES = ("LimitExceededException", "ServiceQuotaExceededException")
TRAINING_SLOT = "a free training slot: Rekognition trains two models at a time in an account"


class Trainings:
    """Begins trainings and tells how they stand."""

    def __init__(self, rekognition: "RekognitionClient") -> None:
        self._rekognition = rekognition

    def start(self, project_arn: str, version_name: str, bucket: str, output_prefix: str) -> str:
        """Begin to train a version of this name, or find the one that was begun before; give its ARN.

        Custom Labels takes no client token: the name is what makes a repeated call harmless.

        Raises:
            Busy: the account trains as many models as it may.
            Trouble: anything else that AWS has against it.
        """
        try:
            return self._rekognition.create_project_version(
                ProjectArn=project_arn,
                VersionName=version_name,
                OutputConfig={"S3Bucket": bucket, "S3KeyPrefix": output_prefix},
            )["ProjectVersionArn"]
        except ClientError as error:
            if error_code(error) != "ResourceInUseException":
                raise trouble_from(
                    error, "start the training", quotas=dict.fromkeys(_SLOT_CODES, TRAINING_SLOT)
                ) from error
            mine = self.find(project_arn, version_name)
            if mine is None:
                raise Retryable(f"the project is in use ({error})") from error
            return mine["ProjectVersionArn"]
        except AwsError as error:
            raise trouble_from(error, "start the training") from error

    def find(self, project_arn: str, version_name: str) -> "ProjectVersionDescriptionTypeDef | None":
        """Describe the version of this name, or give ``None`` when there is none.

        Raises:
            Trouble: AWS did not answer as asked.
        """
        try:
            found = self._rekognition.describe_project_versions(
                ProjectArn=project_arn, VersionNames=[version_name]
            )
        except AwsError as error:
            if isinstance(error, ClientError) and error_code(error) == "ResourceNotFoundException":
                return None  # the project is gone, and the version with it
            raise trouble_from(error, "look at the training") from error
        return next(iter(found["ProjectVersionDescriptions"]), None)
