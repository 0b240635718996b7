"""Projects and datasets in Rekognition Custom Labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from runtime.errors import AwsError, Permanent, Retryable, error_code, error_message, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient

DatasetType = Literal["TRAIN", "TEST"]


@dataclass(frozen=True)
class Project:
    """What Rekognition says of a project: its state, and the ARNs of its datasets by type."""

    arn: str
    status: str
    datasets: Mapping[DatasetType, str]


class Projects:
    """Creates projects and their datasets, each once however often it is asked for.

    Custom Labels takes no client tokens: the name of a project, and the type of a dataset in it, make a
    repeated call harmless.
    """

    def __init__(self, rekognition: "RekognitionClient") -> None:
        self._rekognition = rekognition

    def create(self, name: str) -> str:
        """Create the project of this name, or find the one that was created before; give its ARN.

        Raises:
            Trouble: AWS did not do it.
        """
        try:
            return self._rekognition.create_project(ProjectName=name)["ProjectArn"]
        except ClientError as error:
            if error_code(error) == "LimitExceededException":
                raise _no_more_projects(error) from error
            if error_code(error) != "ResourceInUseException":
                raise trouble_from(error, "create the project") from error
            mine = self.find(name)
            if mine is None:
                raise Retryable(f"the project {name} exists and is not shown yet") from error
            return mine.arn
        except AwsError as error:
            raise trouble_from(error, "create the project") from error

    def find(self, name: str) -> Project | None:
        """Describe the project of this name, or give ``None`` when none is shown.

        Raises:
            Trouble: AWS did not answer as asked.
        """
        try:
            found = self._rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
        except AwsError as error:
            raise trouble_from(error, "look at the project") from error
        if not found:
            return None
        datasets = {d["DatasetType"]: d["DatasetArn"] for d in found[0].get("Datasets", [])}
        return Project(found[0]["ProjectArn"], found[0]["Status"], datasets)

    def create_dataset(self, project_arn: str, dataset_type: DatasetType, bucket: str, key: str) -> str:
        """Have a dataset made from a manifest; give its ARN.

        Raises:
            Retryable: it exists already and will be shown with the project, or AWS makes too many just now.
            Trouble: anything else that AWS has against it.
        """
        try:
            return self._rekognition.create_dataset(
                ProjectArn=project_arn,
                DatasetType=dataset_type,
                DatasetSource={"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": key}}},
            )["DatasetArn"]
        except ClientError as error:
            # Too many at a time: those under way end by themselves within minutes.
            if error_code(error) in {"ResourceAlreadyExistsException", "LimitExceededException"}:
                raise Retryable(f"no {dataset_type} dataset was made just now ({error})") from error
            raise trouble_from(error, f"create the {dataset_type} dataset") from error
        except AwsError as error:
            raise trouble_from(error, f"create the {dataset_type} dataset") from error


def _no_more_projects(error: ClientError) -> Permanent:
    return Permanent(
        "too-many-projects",
        "The account has as many Custom Labels projects as it may have (100 unless AWS raised it): "
        f"{error_message(error)}",
        "Delete projects that are no longer needed or ask AWS for a higher quota, then retry the job.",
    )
