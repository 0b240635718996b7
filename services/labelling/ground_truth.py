"""Labelling by people in SageMaker Ground Truth."""

import json
import re
from importlib import resources
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from contracts.facts import LabelCounts
from contracts.ids import Label, S3Uri
from contracts.names import labelling_job_name
from runtime.errors import AwsError, Permanent, Trouble, error_code, trouble_from
from services.labelling.backend import (
    LABEL_ATTRIBUTE,
    LabellingOrder,
    LabellingState,
    NoLabelling,
    Progress,
)
from services.labelling.bounding_box_functions import bounding_box_functions
from services.labelling.settings import LabellingSettings
from services.labelling.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mypy_boto3_sagemaker.client import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import (
        CreateLabelingJobRequestTypeDef,
        DescribeLabelingJobResponseTypeDef,
        HumanTaskConfigUnionTypeDef,
        LabelingJobOutputConfigTypeDef,
    )

GROUND_TRUTH = "ground-truth"
"""The name under which rows remember this backend."""

STATE_CHANGE = "SageMaker Ground Truth Labeling Job State Change"
"""``detail-type`` of the EventBridge notice that a labelling job has ended (sms-monitor-cloud-watch)."""

_SLOT = "a free place for a labelling job: the account has as many under way as its quota allows"
_PROGRESS = {
    "Stopping": Progress.STOPPING,
    "Completed": Progress.COMPLETED,
    "Stopped": Progress.STOPPED,
    "Failed": Progress.FAILED,
}
_ANOTHER_BACKEND = (
    "make a new job with another labelling backend: `console` (people label on our own page) or `import` "
    "(boxes that exist already)."
)
_PERHAPS_CLOSED = (
    "If this account has never used Ground Truth, AWS may not let it begin: Ground Truth has taken no new "
    f"customers since 30 July 2026. Then {_ANOTHER_BACKEND} Or use an account that has Ground Truth."
)
_NO_TEAM = (
    f"Without one, {_ANOTHER_BACKEND} Or have whoever runs this deployment give it a team (Terraform's "
    "`workteam_arn` or `make_workteam`), then retry the job."
)


def label_categories(labels: "Sequence[Label]") -> bytes:
    """Write a label category file; a label's place in it is its class id (sms-label-cat-config)."""
    document = {"document-version": "2018-11-28", "labels": [{"label": label} for label in labels]}
    return json.dumps(document).encode()


def worker_template() -> bytes:
    """Give the page on which people draw the boxes."""
    return resources.files(__package__).joinpath("template.html").read_bytes()


def job_id_of(name_prefix: str, labelling_job_arn: str) -> str | None:
    """Tell which training job a labelling job belongs to; ``None`` when it is none of ours."""
    ours = re.fullmatch(
        rf"arn:[^:]+:sagemaker:[^:]*:[^:]*:labeling-job/{re.escape(name_prefix)}-([0-9a-z]{{26}})-[0-9]+",
        labelling_job_arn,
    )
    return ours.group(1) if ours else None


