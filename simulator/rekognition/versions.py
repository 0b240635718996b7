"""CreateProjectVersion, DescribeProjectVersions, DeleteProjectVersion."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from simulator.core.operations import Answer, Call
from simulator.core.s3 import Place
from simulator.core.tasks import Task
from simulator.core.world import Wait, World, caller_of_task
from simulator.rekognition import results
from simulator.rekognition.arns import version_arn
from simulator.rekognition.errors import InvalidParameter, LimitExceeded, ResourceInUse
from simulator.rekognition.learner import Learner
from simulator.rekognition.lookup import Lookup
from simulator.rekognition.messages import CONTENT_ERRORS, SERVICE_ISSUE
from simulator.rekognition.models import Dataset, Project, RekognitionState, Version
from simulator.rekognition.paging import page_of
from simulator.rekognition.shelf import ModelShelf
from simulator.rekognition.training import Outcome, Plan, Source, Training

TRAIN, DELETE = "version-train", "version-delete"
_UNDELETABLE = ("TRAINING_IN_PROGRESS", "COPYING_IN_PROGRESS", "STARTING", "RUNNING", "STOPPING")
READY_TEXT = "The model is ready to run."


class Versions:
    """Trains, describes and deletes model versions."""

    def __init__(self, world: World, lookup: Lookup, learner: Learner, shelf: ModelShelf) -> None:
        self._world = world
        self._lookup = lookup
        self._shelf = shelf
        world.tasks.register(TRAIN, _Train(world, lookup, learner, shelf), pool="training")
        world.tasks.register(DELETE, Wait(self._deleted))

    def create(self, call: Call) -> Answer:
        """CreateProjectVersion: trains on the project's datasets, or on manifests given with the call."""
        state, request = self._lookup.state(call), call.request
        project = self._lookup.require_project(call, request["ProjectArn"])
        if project.status == "DELETING":
            raise ResourceInUse(f"Project {project.name} is being deleted.")
        require_free_name(state, project, request["VersionName"])
        if "FeatureConfig" in request:
            raise InvalidParameter("FeatureConfig is for CONTENT_MODERATION only; leave it out.")
        require_output(request)
        self._check_data(state, project, request)
        self._check_quota(state, project)
        arn = version_arn(project.arn, request["VersionName"], call.now)
        kept = {name: value for name, value in request.items() if name != "Tags"}
        version = Version(arn, project.arn, request["VersionName"], kept, call.now)
        version.message = "The model is being trained."
        state.versions[arn] = version
        if request.get("Tags"):
            state.tags[arn] = dict(request["Tags"])
        fault = call.faults.get("training-fails")
        data: dict[str, Any] = {} if fault is None else {"fault": fault.details}
        seconds = _billed(self._world, _count_images(state, project))
        self._world.schedule(
            TRAIN, call.caller, arn, start=call.now, seconds=seconds, billed=int(seconds), **data
        )
        return {"ProjectVersionArn": arn}

    def describe(self, call: Call) -> Answer:
        """DescribeProjectVersions, newest first."""
        project = self._lookup.require_project(call, call.request["ProjectArn"])
        names = call.request.get("VersionNames")
        versions = self._lookup.state(call).versions_of(project.arn)
        found, token = page_of(call, [v for v in versions if names is None or v.name in names])
        return {"ProjectVersionDescriptions": [describe_version(v) for v in found], "NextToken": token}

    def delete(self, call: Call) -> Answer:
        """DeleteProjectVersion: neither running nor in training."""
        version = self._lookup.require_version(call, call.request["ProjectVersionArn"])
        if version.status == "DELETING":
            return {"Status": "DELETING"}
        if version.status in _UNDELETABLE:
            raise ResourceInUse(f"Model {version.name} is {version.status}; it cannot be deleted now.")
        version.move("DELETING", "The model is being deleted.")
        seconds = self._world.options.durations.model_delete
        self._world.schedule(DELETE, call.caller, version.arn, start=call.now, seconds=seconds)
        return {"Status": "DELETING"}

    def _check_data(self, state: RekognitionState, project: Project, request: dict[str, Any]) -> None:
        datasets = {dataset.type: dataset for dataset in state.datasets_of(project.arn)}
        if ("TrainingData" in request) != ("TestingData" in request):
            raise InvalidParameter("TrainingData and TestingData must be given together.")
        if "TrainingData" in request:
            if datasets:
                raise InvalidParameter(
                    f"Project {project.name} has datasets; leave TrainingData and TestingData out."
                )
            _check_assets(request)
            return
        if "TRAIN" not in datasets:
            raise InvalidParameter(f"Project {project.name} has no TRAIN dataset.")
        if "TEST" not in datasets and self._world.options.choices.require_test_dataset:
            raise InvalidParameter(f"Project {project.name} has no TEST dataset.")
        for dataset in datasets.values():
            _check_dataset(dataset)

    def _check_quota(self, state: RekognitionState, project: Project) -> None:
        quotas = self._world.options.quotas
        training = sum(v.status == "TRAINING_IN_PROGRESS" for v in state.versions.values())
        if training >= quotas.concurrent_trainings:
            raise LimitExceeded(f"The account already trains {training} models; wait for one to end.")
        if len(state.versions_of(project.arn)) >= quotas.versions_per_project:
            raise LimitExceeded(f"Project {project.name} has too many models; delete one first.")

    def _deleted(self, task: Task, at: datetime) -> None:
        state = self._lookup.state_of_task(task)
        state.tags.pop(task.subject, None)
        del state.versions[task.subject]
        used = {v.model_id for _, s in self._lookup.regions.items() for v in s.versions.values()}
        self._shelf.retain(used)


