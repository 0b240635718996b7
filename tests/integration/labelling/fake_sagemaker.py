"""SageMaker's labelling jobs as one service sees them: behind a real boto3 client, without a network."""

import json
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.hooks import BaseEventHooks
from botocore.model import OperationModel

from tests.support.world import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = tuple[AWSResponse, dict[str, Any]]


class ProcessDied(BaseException):
    """What a test raises where the process shall end; nothing catches it."""


class FakeSageMaker:
    """Answers in the place of the wire, so that boto3 checks and writes every request itself."""

    def __init__(self, region: str = "eu-west-1") -> None:
        self.region = region
        self.jobs: dict[str, dict[str, Any]] = {}
        self.refusal: tuple[str, str] | None = None
        self.dies_after_creating = False
        self.creations = 0
        self.stops = 0
        self.before_creating: Callable[[], None] = lambda: None

    def attach(self, events: BaseEventHooks) -> None:
        # The stubs know only handlers that answer nothing; botocore takes an answer in the request's place.
        events.register("before-call.sagemaker", cast("Any", self._answer))

    @property
    def only_job(self) -> dict[str, Any]:
        (job,) = self.jobs.values()
        return job

    def end(
        self,
        status: str,
        *,
        labelled: int = 0,
        failed: int = 0,
        unlabelled: int = 0,
        reason: str | None = None,
    ) -> None:
        """Let the only job end."""
        request = self.only_job["request"]
        folder = f"{request['OutputConfig']['S3OutputPath']}{request['LabelingJobName']}"
        self.only_job.update(
            status=status,
            counters={
                "TotalLabeled": labelled,
                "HumanLabeled": labelled,
                "MachineLabeled": 0,
                "FailedNonRetryableError": failed,
                "Unlabeled": unlabelled,
            },
            output=None if status == "Failed" else f"{folder}/manifests/output/output.manifest",
            reason=reason,
        )

    def _answer(self, model: OperationModel, params: dict[str, Any], **_: Any) -> Answer:
        body = json.loads(params["body"])
        match model.name:
            case "CreateLabelingJob":
                return self._create(body)
            case "DescribeLabelingJob":
                return self._describe(body["LabelingJobName"])
            case "StopLabelingJob":
                return self._stop(body["LabelingJobName"])
        raise AssertionError(f"labelling does not call {model.name}")

    def _create(self, body: dict[str, Any]) -> Answer:
        self.creations += 1
        self.before_creating()
        name = body["LabelingJobName"]
        if self.refusal is not None:
            return error(*self.refusal)
        if name.lower() in self.jobs:
            return error("ResourceInUse", f"Labeling job {name} already exists.")
        arn = f"arn:aws:sagemaker:{self.region}:{ACCOUNT}:labeling-job/{name}"
        self.jobs[name.lower()] = {
            "request": body,
            "arn": arn,
            "status": "InProgress",
            "counters": {},
            "output": None,
            "reason": None,
        }
        if self.dies_after_creating:
            self.dies_after_creating = False
            raise ProcessDied
        return answer(200, {"LabelingJobArn": arn})

    def _stop(self, name: str) -> Answer:
        self.stops += 1
        if self.refusal is not None:
            return error(*self.refusal)
        job = self.jobs.get(name.lower())
        if job is None:
            return error("ResourceNotFound", f"There is no labeling job {name}.")
        job["status"] = "Stopping"
        return answer(200, {})

    def _describe(self, name: str) -> Answer:
        job = self.jobs.get(name.lower())
        if job is None:
            return error("ResourceNotFound", f"There is no labeling job {name}.")
        found = {
            "LabelingJobName": name,
            "LabelingJobArn": job["arn"],
            "LabelingJobStatus": job["status"],
            "LabelCounters": job["counters"],
            "JobReferenceCode": "abc",
            "InputConfig": job["request"]["InputConfig"],
            "OutputConfig": job["request"]["OutputConfig"],
            "RoleArn": job["request"]["RoleArn"],
            "HumanTaskConfig": job["request"]["HumanTaskConfig"],
            # SageMaker gives members that were never set as empty texts.
            "LabelingJobOutput": {
                "OutputDatasetS3Uri": job["output"] or "",
                "FinalActiveLearningModelArn": "",
            },
        }
        if job["reason"]:
            found["FailureReason"] = job["reason"]
        return answer(200, found)


def answer(status: int, body: dict[str, Any]) -> Answer:
    """Make what botocore makes of an answer off the wire."""
    return AWSResponse("https://fake", status, HTTPHeaders(), None), {
        **body,
        "ResponseMetadata": {"HTTPStatusCode": status},
    }


def error(code: str, message: str, status: int = 400) -> Answer:
    """Make an error of it."""
    return answer(status, {"Error": {"Code": code, "Message": message}})
