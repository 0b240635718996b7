"""From scored candidates to one box per object: choice, suppression, refinement, evidence."""

from dataclasses import dataclass

import numpy as np

from simulator.detector.boxes import Array, iou_matrix, suppress, vote

CANDIDATES = 32
"""How many of an image's regions are looked at closely."""

_NEARLY_SAME = 0.85
_SAME_OBJECT = 0.7
_TINY = 1e-4


@dataclass(frozen=True)
class Finding:
    """An object before calibration: the label's number, its refined box (4,) and the evidence (3,) for it."""

    label: int
    box: Array
    evidence: Array


def choose_candidates(boxes: Array, wholeness: Array) -> Array:
    """The rows worth a close look: the most promising ones that are not nearly the same box."""
    return np.array(suppress(boxes, wholeness, _NEARLY_SAME, most=CANDIDATES), np.intp)


def find_objects(
    boxes: Array, wholeness: Array, classes: Array, chosen: Array, *, overlap: float
) -> list[Finding]:
    """Pick one box per object among the chosen candidates, best first.

    `boxes` (n, 4) and `wholeness` (n,), the expected overlap with an object, are those of all regions;
    `classes` (m, labels + 1) are the class probabilities of the `chosen` rows (m,), background last. Two
    findings overlap by at most `overlap`.
    """
    if len(chosen) == 0:
        return []
    likely = wholeness[chosen] * np.sqrt(1 - classes[:, -1] + _TINY)
    own = boxes[chosen]
    findings = []
    for index in suppress(own, likely, overlap):
        near = iou_matrix(own[index : index + 1], own)[0] >= _SAME_OBJECT
        weight = np.where(near, likely, 0.0) ** 2 + _TINY * (np.arange(len(own)) == index)
        shares = (weight[:, None] * classes).sum(axis=0) / weight.sum()
        refined = vote(own[index], boxes, np.maximum(wholeness, 0) ** 6 + _TINY**6, limit=_SAME_OBJECT)
        findings.append(
            Finding(int(shares[:-1].argmax()), refined, _evidence(float(wholeness[chosen[index]]), shares))
        )
    return findings


def _evidence(wholeness: float, shares: Array) -> Array:
    """Log odds: of being whole, of the best label against the background and against the other labels."""
    whole = np.clip(wholeness, 0.01, 0.99)
    labels = np.sort(shares[:-1])[::-1] + _TINY
    second = labels[1] if len(labels) > 1 else _TINY
    return np.array(
        [np.log(whole / (1 - whole)), np.log(labels[0] / (shares[-1] + _TINY)), np.log(labels[0] / second)]
    )
