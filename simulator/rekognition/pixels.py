"""Image bytes to pixels."""

import cv2
import numpy as np

from simulator.rekognition.learner import Image


class UndecodableImageError(Exception):
    """The bytes look like an image and are none."""


def decode(data: bytes) -> Image:
    """Return an image's pixels as they are stored; EXIF rotation is ignored, as labelling and training do.

    Raises:
        UndecodableImageError: OpenCV cannot read it.
    """
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if image is None:
        raise UndecodableImageError("the image cannot be decoded")
    return np.asarray(image, np.uint8)