class GroundTruth:
    """Creates labelling jobs and tells how they stand."""

    slot = _SLOT

    def __init__(self, sagemaker: "SageMakerClient", storage: Storage, settings: LabellingSettings) -> None:
        self._sagemaker = sagemaker
        self._storage = storage
        self._settings = settings

    def start(self, order: LabellingOrder, keep: "Callable[[], None]") -> str:
        """Create the order's labelling job, or find the one that was created before; give its ARN.

        Ground Truth takes no client token and burns a name for ever: the name makes a repeat harmless.

        Raises:
            Busy: the account has as many labelling jobs under way as it may.
            Permanent: AWS refuses the job, or this deployment has no work team.
            Trouble: it could not be created just now.
        """
        request = self._request(order)
        self._storage.write(_categories_file(order), label_categories(order.labels), "application/json")
        self._storage.write(_template_file(order), worker_template(), "text/html; charset=utf-8")
        try:
            return self._sagemaker.create_labeling_job(**request)["LabelingJobArn"]
        except ClientError as error:
            if error_code(error) == "ResourceInUse":
                return self._describe(order)["LabelingJobArn"]
            trouble = trouble_from(error, "create the labelling job", quotas={"ResourceLimitExceeded": _SLOT})
            raise _refused(trouble) if isinstance(trouble, Permanent) else trouble from error
        except AwsError as error:
            raise trouble_from(error, "create the labelling job") from error

    def look(self, order: LabellingOrder) -> LabellingState:
        """Tell how the order's labelling job stands.

        Raises:
            NoLabelling: SageMaker knows no such job.
            Trouble: AWS did not answer as asked.
        """
        found = self._describe(order)
        counters = found["LabelCounters"]
        return LabellingState(
            arn=found["LabelingJobArn"],
            progress=_PROGRESS.get(found["LabelingJobStatus"], Progress.UNDER_WAY),
            counts=LabelCounts(
                labelled=counters.get("TotalLabeled", 0),
                failed=counters.get("FailedNonRetryableError", 0),
                unlabelled=counters.get("Unlabeled", 0),
            ),
            # SageMaker gives members that were never set as empty texts.
            output_manifest=found.get("LabelingJobOutput", {}).get("OutputDatasetS3Uri") or None,
            reason=found.get("FailureReason", ""),
        )

    def stop(self, order: LabellingOrder) -> None:
        """Have the order's labelling job stopped; it stays in Stopping until what was labelled is written.

        Raises:
            NoLabelling: SageMaker knows no such job.
            Trouble: AWS did not do it.
        """
        name = self._name(order)
        try:
            self._sagemaker.stop_labeling_job(LabelingJobName=name)
        except AwsError as error:
            raise self._trouble(error, name, "stop the labelling job") from error

    def _describe(self, order: LabellingOrder) -> "DescribeLabelingJobResponseTypeDef":
        name = self._name(order)
        try:
            return self._sagemaker.describe_labeling_job(LabelingJobName=name)
        except AwsError as error:
            raise self._trouble(error, name, "look at the labelling job") from error

    def _trouble(self, error: Exception, name: str, doing: str) -> Trouble:
        if isinstance(error, ClientError) and error_code(error) == "ResourceNotFound":
            return NoLabelling(
                "labelling-job-gone",
                f"SageMaker knows no labelling job {name} in {self._sagemaker.meta.region_name}.",
                "Retry the job; its images are labelled anew.",
            )
        return trouble_from(error, doing)

    def _name(self, order: LabellingOrder) -> str:
        return labelling_job_name(self._settings.name_prefix, order.job_id, order.attempt)

    def _request(self, order: LabellingOrder) -> "CreateLabelingJobRequestTypeDef":
        return {
            "LabelingJobName": self._name(order),
            "LabelAttributeName": LABEL_ATTRIBUTE,
            "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": order.manifest}}},
            "OutputConfig": self._output(order),
            "RoleArn": self._settings.labelling_role_arn,
            "LabelCategoryConfigS3Uri": _categories_file(order),
            "HumanTaskConfig": self._task(order),
            "Tags": [
                {"Key": "ekyc:job-id", "Value": order.job_id},
                {"Key": "ekyc:name-prefix", "Value": self._settings.name_prefix},
            ],
        }

    def _team(self) -> str:
        if self._settings.workteam_arn is None:
            raise Permanent("no-work-team", "This deployment has no work team for Ground Truth.", _NO_TEAM)
        return self._settings.workteam_arn

    def _output(self, order: LabellingOrder) -> "LabelingJobOutputConfigTypeDef":
        output: LabelingJobOutputConfigTypeDef = {"S3OutputPath": f"{order.folder}output/"}
        if self._settings.output_kms_key_arn is not None:
            output["KmsKeyId"] = self._settings.output_kms_key_arn
        return output

    def _task(self, order: LabellingOrder) -> "HumanTaskConfigUnionTypeDef":
        functions = bounding_box_functions(self._sagemaker.meta.region_name)
        return {
            "WorkteamArn": self._team(),
            "UiConfig": {"UiTemplateS3Uri": _template_file(order)},
            "PreHumanTaskLambdaArn": functions.prepare,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": functions.consolidate},
            "TaskTitle": "Draw boxes round identity documents",
            "TaskDescription": "Draw a tight box round every document in the photograph and choose its type.",
            "TaskKeywords": ["identity documents", "bounding box", "images"],
            "NumberOfHumanWorkersPerDataObject": order.workers_per_image,
            "TaskTimeLimitInSeconds": self._settings.task_time_limit_seconds,
            "TaskAvailabilityLifetimeInSeconds": self._settings.task_lifetime_seconds,
            "MaxConcurrentTaskCount": self._settings.max_concurrent_tasks,
        }


def _categories_file(order: LabellingOrder) -> S3Uri:
    return f"{order.folder}label-categories.json"


def _template_file(order: LabellingOrder) -> S3Uri:
    return f"{order.folder}template.html"


def _refused(trouble: Permanent) -> Permanent:
    # What a closed-out account is told is documented nowhere, so the hint goes with every refusal.
    return Permanent("labelling-refused", trouble.reason, f"{trouble.advice} {_PERHAPS_CLOSED}")
