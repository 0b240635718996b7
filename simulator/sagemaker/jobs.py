"""CreateLabelingJob, DescribeLabelingJob, StopLabelingJob and the listings."""

import hashlib
from typing import Any

from simulator.core.errors import AccessDenied, ValidationFailed
from simulator.core.operations import Answer, Call
from simulator.core.paging import StaleTokenError, page
from simulator.core.regions import Regions
from simulator.core.wire import Caller, partition_of
from simulator.core.world import World
from simulator.sagemaker.checks import check_files, check_request, workteam_name
from simulator.sagemaker.errors import ResourceInUse, ResourceLimitExceeded, ResourceNotFound
from simulator.sagemaker.models import FAILED, TERMINAL, LabellingJob, SageMakerState
from simulator.sagemaker.output import counters
from simulator.sagemaker.progress import Progress

_DESCRIBED = (
    "LabelAttributeName",
    "InputConfig",
    "OutputConfig",
    "RoleArn",
    "LabelCategoryConfigS3Uri",
    "StoppingConditions",
    "HumanTaskConfig",
)


class Jobs:
    """The labelling job operations."""

    def __init__(self, world: World, regions: Regions[SageMakerState], progress: Progress) -> None:
        self._world = world
        self._regions = regions
        self._progress = progress

    def create(self, call: Call) -> Answer:
        """CreateLabelingJob."""
        if self._world.options.choices.ground_truth_closed:
            raise AccessDenied(
                "Amazon SageMaker Ground Truth is no longer open to new customers. "
                "Use another way of labelling, or an account that used it before."
            )
        self._require_free_name(call)
        check_request(call.request, call.caller)
        self._check_workteam(call)

        def read_files_and_record() -> Answer:
            check_files(self._world.aws.buckets(call.caller), call.request)
            with self._world.tasks.lock:
                self._require_free_name(call)
                return self._record(call)

        return read_files_and_record

    def describe(self, call: Call) -> Answer:
        """DescribeLabelingJob."""
        job = self._require(call)
        self._progress.catch_up(job, call.now)
        answer: dict[str, Any] = {
            "LabelingJobName": job.name,
            "LabelingJobArn": job.arn,
            "LabelingJobStatus": job.status,
            "LabelCounters": counters(job),
            "CreationTime": job.created,
            "LastModifiedTime": job.modified,
            "JobReferenceCode": job.reference_code,
            **{name: job.request[name] for name in _DESCRIBED if name in job.request},
            "FailureReason": job.failure_reason or None,
            "LabelingJobOutput": _output(job),
        }
        tags = self._regions.at(call.caller).tags.get(job.arn)
        if tags:
            answer["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        return answer

    def stop(self, call: Call) -> Answer:
        """StopLabelingJob; harmless on a job that has ended."""
        job = self._require(call)
        if job.status in TERMINAL or job.status == "Stopping":
            return {}
        self._progress.catch_up(job, call.now)
        self._progress.stop(job, call.caller, call.now)
        return {}

    def list_all(self, call: Call) -> Answer:
        """ListLabelingJobs."""
        request = call.request
        jobs = [job for job in self._all(call) if _matches(job, request)]
        order = request.get("SortBy", "CreationTime")
        keys = {
            "Name": lambda job: job.name.lower(),
            "CreationTime": lambda job: job.created,
            "Status": lambda job: job.status,
        }
        descending = request.get("SortOrder", "Descending" if "SortBy" not in request else "Ascending")
        jobs.sort(key=keys[order], reverse=descending == "Descending")
        return _page(jobs, request, _summary, "LabelingJobSummaryList")

    def list_for_workteam(self, call: Call) -> Answer:
        """ListLabelingJobsForWorkteam."""
        request = call.request
        arn = request["WorkteamArn"]
        name = workteam_name(arn, call.caller)
        jobs = [job for job in self._all(call) if job.human_task["WorkteamArn"] == arn]
        if not jobs and name not in self._regions.at(call.caller).workteams:
            raise ResourceNotFound(f"There is no work team {arn}.")
        wanted = request.get("JobReferenceCodeContains", "")
        jobs = [job for job in jobs if wanted in job.reference_code and _created_between(job, request)]
        jobs.sort(key=lambda job: job.created, reverse=request.get("SortOrder", "Descending") == "Descending")
        return _page(jobs, request, lambda job: _workteam_summary(job, call.caller), "LabelingJobSummaryList")

    def _record(self, call: Call) -> Answer:
        state, caller, request = self._regions.at(call.caller), call.caller, call.request
        running = sum(job.status not in TERMINAL for job in state.jobs.values())
        if running >= self._world.options.quotas.running_labelling_jobs:
            raise ResourceLimitExceeded(
                f"The account already runs {running} labelling jobs; wait for one to end."
            )
        name = request["LabelingJobName"]
        arn = (
            f"arn:{partition_of(caller.region)}:sagemaker:{caller.region}:{caller.account}:"
            f"labeling-job/{name.lower()}"
        )
        job = LabellingJob(
            name=name,
            arn=arn,
            request={key: value for key, value in request.items() if key != "Tags"},
            reference_code=hashlib.sha256(arn.encode()).hexdigest()[:16],
            created=call.now,
            modified=call.now,
            faults={kind: fault.details for kind, fault in call.faults.items()},
        )
        state.jobs[name.lower()] = job
        if request.get("Tags"):
            state.tags[arn] = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
        self._progress.initialise(job, caller, call.now)
        return {"LabelingJobArn": arn}

    def _check_workteam(self, call: Call) -> None:
        arn = call.request["HumanTaskConfig"]["WorkteamArn"]
        name = workteam_name(arn, call.caller)
        known = self._regions.at(call.caller).workteams
        if name is not None and self._world.options.choices.require_workteam and name not in known:
            raise ValidationFailed(f"WorkteamArn {arn}: there is no such work team.")

    def _require_free_name(self, call: Call) -> None:
        name = call.request["LabelingJobName"]
        if name.lower() in self._regions.at(call.caller).jobs:
            raise ResourceInUse(
                f"Labeling job name {name} is already in use; names are used once, whatever their case."
            )

    def _require(self, call: Call) -> LabellingJob:
        name = call.request["LabelingJobName"]
        job = self._regions.at(call.caller).jobs.get(name.lower())
        if job is None:
            raise ResourceNotFound(f"There is no labeling job {name}.")
        return job

    def _all(self, call: Call) -> list[LabellingJob]:
        jobs = list(self._regions.at(call.caller).jobs.values())
        for job in jobs:
            self._progress.catch_up(job, call.now)
        return jobs


def _output(job: LabellingJob) -> dict[str, Any] | None:
    return {"OutputDatasetS3Uri": job.output_uri} if job.output_uri else None


def _matches(job: LabellingJob, request: dict[str, Any]) -> bool:
    name, status = request.get("NameContains", ""), request.get("StatusEquals")
    after, before = request.get("LastModifiedTimeAfter"), request.get("LastModifiedTimeBefore")
    return (
        name.lower() in job.name.lower()
        and status in (None, job.status)
        and (after is None or job.modified > after)
        and (before is None or job.modified < before)
        and _created_between(job, request)
    )


def _created_between(job: LabellingJob, request: dict[str, Any]) -> bool:
    after, before = request.get("CreationTimeAfter"), request.get("CreationTimeBefore")
    return (after is None or job.created > after) and (before is None or job.created < before)


def _page(jobs: list[LabellingJob], request: dict[str, Any], show: Any, member: str) -> Answer:
    listing = {name: value for name, value in request.items() if name not in ("NextToken", "MaxResults")}
    try:
        found, token = page(
            jobs, token=request.get("NextToken"), size=request.get("MaxResults", 10), listing=listing
        )
    except StaleTokenError as error:
        raise ValidationFailed(str(error)) from error
    return {member: [show(job) for job in found], "NextToken": token}


def _summary(job: LabellingJob) -> dict[str, Any]:
    task = job.human_task
    return {
        "LabelingJobName": job.name,
        "LabelingJobArn": job.arn,
        "CreationTime": job.created,
        "LastModifiedTime": job.modified,
        "LabelingJobStatus": job.status,
        "LabelCounters": counters(job),
        "WorkteamArn": task["WorkteamArn"],
        "PreHumanTaskLambdaArn": task["PreHumanTaskLambdaArn"],
        "AnnotationConsolidationLambdaArn": task["AnnotationConsolidationConfig"][
            "AnnotationConsolidationLambdaArn"
        ],
        "FailureReason": job.failure_reason or None,
        "LabelingJobOutput": _output(job),
        "InputConfig": job.request["InputConfig"],
    }


def _workteam_summary(job: LabellingJob, caller: Caller) -> dict[str, Any]:
    counts = counters(job)
    return {
        "LabelingJobName": job.name,
        "JobReferenceCode": job.reference_code,
        "WorkRequesterAccountId": caller.account,
        "CreationTime": job.created,
        "LabelCounters": {
            "HumanLabeled": counts["HumanLabeled"],
            "PendingHuman": len(job.objects) - counts["HumanLabeled"] - job.count(FAILED),
            "Total": len(job.objects),
        },
        "NumberOfHumanWorkersPerDataObject": job.workers,
    }
