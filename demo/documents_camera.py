"""What a hand-held camera makes of a flat document: pose, perspective, light, shadow, noise, blur."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from demo.documents_backgrounds import Size, cloud
from demo.documents_designs import FlatDocument

_FOCAL_LENGTH = 1.2  # in multiples of the image's long side, as of a telephone's main camera


@dataclass(frozen=True)
class Pose:
    """How a document lies before the camera.

    `centre` is in pixels, `length` is the document's long side in pixels were it seen square on, `turn` is
    the rotation in the image plane, `tilt` the two rotations out of it; angles in radians.
    """

    centre: tuple[float, float]
    length: float
    turn: float
    tilt: tuple[float, float]


def draw_pose(
    image: Size, share: tuple[float, float], centre: tuple[float, float], rng: np.random.Generator
) -> Pose:
    """Draw a pose about `centre`, the long side between the given shares of the image's short side."""
    moderate = rng.normal(0, np.radians(14)) + (np.pi / 2 if rng.random() < 0.12 else 0)
    turn = moderate if rng.random() < 0.8 else rng.uniform(0, 2 * np.pi)
    tilt = np.clip(rng.normal(0, np.radians(11), 2), -0.5, 0.5)
    return Pose(
        centre, float(rng.uniform(*share)) * min(image), float(turn), (float(tilt[0]), float(tilt[1]))
    )


def corners(pose: Pose, image: Size, document: Size) -> MatLike:
    """The document's four corners in the image, clockwise from its own top left: float32 of shape (4, 2)."""
    ratio = document[1] / document[0]
    flat = np.array([[-1, -ratio, 0], [1, -ratio, 0], [1, ratio, 0], [-1, ratio, 0]]) * pose.length / 2
    about_x, about_y = pose.tilt
    cos_x, sin_x, cos_y, sin_y = np.cos(about_x), np.sin(about_x), np.cos(about_y), np.sin(about_y)
    cos_z, sin_z = np.cos(pose.turn), np.sin(pose.turn)
    spin = np.array([[cos_z, -sin_z, 0], [sin_z, cos_z, 0], [0, 0, 1]])
    lean = np.array([[1, 0, 0], [0, cos_x, -sin_x], [0, sin_x, cos_x]])
    sway = np.array([[cos_y, 0, sin_y], [0, 1, 0], [-sin_y, 0, cos_y]])
    seen = flat @ (sway @ lean @ spin).T
    distance = _FOCAL_LENGTH * max(image)
    return np.asarray(seen[:, :2] * (distance / (distance + seen[:, 2:])) + pose.centre, np.float32)


