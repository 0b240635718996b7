"""Finding documents with a running model: Rekognition's DetectCustomLabels."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.loopback import emulator_session
from cli.places import Place

if TYPE_CHECKING:
    from mypy_boto3_rekognition import RekognitionClient
    from mypy_boto3_rekognition.type_defs import ImageTypeDef
    from PIL import Image

# Rekognition guide, "Guidelines and quotas": image bytes up to 4 MB, sides up to 4,096 pixels.
MAX_BYTES = 4_000_000
MAX_SIDE = 4096
_FORMATS = ("JPEG", "PNG")


class BadImage(ValueError):
    """A file is not an image that can be sent; the message says why."""


@dataclass(frozen=True)
class Box:
    """A rectangle in shares (0 to 1) of its image's width and height."""

    left: float
    top: float
    width: float
    height: float

    def pixels(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in whole pixels, within the image and never empty."""
        wide, high = size
        left = min(max(0, int(self.left * wide)), wide - 1)
        top = min(max(0, int(self.top * high)), high - 1)
        right = min(max(left + 1, round((self.left + self.width) * wide)), wide)
        bottom = min(max(top + 1, round((self.top + self.height) * high)), high)
        return left, top, right, bottom


@dataclass(frozen=True)
class Detection:
    """A document that the model found; `confidence` is 0 to 100."""

    label: str
    confidence: float
    box: Box


@dataclass(frozen=True)
class Picture:
    """An image file: its bytes, and its pixels as they are stored, whatever its EXIF orientation asks for.

    Custom Labels looks at the stored pixels too, so its boxes fit these.
    """

    content: bytes
    image: "Image.Image"

    def sendable(self) -> bytes:
        """The bytes to send: the file's own, or a smaller JPEG where Rekognition would refuse them.

        Boxes come back as shares of the image, so scaling does not move them.
        """
        if len(self.content) <= MAX_BYTES and max(self.image.size) <= MAX_SIDE:
            return self.content
        from PIL import Image  # imported late, as in read_picture

        smaller = self.image.convert("RGB")
        side = min(MAX_SIDE, max(self.image.size))
        while True:
            smaller.thumbnail((side, side), Image.Resampling.LANCZOS)
            encoded = io.BytesIO()
            smaller.save(encoded, "JPEG", quality=90)
            if encoded.tell() <= MAX_BYTES:
                return encoded.getvalue()
            side = side * 3 // 4


def read_picture(path: Path) -> Picture:
    """Read an image file.

    Raises:
        BadImage: it is not a JPEG or PNG, or it is damaged.
        OSError: the file cannot be read.
    """
    # A tenth of a second to import, and no other command needs it.
    from PIL import Image, UnidentifiedImageError

    content = path.read_bytes()
    try:
        image = Image.open(io.BytesIO(content), formats=_FORMATS)
        image.load()
    except UnidentifiedImageError as error:
        raise BadImage("not a JPEG or PNG image") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadImage(f"the image is damaged or too large ({error})") from error
    return Picture(content, image)


def rekognition_client(place: Place, region: str) -> "RekognitionClient":
    """A client for the AWS that the place's models run in: the simulator, or whatever boto3 finds."""
    # A third of a second to import, and no other command needs them.
    import boto3
    from botocore.config import Config as BotoConfig

    config = BotoConfig(retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=5)
    if place.stack:
        local = emulator_session(region)
        return local.client(
            "rekognition", endpoint_url=place.stack.simulator, config=config.merge(BotoConfig(proxies={}))
        )
    session = boto3.Session(profile_name=place.profile, region_name=region)
    return session.client("rekognition", config=config)


def detect(
    client: "RekognitionClient", version_arn: str, content: bytes, *, min_confidence: float | None
) -> list[Detection]:
    """Ask the model what it sees, best first; without `min_confidence` its own threshold per label holds."""
    image: ImageTypeDef = {"Bytes": content}
    if min_confidence is None:
        answer = client.detect_custom_labels(ProjectVersionArn=version_arn, Image=image)
    else:
        answer = client.detect_custom_labels(
            ProjectVersionArn=version_arn, Image=image, MinConfidence=min_confidence
        )
    found = []
    for label in answer["CustomLabels"]:
        if box := label.get("Geometry", {}).get("BoundingBox"):
            corners = Box(box["Left"], box["Top"], box["Width"], box["Height"])
            found.append(Detection(label["Name"], label["Confidence"], corners))
    return sorted(found, key=lambda detection: -detection.confidence)