class _Train:
    """Runs the training; the version stays in progress until its time has passed and the work is done."""

    def __init__(self, world: World, lookup: Lookup, learner: Learner, shelf: ModelShelf) -> None:
        self._world = world
        self._lookup = lookup
        self._learner = learner
        self._shelf = shelf

    def begin(self, task: Task) -> Callable[[], Outcome] | None:
        if "fault" in task.data:
            return None
        state = self._lookup.state_of_task(task)
        version = state.versions[task.subject]
        plan = _plan(self._world, state, version)
        buckets = self._world.aws.buckets(caller_of_task(task))
        return Training(plan, buckets, self._learner, task.due).run

    def end(self, task: Task, result: Outcome | None, at: datetime) -> None:
        version = self._version(task)
        version.ended = at
        if result is None:
            version.move("TRAINING_FAILED", _fault_message(task.data["fault"]))
            return
        version.files = result.files
        if result.evaluation is None:
            version.move("TRAINING_FAILED", result.message)
            return
        version.f1 = result.evaluation.f1
        version.thresholds = result.evaluation.thresholds
        version.whole_images = result.whole_images
        version.billable_seconds = task.data["billed"]
        version.model_id = self._shelf.keep(result.model)
        version.move("TRAINING_COMPLETED", READY_TEXT)

    def crash(self, task: Task, error: BaseException, at: datetime) -> None:
        version = self._version(task)
        version.ended = at
        version.move("TRAINING_FAILED", SERVICE_ISSUE)

    def _version(self, task: Task) -> Version:
        return self._lookup.state_of_task(task).versions[task.subject]


def require_free_name(state: RekognitionState, project: Project, name: str) -> None:
    """Refuse a version name that the project has used.

    Raises:
        ResourceInUse: It is taken.
    """
    if any(version.name == name for version in state.versions_of(project.arn)):
        raise ResourceInUse(f"Project {project.name} already has a model version named {name}.")


def require_output(request: dict[str, Any]) -> None:
    """Refuse a request without a place for its results.

    Raises:
        InvalidParameter: OutputConfig lacks S3Bucket.
    """
    if not request["OutputConfig"].get("S3Bucket"):
        raise InvalidParameter("OutputConfig needs S3Bucket.")


