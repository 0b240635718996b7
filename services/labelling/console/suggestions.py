"""Boxes that a running model offers to begin with; labelling goes on without them, whatever happens to it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from contracts.boxes import Box
from contracts.ids import Arn, S3Uri
from contracts.labelling_http import MAX_BOXES
from contracts.pixels import box_within
from runtime.errors import AwsError
from runtime.observe import count, get_logger
from services.labelling.boxes import Size
from services.labelling.storage import split

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient


class Suggestions:
    """Asks models."""

    def __init__(self, rekognition: "RekognitionClient") -> None:
        self._rekognition = rekognition

    def boxes(self, model: Arn, image: S3Uri, size: Size, labels: Sequence[str]) -> tuple[Box, ...] | None:
        """Give the boxes that a model finds, of these labels alone; ``None`` when it does not answer."""
        bucket, key = split(image)
        try:
            found = self._rekognition.detect_custom_labels(
                ProjectVersionArn=model, Image={"S3Object": {"Bucket": bucket, "Name": key}}
            )
        except AwsError as error:
            get_logger().warning("no suggestions", model=model, error_type=type(error).__name__)
            count("SuggestionsMissing")
            return None
        boxes = [_box(label, size) for label in found["CustomLabels"] if label.get("Name") in labels]
        return tuple(box for box in boxes if box is not None)[:MAX_BOXES]


def _box(label: Any, size: Size) -> Box | None:
    """Give a detection in pixels; ``None`` for a label of the whole image."""
    edges = label.get("Geometry", {}).get("BoundingBox")
    if edges is None:
        return None
    left, top = edges["Left"] * size.width, edges["Top"] * size.height
    return box_within(
        size.width,
        size.height,
        label["Name"],
        left=left,
        top=top,
        right=left + edges["Width"] * size.width,
        bottom=top + edges["Height"] * size.height,
    )
