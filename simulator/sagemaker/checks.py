"""What CreateLabelingJob refuses beyond the service model's own constraints [sms-create-labeling-job-api]."""

import re
from typing import Any

from simulator.core.errors import ValidationFailed
from simulator.core.s3 import Buckets, S3Error, parse_uri
from simulator.core.wire import Caller

# The account that owns the built-in Lambda functions in each region (HumanTaskConfig in the service model).
BUILT_IN_ACCOUNTS = {
    "us-east-1": "432418664414",
    "us-east-2": "266458841044",
    "us-west-2": "081040173940",
    "ca-central-1": "918755190332",
    "eu-west-1": "568282634449",
    "eu-west-2": "487402164563",
    "eu-central-1": "203001061592",
    "ap-northeast-1": "477331159723",
    "ap-northeast-2": "845288260483",
    "ap-south-1": "565803892007",
    "ap-southeast-1": "377565633583",
    "ap-southeast-2": "454466003867",
}
MAX_TASK_SECONDS = 8 * 3600
MAX_AVAILABILITY_SECONDS = 30 * 24 * 3600
_WORKTEAM = re.compile(
    r"arn:[a-z-]+:sagemaker:([a-z0-9-]+):(\d{12}):workteam/(private|vendor|public)-crowd/(.+)"
)


def check_request(request: dict[str, Any], caller: Caller) -> None:
    """Refuse what AWS refuses, and what is not simulated.

    Raises:
        ValidationFailed: The message names the parameter and what it must be.
    """
    _check_attribute(request["LabelAttributeName"])
    _check_data_source(request["InputConfig"]["DataSource"])
    if not request.get("LabelCategoryConfigS3Uri"):
        raise ValidationFailed("LabelCategoryConfigS3Uri is required for the built-in bounding box task.")
    if "LabelingJobAlgorithmsConfig" in request:
        raise ValidationFailed("LabelingJobAlgorithmsConfig: automated labelling is not simulated.")
    _check_s3_uri(request["OutputConfig"]["S3OutputPath"].rstrip("/") + "/job", "S3OutputPath")
    _check_human_task(request["HumanTaskConfig"], caller)


def check_files(buckets: Buckets, request: dict[str, Any]) -> None:
    """Refuse a job whose manifest, label categories or template cannot be read.

    Raises:
        ValidationFailed: The message names the file.
    """
    files = {
        "ManifestS3Uri": request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"],
        "LabelCategoryConfigS3Uri": request["LabelCategoryConfigS3Uri"],
        "UiTemplateS3Uri": request["HumanTaskConfig"]["UiConfig"]["UiTemplateS3Uri"],
    }
    for name, uri in files.items():
        _check_s3_uri(uri, name)
        place = parse_uri(uri)
        assert place is not None  # noqa: S101 (just checked)
        try:
            buckets.size(place)
        except S3Error as error:
            raise ValidationFailed(f"{name}: {error}. Check the URI and the permissions.") from error


def workteam_name(arn: str, caller: Caller) -> str | None:
    """Return the name of the caller's own private team that `arn` means, None for a vendor's team.

    Raises:
        ValidationFailed: The team cannot be used in this account and region.
    """
    match = _WORKTEAM.fullmatch(arn)
    if match is None:
        raise ValidationFailed(f"WorkteamArn {arn} is not a private or vendor work team.")
    region, account, crowd, name = match.groups()
    if region != caller.region:
        raise ValidationFailed(f"WorkteamArn {arn}: the work team must be in {caller.region}, as the job is.")
    if crowd == "public":
        raise ValidationFailed(
            "WorkteamArn: the public workforce (Amazon Mechanical Turk) was closed on 30 September 2026; "
            "use a private or vendor work team."
        )
    if crowd == "vendor":
        return None
    if account != caller.account:
        raise ValidationFailed(f"WorkteamArn {arn} belongs to another account.")
    return name


def _check_attribute(name: str) -> None:
    if name.endswith(("-metadata", "-ref")) or name in ("source", "source-ref"):
        raise ValidationFailed(
            f"LabelAttributeName {name!r} is reserved: it must not end in -metadata or -ref, nor be source."
        )


def _check_data_source(source: dict[str, Any]) -> None:
    if "SnsDataSource" in source:
        raise ValidationFailed("SnsDataSource: streaming labelling jobs are not simulated.")
    if "S3DataSource" not in source:
        raise ValidationFailed("InputConfig.DataSource needs S3DataSource.ManifestS3Uri.")


def _check_human_task(config: dict[str, Any], caller: Caller) -> None:
    if not config["UiConfig"].get("UiTemplateS3Uri"):
        raise ValidationFailed("UiConfig.UiTemplateS3Uri is required for images.")
    account = BUILT_IN_ACCOUNTS.get(caller.region)
    if account is None:
        raise ValidationFailed(f"Region {caller.region} has no built-in bounding box functions.")
    consolidation = config.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    _check_function(
        config.get("PreHumanTaskLambdaArn"), "PRE", account, caller.region, "PreHumanTaskLambdaArn"
    )
    _check_function(consolidation, "ACS", account, caller.region, "AnnotationConsolidationLambdaArn")
    if config["TaskTimeLimitInSeconds"] > MAX_TASK_SECONDS:
        raise ValidationFailed(f"TaskTimeLimitInSeconds must be at most {MAX_TASK_SECONDS} for image tasks.")
    if config.get("TaskAvailabilityLifetimeInSeconds", 0) > MAX_AVAILABILITY_SECONDS:
        raise ValidationFailed(
            f"TaskAvailabilityLifetimeInSeconds must be at most {MAX_AVAILABILITY_SECONDS} (30 days)."
        )
    if "PublicWorkforceTaskPrice" in config:
        raise ValidationFailed("PublicWorkforceTaskPrice: there is no public workforce any more.")
    workteam_name(config["WorkteamArn"], caller)


def _check_function(arn: str | None, half: str, account: str, region: str, parameter: str) -> None:
    expected = f"arn:aws:lambda:{region}:{account}:function:{half}-BoundingBox"
    if arn != expected:
        raise ValidationFailed(f"{parameter} must be {expected}; only the bounding box task is simulated.")


def _check_s3_uri(uri: str, name: str) -> None:
    if parse_uri(uri) is None:
        raise ValidationFailed(f"{name} {uri!r} must look like s3://bucket/key.")