def describe_version(version: Version) -> dict[str, Any]:
    """Return an item of ProjectVersionDescriptions."""
    output = version.request["OutputConfig"]

    def file(role: str) -> dict[str, str] | None:
        key = version.files.get(role)
        return None if key is None else {"Bucket": output["S3Bucket"], "Name": key}

    def assets(role: str) -> dict[str, Any] | None:
        place = file(role)
        return None if place is None else {"Assets": [{"GroundTruthManifest": {"S3Object": place}}]}

    summary, evaluation = file(results.SUMMARY), file(results.EVALUATION)
    trained_on = {
        "Input": version.request.get("TrainingData", {}),
        "Output": assets(results.TRAIN_TRUTH),
        "Validation": assets(results.TRAIN_CHECKED),
    }
    tested_on = {
        "Input": version.request.get("TestingData", {"AutoCreate": False}),
        "Output": assets(results.TEST_TRUTH),
        "Validation": assets(results.TEST_CHECKED),
    }
    return {
        "ProjectVersionArn": version.arn,
        "CreationTimestamp": version.created,
        "MinInferenceUnits": version.min_units,
        "MaxInferenceUnits": version.max_units,
        "Status": version.status,
        "StatusMessage": version.message,
        "BillableTrainingTimeInSeconds": version.billable_seconds,
        "TrainingEndTimestamp": version.ended,
        "OutputConfig": output,
        "TrainingDataResult": trained_on if version.ended and not version.source_arn else None,
        "TestingDataResult": tested_on if version.ended and not version.source_arn else None,
        "EvaluationResult": None
        if evaluation is None or version.f1 is None
        else {"F1Score": version.f1, "Summary": {"S3Object": evaluation}},
        "ManifestSummary": None if summary is None else {"S3Object": summary},
        "KmsKeyId": version.request.get("KmsKeyId"),
        "SourceProjectVersionArn": version.source_arn or None,
        "VersionDescription": version.request.get("VersionDescription"),
        "Feature": "CUSTOM_LABELS",
    }


def _check_dataset(dataset: Dataset) -> None:
    if dataset.busy:
        raise ResourceInUse(f"The {dataset.type} dataset is {dataset.status}; wait until it is settled.")
    if not dataset.usable or not dataset.entries:
        raise InvalidParameter(f"The {dataset.type} dataset is {dataset.status} and has no entries to use.")


def _check_assets(request: dict[str, Any]) -> None:
    if not _places(request["TrainingData"]):
        raise InvalidParameter("TrainingData needs Assets with GroundTruthManifest.S3Object.")
    testing = request["TestingData"]
    if bool(_places(testing)) == bool(testing.get("AutoCreate")):
        raise InvalidParameter("TestingData needs either Assets or AutoCreate=true.")


def _places(data: dict[str, Any]) -> list[Place]:
    objects = [asset.get("GroundTruthManifest", {}).get("S3Object", {}) for asset in data.get("Assets", [])]
    if not all(item.get("Bucket") and item.get("Name") for item in objects):
        raise InvalidParameter("Every asset needs GroundTruthManifest.S3Object with Bucket and Name.")
    return [Place(item["Bucket"], item["Name"], item.get("Version")) for item in objects]


def _plan(world: World, state: RekognitionState, version: Version) -> Plan:
    request, project = version.request, state.projects[version.project_arn]
    datasets = {dataset.type: dataset for dataset in state.datasets_of(project.arn)}
    if "TrainingData" in request:
        train = Source(manifests=_places(request["TrainingData"]))
        tests = _places(request["TestingData"])
        test = Source(manifests=tests) if tests else None
    else:
        train = _source(datasets["TRAIN"])
        test = _source(datasets["TEST"]) if "TEST" in datasets else None
    return Plan(
        version_arn=version.arn,
        project=project.name,
        version=version.name,
        bucket=request["OutputConfig"]["S3Bucket"],
        prefix=request["OutputConfig"].get("S3KeyPrefix", ""),
        kms_key=request.get("KmsKeyId", ""),
        train=train,
        test=test,
        limits=(world.options.choices.minimum_labels, world.options.quotas.labels_per_dataset),
        seed=world.options.seed,
    )


def _source(dataset: Dataset) -> Source:
    return Source(lines=[e.original for e in dataset.entries.values()], bucket=dataset.manifest_bucket)


def _count_images(state: RekognitionState, project: Project) -> int:
    return sum(len(dataset.entries) for dataset in state.datasets_of(project.arn))


def _billed(world: World, images: int) -> float:
    durations = world.options.durations
    return durations.training + durations.training_per_image * images


def _fault_message(fault: dict[str, Any]) -> str:
    if "message" in fault:
        return str(fault["message"])
    return CONTENT_ERRORS.get(str(fault.get("code", "")), SERVICE_ISSUE)
