"""The second look: what is known of a candidate after its close view, and how it stands among the others."""

import numpy as np

from simulator.detector.boxes import Array, iou_matrix

_COORDINATES = 40
_INSIDE = 0.85
_TINY = 1e-4


def describe_candidates(boxes: Array, wholeness: Array, classes: Array, views: list[Array]) -> Array:
    """One row of figures for each of m candidates: float32 of shape (m, k).

    `boxes` (m, 4) and `wholeness` (m,) are those of the first look, `classes` (m, labels + 1) the class
    probabilities with background last, `views` the m coordinates (v, components).
    """
    ranked = np.sort(classes[:, :-1], axis=1)[:, ::-1]
    second = ranked[:, 1] if ranked.shape[1] > 1 else np.zeros(len(classes))
    odds = np.log(np.stack([ranked[:, 0], second, classes[:, -1]], axis=1) + _TINY)
    return np.concatenate(
        [
            wholeness[:, None],
            odds,
            _appearance(views),
            _standing(boxes, wholeness, ranked[:, 0]),
        ],
        axis=1,
    ).astype(np.float32)


def _appearance(views: list[Array]) -> Array:
    """Coordinates that do not depend on which way up the object lies: (m, 2 x kept)."""
    kept = [view[:, :_COORDINATES] for view in views]
    return np.array([np.concatenate([view.mean(axis=0), np.ptp(view, axis=0)]) for view in kept])


def _standing(boxes: Array, wholeness: Array, certainty: Array) -> Array:
    """How good the rivals are: those inside this one, round it, partly over it, nearly the same, and all."""
    overlap = iou_matrix(boxes, boxes)
    area = boxes[:, 2] * boxes[:, 3]
    shared = overlap * (area[:, None] + area[None]) / (1 + overlap)
    within = shared / area[None] > _INSIDE
    smaller = area[None] < 0.8 * area[:, None]
    other = ~np.eye(len(boxes), dtype=bool)
    inner = within & smaller & other
    rivals = (inner, inner.T, (overlap > 0.2) & (overlap < 0.8) & other, (overlap >= 0.8) & other, other)
    columns = []
    for score in (wholeness, certainty):
        for rival in rivals:
            best = np.where(rival, score[None], 0.0).max(axis=1)
            columns += [best, score - best]
    columns += [rival.sum(axis=1) for rival in rivals[:4]]
    covered = np.where(inner, (area * wholeness)[None], 0.0).sum(axis=1) / area
    return np.stack([*columns, covered], axis=1)
