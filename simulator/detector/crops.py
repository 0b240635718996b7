"""Candidate regions seen straight on, and what distinguishes one label from another in them.

A region is rectified to one size whatever its angle and perspective. An object may lie either way up, so each
crop is described twice, the second time turned by half a turn; nearly square ones four times.
"""

import cv2
import numpy as np
from cv2.typing import MatLike

from simulator.detector.boxes import Array

WIDTH, HEIGHT = 96, 144
_CELL = 8
_ORIENTATIONS = 9
_FLOOR = 40.0  # gradients well below this (of 8-bit values) count as noise
_CEILING = 0.6
_COLOUR_GRID = (8, 12)
_SQUARE = 0.85  # short side over long side above which the long side is not sure to be the long one


def rectify(image: MatLike, quad: Array) -> MatLike:
    """Cut the quadrilateral (4, 2) out of a BGR image as HEIGHT x WIDTH pixels."""
    target = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    # Sampling a larger region point by point would alias fine print; go down by halves first.
    halvings = max(0, int(np.log2(max(sides.max() / HEIGHT, 1.0))))
    left, top = np.floor(quad.min(axis=0) - 4).astype(int)
    right, bottom = np.ceil(quad.max(axis=0) + 5).astype(int)
    left, top = max(left, 0), max(top, 0)
    part: MatLike = image[top : max(bottom, top + 2), left : max(right, left + 2)]
    corners = quad - (left, top)
    for _ in range(halvings):
        part = cv2.pyrDown(part)
        corners = corners / 2
    view = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return cv2.warpPerspective(
        part, view, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def is_nearly_square(quad: Array) -> bool:
    """Whether the shorter sides are nearly as long as the longer ones."""
    sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
    return bool(sides[::2].sum() > _SQUARE * sides[1::2].sum())


def describe_crop(crop: MatLike) -> Array:
    """Both ways up: float32 of shape (2, k), gradients in cells and coarse colours."""
    gradients, colours = _gradients(crop), _colours(crop)
    turned = (gradients[::-1, ::-1], colours[::-1, ::-1])
    return np.stack(
        [
            np.concatenate([gradients.ravel(), colours.ravel()]),
            np.concatenate([turned[0].ravel(), turned[1].ravel()]),
        ]
    ).astype(np.float32)


def describe_region(image: MatLike, quad: Array) -> Array:
    """All ways in which the object in this quadrilateral may lie: shape (2 or 4, k)."""
    views = [describe_crop(rectify(image, quad))]
    if is_nearly_square(quad):
        views.append(describe_crop(rectify(image, np.roll(quad, -1, axis=0))))
    return np.concatenate(views)


def _gradients(crop: MatLike) -> Array:
    """Histograms of gradient directions per cell, evened out by the strength around: (rows, columns, bins).

    After Dalal and Triggs (CVPR 2005), with one normalisation over the 3 x 3 cells about each cell.
    """
    across = cv2.Sobel(crop, cv2.CV_32F, 1, 0, ksize=1)
    down = cv2.Sobel(crop, cv2.CV_32F, 0, 1, ksize=1)
    strongest = (across**2 + down**2).argmax(axis=2)[..., None]
    dx = np.take_along_axis(across, strongest, axis=2)[..., 0]
    dy = np.take_along_axis(down, strongest, axis=2)[..., 0]
    strength, angle = cv2.cartToPolar(dx, dy)
    place = np.mod(angle * (_ORIENTATIONS / np.pi), _ORIENTATIONS)
    size = (WIDTH // _CELL, HEIGHT // _CELL)
    cells = np.empty((size[1], size[0], _ORIENTATIONS), np.float32)
    for bin_ in range(_ORIENTATIONS):
        gap = np.abs(place - bin_)
        nearness = np.maximum(1 - np.minimum(gap, _ORIENTATIONS - gap), 0)
        cells[..., bin_] = cv2.resize(strength * nearness, size, interpolation=cv2.INTER_AREA)
    cells *= _CELL * _CELL
    energy = cv2.blur((cells**2).sum(axis=2), (3, 3), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.minimum(cells / np.sqrt(energy + _FLOOR**2)[..., None], _CEILING))


def _colours(crop: MatLike) -> Array:
    """A coarse Lab picture; lightness is relative to the crop's mean, for light differs between images."""
    lab = cv2.cvtColor(cv2.resize(crop, _COLOUR_GRID, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2LAB)
    values = lab.astype(np.float32)
    values[..., 0] -= values[..., 0].mean()
    values[..., 1:] -= 128
    return values / 60
