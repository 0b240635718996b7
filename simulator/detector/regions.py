"""What a candidate region looks like at a glance: figures cheap enough for all several hundred of an image.

They answer "is this a whole object of the kind I was shown?", whatever its label: shape, size, how sharply
its sides stand out, colours inside, along and outside the rim.
"""

import cv2
import numpy as np
from cv2.typing import MatLike

from simulator.detector.boxes import Array
from simulator.detector.proposals import Proposals, shrink

_SIDE = 400
_ACROSS = np.array([-0.12, 0.06, 0.2, 0.4, 0.6, 0.8, 0.94, 1.12])
_DOWN = np.array([-0.08, 0.04, 0.14, 0.32, 0.5, 0.68, 0.86, 0.96, 1.08])
_ALONG = np.linspace(0.06, 0.94, 10, dtype=np.float32)
_REACH = np.arange(-2, 3, dtype=np.float32)  # pixels across a side in which its edge is sought


def describe_regions(image: MatLike, proposals: Proposals) -> Array:
    """One row of figures for each proposal: float32 of shape (n, k), the same k for every image."""
    small, factor = shrink(image, _SIDE)
    lab = cv2.cvtColor(cv2.GaussianBlur(small, (3, 3), 0), cv2.COLOR_BGR2LAB).astype(np.float32)
    quads = proposals.quads * factor
    parts = (
        _geometry(proposals, image.shape[1], image.shape[0]),
        _sides(lab, quads),
        _colours(lab, quads),
    )
    return np.concatenate(parts, axis=1).astype(np.float32)


def _geometry(proposals: Proposals, width: int, height: int) -> Array:
    """Size, proportions, squareness and how near the image's rim; independent of the image's size."""
    boxes, quads = proposals.boxes, proposals.quads
    sides = np.linalg.norm(quads - np.roll(quads, -1, axis=1), axis=2) + 1e-6
    short, long = sides[:, ::2].mean(axis=1), sides[:, 1::2].mean(axis=1)
    steps = np.roll(quads, -1, axis=1) - quads
    unit = steps / sides[..., None]
    slant = np.abs((unit * np.roll(unit, -1, axis=1)).sum(axis=2))
    area = boxes[:, 2] * boxes[:, 3]
    rim = np.stack(
        [boxes[:, 0], boxes[:, 1], width - boxes[:, 0] - boxes[:, 2], height - boxes[:, 1] - boxes[:, 3]],
        axis=1,
    )
    return np.column_stack(
        [
            np.log(area / (width * height)),
            np.log(short * long / (width * height)),
            np.log(short / long),
            np.abs(np.log(sides[:, 0] / sides[:, 2])),
            np.abs(np.log(sides[:, 1] / sides[:, 3])),
            slant.max(axis=1),
            (rim < 0.01 * max(width, height)).sum(axis=1),
            proposals.shapes,
        ]
    )


def _sides(lab: Array, quads: Array) -> Array:
    """How strongly and how continuously each side is an edge, sorted from the weakest to the strongest."""
    change = _change(lab)
    step = (np.roll(quads, -1, axis=1) - quads).astype(np.float32)
    normal = np.stack([step[..., 1], -step[..., 0]], axis=2)
    normal /= np.linalg.norm(normal, axis=2, keepdims=True) + 1e-6
    along = quads.astype(np.float32)[:, :, None] + step[:, :, None] * _ALONG[:, None]
    points = along[:, :, :, None] + normal[:, :, None, None] * _REACH[:, None]
    seen = _pick(change, points)
    across = np.abs(seen[..., 0] * normal[:, :, None, None, 0] + seen[..., 1] * normal[:, :, None, None, 1])
    # Relative to the picture's usual change: tells an edge of this photograph from its texture and noise.
    strength = np.log1p(across.max(axis=3) / (float(np.abs(change).mean()) + 1.0))
    continuous = np.partition(strength, 2, axis=2)[:, :, 2]
    return np.concatenate([np.sort(strength.mean(axis=2), axis=1), np.sort(continuous, axis=1)], axis=1)


def _change(lab: Array) -> Array:
    """The derivatives along x and y of whichever channel changes most at a pixel: (height, width, 2)."""
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(lab, cv2.CV_32F, 0, 1, ksize=3)
    strongest = (across**2 + down**2).argmax(axis=2)[..., None]
    pair = [np.take_along_axis(values, strongest, axis=2) for values in (across, down)]
    return np.concatenate(pair, axis=2)


def _colours(lab: Array, quads: Array) -> Array:
    """Mean colours on a coarse grid in and round the quadrilateral, and contrasts between its zones.

    The grid is averaged with itself turned by half a turn, so that upside down looks the same.
    """
    u, v = np.meshgrid(_ACROSS, _DOWN)
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=2)
    points = np.tensordot(quads.astype(np.float32), weights.astype(np.float32), axes=(1, 2)).transpose(
        0, 2, 3, 1
    )
    seen = _pick(lab, points)
    symmetric = (seen + seen[:, ::-1, ::-1]) / 2
    half = symmetric[:, : len(_DOWN) // 2 + 1].reshape(len(quads), -1)
    inside = seen[:, 1:-1, 1:-1].reshape(len(quads), -1, 3)
    rim_mask = np.ones((len(_DOWN) - 2, len(_ACROSS) - 2), bool)
    rim_mask[1:-1, 1:-1] = False
    rim = seen[:, 1:-1, 1:-1][:, rim_mask]
    ring_mask = np.ones((len(_DOWN), len(_ACROSS)), bool)
    ring_mask[1:-1, 1:-1] = False
    ring = seen[:, ring_mask]
    return np.concatenate(
        [
            half,
            inside.mean(axis=1),
            inside.std(axis=1),
            rim.std(axis=1),
            ring.std(axis=1),
            rim.mean(axis=1) - ring.mean(axis=1),
            np.abs(rim.mean(axis=1) - ring.mean(axis=1)),
        ],
        axis=1,
    )


def _pick(grid: Array, points: Array) -> Array:
    """The grid's values at the pixels nearest to `points` (..., 2: x, y); outside counts as the rim."""
    height, width = grid.shape[:2]
    x = np.clip(points[..., 0] + 0.5, 0, width - 1).astype(np.int32)
    y = np.clip(points[..., 1] + 0.5, 0, height - 1).astype(np.int32)
    return np.asarray(grid.reshape(height * width, -1).take(y * width + x, axis=0))
