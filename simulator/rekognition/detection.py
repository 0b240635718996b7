"""DetectCustomLabels."""

from datetime import datetime
from typing import Any

from simulator.core.images import ImageFacts, read_head
from simulator.core.operations import Answer, Call
from simulator.core.rates import RateLimiter
from simulator.core.s3 import Buckets, Place, S3Error
from simulator.core.world import World
from simulator.rekognition.boxes import Found
from simulator.rekognition.errors import (
    ImageTooLarge,
    InvalidImageFormat,
    InvalidParameter,
    InvalidS3Object,
    ProvisionedThroughputExceeded,
    ResourceNotReady,
)
from simulator.rekognition.evaluation import above
from simulator.rekognition.learner import Image, Model
from simulator.rekognition.lookup import Lookup
from simulator.rekognition.manifest import MAX_ASPECT, MAX_IMAGE_BYTES, MAX_SIDE, MIN_SIDE
from simulator.rekognition.models import Version
from simulator.rekognition.pixels import UndecodableImageError, decode
from simulator.rekognition.shelf import ModelShelf

MAX_INLINE_BYTES = 4 * 1024 * 1024


class Detection:
    """Runs a model on an image."""

    def __init__(self, world: World, lookup: Lookup, shelf: ModelShelf) -> None:
        self._world = world
        self._lookup = lookup
        self._shelf = shelf
        self._rates = RateLimiter()

    def detect(self, call: Call) -> Answer:
        """DetectCustomLabels; without MinConfidence each label's own threshold decides."""
        version = self._lookup.require_version(call, call.request["ProjectVersionArn"])
        if version.status != "RUNNING":
            raise ResourceNotReady(f"Model {version.name} is {version.status}, not RUNNING.")
        self._check_capacity(version, call.now)
        image = call.request["Image"]
        if ("Bytes" in image) == ("S3Object" in image):
            raise InvalidParameter("Image needs either Bytes or S3Object.")
        buckets, shelf = self._world.aws.buckets(call.caller), self._shelf
        model_id, thresholds, whole = version.model_id, dict(version.thresholds), version.whole_images
        request = call.request

        def look() -> dict[str, Any]:
            data = _image_bytes(image, buckets)
            found, pixels = _find(shelf.load(model_id), data, thresholds, request)
            return {"CustomLabels": [_label(item, pixels, whole) for item in found]}

        return look

    def _check_capacity(self, version: Version, now: datetime) -> None:
        rate = self._world.options.quotas.images_per_second_per_unit
        if rate is None:
            return
        units = version.max_units or version.min_units or 1
        if not self._rates.allow((version.arn,), rate * units * self._world.options.speed, now):
            raise ProvisionedThroughputExceeded(
                f"Model {version.name} runs with {units} inference unit(s); more images a second need more."
            )


def _image_bytes(image: dict[str, Any], buckets: Buckets) -> bytes:
    """Return a checked image.

    Raises:
        InvalidS3Object, ImageTooLarge, InvalidImageFormat, InvalidParameter: It cannot be used.
    """
    if "Bytes" in image:
        data: bytes = image["Bytes"]
        _check_image(data, MAX_INLINE_BYTES)
        return data
    place = image["S3Object"]
    if not place.get("Bucket") or not place.get("Name"):
        raise InvalidParameter("S3Object needs Bucket and Name.")
    try:
        data = buckets.read(Place(place["Bucket"], place["Name"], place.get("Version")))
    except S3Error as error:
        raise InvalidS3Object(
            f"Unable to get object metadata from S3: {error}. Check object key, region and permissions."
        ) from error
    _check_image(data, MAX_IMAGE_BYTES)
    return data


def _check_image(data: bytes, most: int) -> ImageFacts:
    if len(data) > most:
        raise ImageTooLarge(f"The image has {len(data)} bytes; at most {most} are allowed.")
    facts = read_head(data, len(data))
    if facts is None:
        raise InvalidImageFormat("Request has invalid image format: it must be PNG or JPEG.")
    short, long = sorted((facts.width, facts.height))
    if long > MAX_SIDE:
        raise ImageTooLarge(
            f"The image is {facts.width}x{facts.height}; a side has at most {MAX_SIDE} pixels."
        )
    if short < MIN_SIDE or long > MAX_ASPECT * short:
        raise InvalidParameter(
            f"The image is {facts.width}x{facts.height}; a side has at least {MIN_SIDE} pixels, "
            f"and the longer one is at most {MAX_ASPECT} times the shorter."
        )
    return facts


def _find(
    model: Model, data: bytes, thresholds: dict[str, float], request: dict[str, Any]
) -> tuple[list[Found], Image]:
    try:
        pixels = decode(data)
    except UndecodableImageError as error:
        raise InvalidImageFormat("Request has invalid image format: the image cannot be decoded.") from error
    least = request.get("MinConfidence")
    wanted = thresholds if least is None else dict.fromkeys(thresholds, least / 100)
    return above(model.find(pixels), wanted)[: request.get("MaxResults")], pixels


def _label(item: Found, pixels: Image, whole: bool) -> dict[str, Any]:
    label = {"Name": item.label, "Confidence": 100 * item.confidence}
    if whole:
        return label
    height, width = pixels.shape[:2]
    box = {
        "Width": item.box.width / width,
        "Height": item.box.height / height,
        "Left": item.box.left / width,
        "Top": item.box.top / height,
    }
    return {**label, "Geometry": {"BoundingBox": box}}