def lay_document(scene: MatLike, document: FlatDocument, quad: MatLike, rng: np.random.Generator) -> MatLike:
    """Paste the document on the scene at the given corners, with its shadow; returns its mask (0 to 1)."""
    tall, wide = document.pixels.shape[:2]
    size = (scene.shape[1], scene.shape[0])
    shrink = min(1.0, 1.5 * float(np.linalg.norm(quad[1] - quad[0])) / wide)
    small = cv2.resize(document.pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(
        _rounded(wide, tall, document.corner_radius), small.shape[1::-1], interpolation=cv2.INTER_AREA
    )
    source = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (small.shape[1] - 1, small.shape[0] - 1)
    view = cv2.getPerspectiveTransform(source.astype(np.float32), quad)
    pasted = cv2.warpPerspective(small, view, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpPerspective(mask, view, size, flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    offset = rng.normal(0, 4, 2).round().astype(int)
    near = cv2.GaussianBlur(
        np.roll(alpha, (int(offset[1]), int(offset[0])), (0, 1)), (0, 0), rng.uniform(2, 6)
    )
    shaded = scene * (1 - rng.uniform(0.25, 0.55) * near[..., None])
    glossy = pasted + _glare(alpha, quad, rng)[..., None]
    scene[:] = np.clip(shaded * (1 - alpha[..., None]) + glossy * alpha[..., None], 0, 255).astype(np.uint8)
    return alpha


def photograph(scene: MatLike, rng: np.random.Generator) -> MatLike:
    """Light the scene unevenly, then add the lens's blur and the sensor's noise."""
    size = (scene.shape[1], scene.shape[0])
    lit: MatLike = scene.astype(np.float32) * _light(size, rng)[..., None] * _tint(rng)
    lit = cv2.GaussianBlur(lit, (0, 0), float(rng.uniform(0.3, 1.1)))
    if rng.random() < 0.15:
        lit = cv2.filter2D(lit, -1, _shake(float(rng.uniform(0, np.pi)), int(rng.integers(3, 8))))
    # A sensor's noise grows with the square root of the light.
    grain = rng.normal(0, 1, lit.shape) * np.sqrt(np.maximum(lit, 4)) * rng.uniform(0.15, 0.7)
    return np.asarray(np.clip(lit + grain, 0, 255), np.uint8)


def _light(size: Size, rng: np.random.Generator) -> MatLike:
    """Brightness over the image: a slope, darker corners and sometimes the soft shadow of a shelf."""
    across, down = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    angle = rng.uniform(0, 2 * np.pi)
    slope = 1 + rng.uniform(0.02, 0.28) * (across * np.cos(angle) + down * np.sin(angle))
    light = rng.uniform(0.72, 1.12) * slope * (1 - rng.uniform(0, 0.16) * (across**2 + down**2))
    if rng.random() < 0.35:
        edge = (
            across * np.cos(angle + 1.9)
            + down * np.sin(angle + 1.9)
            + 0.15 * cloud(size, (2, 2), rng, octaves=1)
        )
        softness = rng.uniform(0.02, 0.25)
        dark = 1 / (1 + np.exp(-np.clip((edge - rng.uniform(-0.5, 0.5)) / softness, -30, 30)))
        light = light * (1 - rng.uniform(0.15, 0.45) * dark)
    return np.asarray(light, np.float32)


def _tint(rng: np.random.Generator) -> MatLike:
    """The colour cast of daylight or lamps, per channel."""
    warmth = rng.normal(0, 0.05)
    return np.array([1 - warmth, 1 + rng.normal(0, 0.015), 1 + warmth], np.float32)


def _glare(alpha: MatLike, quad: MatLike, rng: np.random.Generator) -> MatLike:
    """The soft reflection of a lamp in the document's lamination; often none."""
    if rng.random() < 0.6:
        return np.zeros_like(alpha)
    height, width = alpha.shape[:2]
    weights = rng.dirichlet(np.ones(4))
    x, y = weights @ quad
    across, down = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    radius = rng.uniform(0.10, 0.30) * float(np.linalg.norm(quad[2] - quad[0]))
    angle, stretch = rng.uniform(0, np.pi), rng.uniform(1, 2.5)
    along = (across - x) * np.cos(angle) + (down - y) * np.sin(angle)
    aside = (down - y) * np.cos(angle) - (across - x) * np.sin(angle)
    return np.asarray(rng.uniform(30, 110) * np.exp(-(along**2 / stretch**2 + aside**2) / (2 * radius**2)))


def _rounded(wide: int, tall: int, radius: int) -> MatLike:
    """A filled rectangle with rounded corners, 255 inside."""
    mask = np.zeros((tall, wide), np.uint8)
    cv2.rectangle(mask, (radius, 0), (wide - 1 - radius, tall - 1), 255, -1)
    cv2.rectangle(mask, (0, radius), (wide - 1, tall - 1 - radius), 255, -1)
    for x in (radius, wide - 1 - radius):
        for y in (radius, tall - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    return mask


def _shake(angle: float, length: int) -> MatLike:
    """The kernel of a small movement during exposure."""
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    reach = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    middle = np.array([length, length])
    start, end = (middle - reach).round().astype(int), (middle + reach).round().astype(int)
    cv2.line(kernel, (int(start[0]), int(start[1])), (int(end[0]), int(end[1])), 1.0, 1, cv2.LINE_AA)
    return np.asarray(kernel / kernel.sum())
