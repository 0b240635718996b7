"""Trying a job's running model on one image."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from contracts.boxes import ScoredBox
from contracts.events import ModelDeployed
from contracts.pixels import box_within
from contracts.problems import IMAGE_UNUSABLE, NO_MODEL
from contracts.results import Detection, TryModel
from contracts.stages import JobStatus
from runtime.errors import AwsError, Retryable, error_code, trouble_from
from runtime.problem_error import ProblemError
from services.job_api.job import Job
from services.job_api.picture import Picture, UnusableImage, read_picture

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient
    from mypy_boto3_rekognition.type_defs import CustomLabelTypeDef, ImageTypeDef

_NOT_RUNNING = frozenset({"ResourceNotReadyException", "ResourceNotFoundException"})
_IMAGE_FAULTS = frozenset(
    {"ImageTooLargeException", "InvalidImageFormatException", "InvalidParameterException"}
)
_TOO_FAST = "LimitExceededException"
_AFTER = {
    JobStatus.DEPLOYING: "wait until it is RUNNING",
    JobStatus.STOPPING: "wait until it is STOPPED, then start the model again",
    JobStatus.STOPPED: "start the model, it costs money until it is stopped",
    JobStatus.REJECTED: "start the model all the same, it costs money until it is stopped",
}


@dataclass(frozen=True)
class Detecting:
    """The use case of trying a model; nothing of the image is kept or logged."""

    require_job: Callable[[str], Job]
    rekognition: "RekognitionClient"

    def detect(self, job_id: str, request: TryModel) -> Detection:
        """Find documents in an image.

        Raises:
            ProblemError: no model of the job runs, or the image cannot be used.
            Trouble: Rekognition did not answer as asked.
        """
        version = _running_version(self.require_job(job_id))
        try:
            picture = read_picture(_decoded(request.image))
        except UnusableImage as error:
            raise ProblemError(IMAGE_UNUSABLE, str(error)) from error
        found = self._ask(version, picture, request.min_confidence)
        boxes = [box for label in found if (box := _box(label, picture))]
        return Detection(
            width=picture.width,
            height=picture.height,
            boxes=tuple(sorted(boxes, key=lambda box: -box.confidence)),
        )

    def _ask(
        self, version: str, picture: Picture, min_confidence: float | None
    ) -> "list[CustomLabelTypeDef]":
        image: ImageTypeDef = {"Bytes": picture.content}
        try:
            if min_confidence is None:  # each label's own threshold decides
                answer = self.rekognition.detect_custom_labels(ProjectVersionArn=version, Image=image)
            else:
                answer = self.rekognition.detect_custom_labels(
                    ProjectVersionArn=version, Image=image, MinConfidence=100 * min_confidence
                )
            return answer["CustomLabels"]
        except ClientError as error:
            raise _told(error) from error
        except AwsError as error:
            raise trouble_from(error, "look at the image") from error


def _running_version(job: Job) -> str:
    deployed = job.current(ModelDeployed)
    if job.status is not JobStatus.RUNNING or deployed is None:
        advice = _AFTER.get(job.status, "try again when the job is RUNNING")
        raise ProblemError(NO_MODEL, f"The job is {job.status} and no model of it runs: {advice}.")
    return deployed.data.project_version_arn


def _decoded(image: str) -> bytes:
    try:
        return base64.b64decode(image, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableImage("image: this is no base64 (RFC 4648, section 4).") from error


def _told(error: ClientError) -> Exception:
    code = error_code(error)
    if code in _NOT_RUNNING:
        return ProblemError(NO_MODEL, "The model does not run any more, or not yet: look at the job's state.")
    if code in _IMAGE_FAULTS:
        return ProblemError(
            IMAGE_UNUSABLE, "Rekognition cannot read the image: save it anew as a JPEG or PNG."
        )
    if code == _TOO_FAST:
        return Retryable(f"AWS could not look at the image just now ({code})")
    return trouble_from(error, "look at the image")


def _box(label: "CustomLabelTypeDef", picture: Picture) -> ScoredBox | None:
    """Give a detection in pixels; ``None`` for a label of the whole image, which no model of ours gives."""
    edges = label.get("Geometry", {}).get("BoundingBox")
    if edges is None:
        return None
    width, height = picture.width, picture.height
    left, top = edges.get("Left", 0.0) * width, edges.get("Top", 0.0) * height
    box = box_within(
        width,
        height,
        label.get("Name", ""),
        left=left,
        top=top,
        right=left + edges.get("Width", 0.0) * width,
        bottom=top + edges.get("Height", 0.0) * height,
    )
    return ScoredBox(**dict(box), confidence=label.get("Confidence", 0.0) / 100)
