"""One step of a training at a time."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.events import (
    ModelDiscarded,
    ModelDiscardedData,
    ModelTrained,
    ModelTrainedData,
    ModelTrainingStarted,
    ModelTrainingStartedData,
)
from contracts.ids import S3Uri
from runtime.clock import Clock
from runtime.errors import AwsError, Permanent, trouble_from
from runtime.reconcile import Moved, nothing_comes_late
from services.trainer.evaluation import label_metrics
from services.trainer.rekognition import Trainings
from services.trainer.training import TRAINING, Training

if TYPE_CHECKING:
    from mypy_boto3_rekognition.type_defs import ProjectVersionDescriptionTypeDef, S3ObjectTypeDef

ReadJson = Callable[[str, str], dict[str, Any]]
"""Read the JSON document at a bucket and key."""

_UNDER_WAY = "TRAINING_IN_PROGRESS"
_LOST = frozenset({"TRAINING_FAILED", "DELETING", "DEPRECATED", "EXPIRED"})


def version_name(attempt: int) -> str:
    """Name the model version of an attempt; a repeat of the call finds it by this name."""
    return f"attempt-{attempt}"


def output_prefix(job_id: str, attempt: int) -> str:
    """Say where Rekognition writes its evaluation of the model."""
    return f"models/{job_id}/{attempt}"


class TrainingStage:
    """Starts a training, follows it, and tells how good the model is.

    Args:
        trainings: Rekognition's.
        read_json: reads the evaluation.
        bucket: takes the evaluation.
        to_show: until Rekognition must show a training; AWS does not say that the next answer does.
        clock: tells when that is.
    """

    def __init__(
        self, trainings: Trainings, read_json: ReadJson, bucket: str, to_show: timedelta, clock: Clock
    ) -> None:
        self._trainings = trainings
        self._read_json = read_json
        self._bucket = bucket
        self._to_show = to_show
        self._clock = clock

    def advance(self, row: Training) -> Moved[Training] | None:
        """Take the next step."""
        if row.cancelled_at is not None:
            return self._see_out(row)
        match row.state:
            case "requested":
                return self._start(row)
            case "training":
                return self._follow(row)
            case "trained" | "discarded":
                return None

    def _start(self, row: Training) -> Moved[Training]:
        arn = self._trainings.start(
            row.datasets.project_arn,
            version_name(row.attempt),
            self._bucket,
            output_prefix(row.job_id, row.attempt),
        )
        now = self._clock()
        started = row.changed(state="training", waiting=TRAINING, project_version_arn=arn, started_at=now)
        told = started.telling(
            ModelTrainingStarted, ModelTrainingStartedData(project_version_arn=arn), time=now
        )
        return Moved(told, wait=True)

    def _follow(self, row: Training) -> Moved[Training] | None:
        version = self._trainings.find(row.datasets.project_arn, version_name(row.attempt))
        if version is None and self._may_be_shown_later(row):
            return None
        if version is None or version["Status"] in _LOST:
            raise _training_failed(version)
        if version["Status"] == _UNDER_WAY:
            return None
        trained = row.changed(state="trained", waiting=None)
        return Moved(trained.telling(ModelTrained, self._result(row, version), time=self._clock()))

    def _see_out(self, row: Training) -> Moved[Training] | None:
        """Wait for the end of a training that nobody wants any more, and say what it is billed with."""
        version = self._trainings.find(row.datasets.project_arn, version_name(row.attempt))
        arn = version["ProjectVersionArn"] if version else row.project_version_arn
        if arn is None and not nothing_comes_late(row, self._clock()):
            return None  # another process may be just beginning it
        if version["Status"] == _UNDER_WAY if version else self._may_be_shown_later(row):
            return None
        over = row.changed(state="discarded", waiting=None)
        if arn is None:
            return Moved(over)
        data = ModelDiscardedData(
            project_version_arn=arn,
            succeeded=version is not None and version["Status"] not in _LOST,
            billable_training_seconds=version.get("BillableTrainingTimeInSeconds", 0) if version else 0,
        )
        return Moved(over.telling(ModelDiscarded, data, time=self._clock()))

    def _may_be_shown_later(self, row: Training) -> bool:
        return row.started_at is not None and self._clock() <= row.started_at + self._to_show

    def _result(self, row: Training, version: "ProjectVersionDescriptionTypeDef") -> ModelTrainedData:
        evaluation = version.get("EvaluationResult", {})
        summary = evaluation.get("Summary", {}).get("S3Object")
        return ModelTrainedData(
            plan=row.plan,
            project_arn=row.datasets.project_arn,
            project_version_arn=version["ProjectVersionArn"],
            f1=evaluation.get("F1Score", 0.0),
            labels=label_metrics(self._read_json(summary["Bucket"], summary["Name"])) if summary else [],
            billable_training_seconds=version.get("BillableTrainingTimeInSeconds", 0),
            evaluation_summary=_uri(summary) if summary else None,
            test_results=_test_results(version),
        )


def read_json_from_s3(s3: Any) -> ReadJson:
    """Give a reader of JSON documents in S3."""

    def read(bucket: str, key: str) -> dict[str, Any]:
        try:
            document: dict[str, Any] = json.load(s3.get_object(Bucket=bucket, Key=key)["Body"])
        except AwsError as error:
            raise trouble_from(error, "read the evaluation of the model") from error
        return document

    return read


def training_deadline(row: Training, allowed: timedelta) -> datetime | None:
    """Say when a training that has started must be over."""
    return None if row.started_at is None else row.started_at + allowed


def _uri(summary: "S3ObjectTypeDef") -> S3Uri:
    return f"s3://{summary['Bucket']}/{summary['Name']}"


def _test_results(version: "ProjectVersionDescriptionTypeDef") -> S3Uri | None:
    """Say where the evaluation manifest snapshot is; its key is Rekognition's to choose."""
    assets = version.get("TestingDataResult", {}).get("Output", {}).get("Assets", [])
    found = (asset.get("GroundTruthManifest", {}).get("S3Object") for asset in assets)
    return next((_uri(where) for where in found if where), None)


def _training_failed(version: "ProjectVersionDescriptionTypeDef | None") -> Permanent:
    if version is None:
        return Permanent(
            "model-deleted", "The model version being trained is gone from Rekognition.", "Retry the job."
        )
    return Permanent(
        "training-failed",
        f"Rekognition could not train the model: {version.get('StatusMessage', version['Status'])}",
        "When Rekognition speaks of a service issue, retry the job. Otherwise correct the images or the "
        "labels it names and make a new job; the manifest summary beside the evaluation lists each fault.",
    )
