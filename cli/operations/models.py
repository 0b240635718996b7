"""What runs and trains in Rekognition Custom Labels, what it costs, and how much the account allows."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.operations.checkup import Check
from contracts.ids import JOB_ID_PATTERN

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_rekognition import RekognitionClient

UNIT_HOUR_DOLLARS = 4.0
"""List price of an inference unit for an hour [rekognition pricing]."""

_PAID = frozenset({"STARTING", "RUNNING", "STOPPING"})
_TRAINING = "TRAINING_IN_PROGRESS"
_JOB_OF = re.compile(rf"({JOB_ID_PATTERN.strip('^$')})-\d+")  # after the prefix, services/dataset/stage.py
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class Version:
    """A model that runs or trains."""

    arn: str
    project: str
    status: str
    units: int


@dataclass(frozen=True)
class Account:
    """Custom Labels in the whole account and region, other people's projects included."""

    projects: int
    versions: Sequence[Version]

    @property
    def paid(self) -> list[Version]:
        """What costs money by the hour."""
        return [version for version in self.versions if version.status in _PAID]

    @property
    def trainings(self) -> int:
        """How many trainings are under way."""
        return sum(version.status == _TRAINING for version in self.versions)


@dataclass(frozen=True)
class Quota:
    """A quota of the account: how much is used, how much there is, and who says so."""

    name: str
    used: int
    limit: int
    said_by: str
    frees_itself: bool


# Name, words that Service Quotas' own name for it has, the documented default, whether use ends by itself.
_QUOTAS = (
    ("projects", ("project",), 100, False),
    ("trainings at once", ("training", "concurrent"), 2, True),
    ("running models", ("running", "model"), 2, True),
)
_ONE_TRAINING = "ap-southeast-2"


def read_account(rekognition: "RekognitionClient") -> Account:
    """Look at every project; Custom Labels answers five such questions a second."""
    projects = [
        project
        for page in rekognition.get_paginator("describe_projects").paginate()
        for project in page["ProjectDescriptions"]
    ]
    versions = [version for project in projects for version in _versions(rekognition, project["ProjectArn"])]
    return Account(len(projects), versions)


def model_check(account: Account, known: set[str], prefix: str) -> Check:
    """Judge what runs; `known` are the ARNs of models that a job's deployer watches."""
    ours = [version for version in account.paid if version.project.startswith(f"{prefix}-")]
    orphans = [version for version in ours if version.arn not in known]
    findings = [
        f"{version.project} is {version.status} and no job knows it: nobody will stop it. If not needed: "
        f"aws rekognition stop-project-version --project-version-arn {version.arn}"
        for version in orphans
    ]
    units = sum(version.units for version in ours)
    facts = [
        {
            "projectVersionArn": version.arn,
            "jobId": job_of(version, prefix),
            "status": version.status,
            "inferenceUnits": version.units,
            "dollarsPerHour": version.units * UNIT_HOUR_DOLLARS,
            "known": version.arn in known,
        }
        for version in ours
    ]
    lines = [
        f"{version.project}: {version.status}, ${version.units * UNIT_HOUR_DOLLARS:.2f} an hour"
        for version in ours
    ]
    return Check(
        "models", f"{len(ours)} cost ${units * UNIT_HOUR_DOLLARS:.2f} an hour", facts, lines, findings
    )


def known_models(dynamodb: "DynamoDBClient", prefix: str, versions: Sequence[Version]) -> set[str]:
    """ARNs of those that the deployer still has an eye on: their job's row waits, for this very model."""
    return {version.arn for version in versions if _is_watched(dynamodb, prefix, version)}


def job_of(version: Version, prefix: str) -> str | None:
    """The job that a project is named after."""
    named = _JOB_OF.fullmatch(version.project.removeprefix(f"{prefix}-"))
    return named.group(1) if named else None


def read_quotas(service_quotas: Any, account: Account, region: str) -> list[Quota]:
    """Compare what is used with what is allowed: as Service Quotas says, else the documented default."""
    try:
        pages = service_quotas.get_paginator("list_service_quotas").paginate(ServiceCode="rekognition")
        told = {quota["QuotaName"].lower(): int(quota["Value"]) for page in pages for quota in page["Quotas"]}
    except (ClientError, BotoCoreError):
        told = {}  # not there in an emulator, or not allowed: the defaults are better than nothing
    used = (account.projects, account.trainings, len(account.paid))
    return [
        _quota(name, count, words, _default(name, default, region), told, frees_itself=frees_itself)
        for (name, words, default, frees_itself), count in zip(_QUOTAS, used, strict=True)
    ]


def quota_check(quotas: Sequence[Quota]) -> Check:
    """Judge them: jobs wait in line for what frees itself; projects nobody takes away but a person."""
    findings = [
        f"{quota.used} of {quota.limit} {quota.name} are used: delete projects that nobody needs, "
        "or ask AWS for more"
        for quota in quotas
        if not quota.frees_itself and quota.used >= _NEARLY_ALL * quota.limit
    ]
    facts = [
        {"quota": quota.name, "used": quota.used, "limit": quota.limit, "limitFrom": quota.said_by}
        for quota in quotas
    ]
    summary = ", ".join(f"{quota.used} of {quota.limit} {quota.name}" for quota in quotas)
    return Check("quotas", summary, facts, (), findings)


def _versions(rekognition: "RekognitionClient", project_arn: str) -> Iterator[Version]:
    pages = rekognition.get_paginator("describe_project_versions").paginate(ProjectArn=project_arn)
    for page in pages:
        for version in page["ProjectVersionDescriptions"]:
            if version["Status"] in _PAID or version["Status"] == _TRAINING:
                yield Version(
                    version["ProjectVersionArn"],
                    project_arn.split(":project/", 1)[1].split("/", 1)[0],
                    version["Status"],
                    version.get("MinInferenceUnits", 1),
                )


def _is_watched(dynamodb: "DynamoDBClient", prefix: str, version: Version) -> bool:
    job_id = job_of(version, prefix)
    if job_id is None:
        return False
    found = dynamodb.get_item(
        TableName=f"{prefix}-deployer", Key={"job_id": {"S": job_id}}, ConsistentRead=True
    )
    item = found.get("Item", {})
    body = json.loads(item.get("body", {}).get("S", "{}"))
    return "waiting" in item and body.get("project_version_arn") == version.arn


def _quota(
    name: str, used: int, words: Sequence[str], default: int, told: dict[str, int], *, frees_itself: bool
) -> Quota:
    for quota_name, limit in told.items():
        if "custom labels" in quota_name and all(word in quota_name for word in words):
            return Quota(name, used, limit, "Service Quotas", frees_itself)
    return Quota(name, used, default, "documented default", frees_itself)


def _default(name: str, default: int, region: str) -> int:
    return 1 if region == _ONE_TRAINING and name.startswith("trainings") else default
