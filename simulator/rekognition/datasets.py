"""The dataset operations."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from simulator.core.operations import Answer, Call
from simulator.core.s3 import Buckets, Place, S3Error, S3Forbidden, S3Missing
from simulator.core.tasks import Task, Work
from simulator.core.wire import Caller
from simulator.core.world import Wait, World, caller_of_task
from simulator.rekognition.arns import dataset_arn
from simulator.rekognition.entries import DatasetError, read_entries
from simulator.rekognition.errors import (
    InvalidParameter,
    InvalidS3Object,
    ResourceAlreadyExists,
    ResourceInUse,
    ResourceNotReady,
)
from simulator.rekognition.lookup import Lookup
from simulator.rekognition.messages import DATASET_ERRORS, SERVICE_ISSUE
from simulator.rekognition.models import Dataset, Entry
from simulator.rekognition.paging import page_of
from simulator.rekognition.split import TooFewImagesError, choose_test

CREATE, UPDATE, DISTRIBUTE, DELETE = (
    "dataset-create",
    "dataset-update",
    "dataset-distribute",
    "dataset-delete",
)
# Regions with smaller limits [limits]: (train, test) images.
_SMALL_REGIONS = {"ap-south-1": (28_000, 7_000), "eu-west-2": (28_000, 7_000)}
_MAX_UPDATE = 5 * 1024 * 1024
CREATED_TEXT = "The dataset was successfully created from the manifest file."
UPDATED_TEXT = "The dataset was successfully updated."


class Datasets:
    """Creates, fills, lists, splits and deletes datasets."""

    def __init__(self, world: World, lookup: Lookup) -> None:
        self._world = world
        self._lookup = lookup
        world.tasks.register(CREATE, _Fill(world, lookup, CREATED_TEXT, "CREATE"))
        world.tasks.register(UPDATE, _Fill(world, lookup, UPDATED_TEXT, "UPDATE"))
        world.tasks.register(DISTRIBUTE, Wait(self._distributed))
        world.tasks.register(DELETE, Wait(self._deleted))

    def create(self, call: Call) -> Answer:
        """CreateDataset: from a manifest, as a copy, or empty."""
        self._check_new(call)
        source = call.request.get("DatasetSource", {})
        manifest = source.get("GroundTruthManifest", {}).get("S3Object")
        if manifest and source.get("DatasetArn"):
            raise InvalidParameter("DatasetSource: give GroundTruthManifest or DatasetArn, not both.")
        if source.get("DatasetArn"):
            return self._create_copy(call, source["DatasetArn"])
        if not manifest:
            if source:
                raise InvalidParameter("DatasetSource needs GroundTruthManifest.S3Object or DatasetArn.")
            return self._record(call, copied=[])
        return self._create_from_manifest(call, _place(manifest))

    def describe(self, call: Call) -> Answer:
        """DescribeDataset."""
        dataset = self._lookup.require_dataset(call, call.request["DatasetArn"])
        entries = dataset.entries.values()
        return {
            "DatasetDescription": {
                "CreationTimestamp": dataset.created,
                "LastUpdatedTimestamp": dataset.updated,
                "Status": dataset.status,
                "StatusMessage": dataset.message,
                "StatusMessageCode": dataset.message_code,
                "DatasetStats": {
                    "LabeledEntries": sum(entry.labelled for entry in entries),
                    "TotalEntries": len(entries),
                    "TotalLabels": len({label for entry in entries for label in entry.labels}),
                    "ErrorEntries": sum(entry.has_errors for entry in entries),
                },
            }
        }

    def update(self, call: Call) -> Answer:
        """UpdateDatasetEntries: known images are replaced, new ones added."""
        dataset = self._lookup.require_dataset(call, call.request["DatasetArn"])
        changes: bytes = call.request["Changes"]["GroundTruth"]
        if len(changes) >= _MAX_UPDATE:
            raise InvalidParameter("Changes.GroundTruth must be less than 5 MB.")
        try:
            lines = changes.decode().splitlines()
        except UnicodeDecodeError as error:
            raise InvalidParameter(f"Changes.GroundTruth must be JSON Lines in UTF-8: {error}.") from error
        self._require_settled(dataset)
        dataset.move("UPDATE_IN_PROGRESS", call.now, "The dataset is being updated.")
        seconds = self._world.options.durations.dataset_update
        self._schedule(UPDATE, call, dataset.arn, seconds, lines=lines)
        return {}

    def list_entries(self, call: Call) -> Answer:
        """ListDatasetEntries with all its filters."""
        dataset = self._require_listable(call)
        found, token = page_of(call, [e for e in dataset.entries.values() if _wanted(e, call.request)])
        return {"DatasetEntries": [entry.shown for entry in found], "NextToken": token}

    def list_labels(self, call: Call) -> Answer:
        """ListDatasetLabels."""
        dataset = self._require_listable(call)
        counts: dict[str, list[int]] = {}
        for entry in dataset.entries.values():
            for label, boxes in entry.labels.items():
                count = counts.setdefault(label, [0, 0])
                count[0] += 1
                count[1] += boxes
        found, token = page_of(call, sorted(counts))
        return {
            "DatasetLabelDescriptions": [
                {
                    "LabelName": label,
                    "LabelStats": {"EntryCount": counts[label][0], "BoundingBoxCount": counts[label][1]},
                }
                for label in found
            ],
            "NextToken": token,
        }

    def distribute(self, call: Call) -> Answer:
        """DistributeDatasetEntries: moves a fifth of TRAIN to an empty TEST."""
        datasets = [self._lookup.require_dataset(call, item["Arn"]) for item in call.request["Datasets"]]
        by_type = {dataset.type: dataset for dataset in datasets}
        if set(by_type) != {"TRAIN", "TEST"} or datasets[0].project_arn != datasets[1].project_arn:
            raise InvalidParameter("Datasets must be the TRAIN and the TEST dataset of one project.")
        for dataset in datasets:
            if not dataset.usable:
                raise ResourceNotReady(f"Dataset {dataset.arn} is {dataset.status}.")
        train, test = by_type["TRAIN"], by_type["TEST"]
        if test.entries or not train.entries:
            raise InvalidParameter("The TRAIN dataset must have entries and the TEST dataset must be empty.")
        for dataset in datasets:
            dataset.move("UPDATE_IN_PROGRESS", call.now, "The dataset entries are being distributed.")
        seconds = self._world.options.durations.dataset_update
        self._schedule(DISTRIBUTE, call, train.arn, seconds, test=test.arn)
        return {}

    def delete(self, call: Call) -> Answer:
        """DeleteDataset."""
        dataset = self._lookup.require_dataset(call, call.request["DatasetArn"])
        if dataset.busy:
            raise ResourceInUse(f"Dataset {dataset.arn} is {dataset.status}.")
        training = self._lookup.state(call).versions_of(dataset.project_arn)
        if any(version.status == "TRAINING_IN_PROGRESS" for version in training):
            raise ResourceInUse(f"Dataset {dataset.arn} is used by a training in progress.")
        dataset.move("DELETE_IN_PROGRESS", call.now, "The dataset is being deleted.")
        self._schedule(DELETE, call, dataset.arn, self._world.options.durations.dataset_delete)
        return {}

    def _check_new(self, call: Call) -> None:
        project = self._lookup.require_project(call, call.request["ProjectArn"])
        if project.status == "DELETING":
            raise InvalidParameter(f"Project {project.name} is being deleted.")
        kind = call.request["DatasetType"]
        if any(d.type == kind for d in self._lookup.state(call).datasets_of(project.arn)):
            raise ResourceAlreadyExists(f"Project {project.name} already has a {kind} dataset.")

    def _create_copy(self, call: Call, source_arn: str) -> Answer:
        source = self._lookup.require_dataset(call, source_arn)
        if not source.usable:
            raise InvalidParameter(f"Dataset {source.arn} is {source.status}; it cannot be copied.")
        lines = [entry.original for entry in source.entries.values()]
        return self._record(call, copied=lines, bucket=source.manifest_bucket)

    def _create_from_manifest(self, call: Call, manifest: Place) -> Answer:
        buckets = self._world.aws.buckets(call.caller)

        def look_and_record() -> Answer:
            try:
                buckets.size(manifest)
            except S3Missing as error:
                raise InvalidS3Object(f"{error}. Check the bucket, the key and the region.") from error
            except S3Forbidden:
                # The guide reports this one later, in StatusMessage.
                pass
            with self._world.tasks.lock:
                self._check_new(call)
                return self._record(call, manifest=manifest, bucket=manifest.bucket)

        return look_and_record

    def _record(
        self,
        call: Call,
        *,
        copied: list[str] | None = None,
        manifest: Place | None = None,
        bucket: str = "",
    ) -> Answer:
        state, request = self._lookup.state(call), call.request
        arn = dataset_arn(request["ProjectArn"], request["DatasetType"], call.now)
        state.datasets[arn] = Dataset(
            arn, request["ProjectArn"], request["DatasetType"], call.now, call.now, manifest_bucket=bucket
        )
        if request.get("Tags"):
            state.tags[arn] = dict(request["Tags"])
        durations = self._world.options.durations
        place = None if manifest is None else [manifest.bucket, manifest.key, manifest.version]
        seconds = durations.dataset_create + durations.dataset_per_entry * len(copied or [])
        self._schedule(CREATE, call, arn, seconds, manifest=place, lines=copied)
        return {"DatasetArn": arn}

    def _schedule(self, kind: str, call: Call, arn: str, seconds: float, **data: Any) -> None:
        fault = call.faults.get("dataset-fails")
        if fault is not None:
            data["fault"] = fault.details
        self._world.schedule(kind, call.caller, arn, start=call.now, seconds=seconds, **data)

    def _require_listable(self, call: Call) -> Dataset:
        dataset = self._lookup.require_dataset(call, call.request["DatasetArn"])
        if not dataset.usable:
            raise ResourceNotReady(f"Dataset {dataset.arn} is {dataset.status}.")
        return dataset

    def _require_settled(self, dataset: Dataset) -> None:
        if not dataset.usable:
            raise ResourceInUse(f"Dataset {dataset.arn} is {dataset.status}.")

    def _distributed(self, task: Task, at: datetime) -> None:
        state = self._lookup.state_of_task(task)
        train, test = state.datasets[task.subject], state.datasets[task.data["test"]]
        entries = list(train.entries.values())
        fault = task.data.get("fault")
        code = "" if fault is None else str(fault.get("code", "SERVICE_ERROR"))
        moved: set[int] = set()
        try:
            moved = choose_test([entry.labels for entry in entries], self._world.options.seed)
        except TooFewImagesError:
            code = code or "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE"
        if code:
            for dataset in (train, test):
                _fail(dataset, "UPDATE_FAILED", code, at)
            return
        test.entries = {e.source_ref: e for n, e in enumerate(entries) if n in moved}
        train.entries = {e.source_ref: e for n, e in enumerate(entries) if n not in moved}
        for dataset in (train, test):
            dataset.move("UPDATE_COMPLETE", at, "The dataset entries were successfully distributed.")

    def _deleted(self, task: Task, at: datetime) -> None:
        state = self._lookup.state_of_task(task)
        state.tags.pop(task.subject, None)
        del state.datasets[task.subject]


class _Fill:
    """Reads lines into a dataset that is being created or updated."""

    def __init__(self, world: World, lookup: Lookup, done: str, verb: str) -> None:
        self._world = world
        self._lookup = lookup
        self._done = done
        self._verb = verb

    def begin(self, task: Task) -> Work:
        caller = caller_of_task(task)
        buckets = self._world.aws.buckets(caller)
        dataset = self._dataset(task)
        quotas = self._world.options.quotas
        most = min(quotas.images_per_dataset, _most_images(caller, dataset.type))
        manifest, lines = task.data.get("manifest"), task.data["lines"]

        def read() -> list[Entry] | str:
            try:
                source = (
                    _manifest_lines(buckets, Place(*manifest), quotas.manifest_bytes) if manifest else lines
                )
                if source == []:
                    return []
                return read_entries(source, buckets, most_lines=most, most_labels=quotas.labels_per_dataset)
            except DatasetError as error:
                return error.code

        return read

    def end(self, task: Task, result: list[Entry] | str, at: datetime) -> None:
        dataset = self._dataset(task)
        fault = task.data.get("fault")
        if fault is not None:
            result = str(fault.get("code", "SERVICE_ERROR"))
        if isinstance(result, str):
            _fail(dataset, f"{self._verb}_FAILED", result, at)
            return
        dataset.entries = {**dataset.entries, **{entry.source_ref: entry for entry in result}}
        dataset.move(f"{self._verb}_COMPLETE", at, self._done)

    def crash(self, task: Task, error: BaseException, at: datetime) -> None:
        _fail(self._dataset(task), f"{self._verb}_FAILED", "SERVICE_ERROR", at)

    def _dataset(self, task: Task) -> Dataset:
        return self._lookup.state_of_task(task).datasets[task.subject]


def _manifest_lines(buckets: Buckets, manifest: Place, most_bytes: int) -> Iterable[str]:
    if "." not in manifest.key.rpartition("/")[2]:
        raise DatasetError("ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT")
    try:
        if buckets.size(manifest) > most_bytes:
            raise DatasetError("ERROR_MANIFEST_SIZE_TOO_LARGE")
        yield from buckets.lines(manifest)
    except S3Forbidden as error:
        raise DatasetError("ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET") from error
    except S3Error as error:
        raise DatasetError("ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT") from error


def _most_images(caller: Caller, kind: str) -> int:
    train, test = _SMALL_REGIONS.get(caller.region, (250_000, 250_000))
    return train if kind == "TRAIN" else test


def _fail(dataset: Dataset, status: str, code: str, at: datetime) -> None:
    if code == "SERVICE_ERROR":
        dataset.move(status, at, SERVICE_ISSUE, "SERVICE_ERROR")
        return
    text = DATASET_ERRORS.get(code, "The dataset operation failed.")
    dataset.move(status, at, f"{code}: {text}", "CLIENT_ERROR")


def _place(s3_object: dict[str, str]) -> Place:
    if not s3_object.get("Bucket") or not s3_object.get("Name"):
        raise InvalidParameter("S3Object needs Bucket and Name.")
    return Place(s3_object["Bucket"], s3_object["Name"], s3_object.get("Version"))


def _wanted(entry: Entry, request: dict[str, Any]) -> bool:
    labels = request.get("ContainsLabels")
    return (
        (labels is None or any(label in entry.labels for label in labels))
        and request.get("Labeled") in (None, entry.labelled)
        # False is no filter, unlike in Labeled: the guide's sample lists everything with it.
        and (entry.has_errors or not request.get("HasErrors"))
        and request.get("SourceRefContains", "") in entry.source_ref
    )
