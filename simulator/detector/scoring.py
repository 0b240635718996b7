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
    """An object before calibration: the label's number, its refined box (4,) and the evidence (5,) for it."""

    label: int
    box: Array
    evidence: Array


def choose_candidates(boxes: Array, wholeness: Array) -> Array:
    """The rows worth a close look: the most promising ones that are not nearly the same box."""
    return np.array(suppress(boxes, wholeness, _NEARLY_SAME, most=CANDIDATES), np.intp)


def find_objects(
    boxes: Array, chosen: Array, merit: Array, classes: Array, *, overlap: float
) -> list[Finding]:
    """Pick one box per object among the chosen candidates, best first.

    `boxes` (n, 4) are those of all regions, `chosen` (m,) the rows of the candidates, `merit` (m,) and
    `classes` (m, labels + 1; background last) what the second look made of them. Two findings overlap by at
    most `overlap`.
    """
    own = boxes[chosen]
    best = float(merit.max(initial=_TINY))
    findings: list[Finding] = []
    for index in suppress(own, merit, overlap):
        near = iou_matrix(own[index : index + 1], own)[0] >= _SAME_OBJECT
        weight = np.where(near, merit, 0.0) ** 4 + _TINY**4 * (np.arange(len(own)) == index)
        shares = (weight[:, None] * classes).sum(axis=0) / weight.sum()
        refined = vote(own[index], own, np.maximum(merit, 0) ** 8 + _TINY**8, limit=_SAME_OBJECT)
        better = np.array([finding.box for finding in findings]).reshape(-1, 4)
        beside = float(iou_matrix(refined[None], better).max(initial=0.0))
        evidence = np.array([*_odds(float(merit[index]), shares), float(merit[index]) / best, beside])
        findings.append(Finding(int(shares[:-1].argmax()), refined, evidence))
    return findings


def _odds(merit: float, shares: Array) -> tuple[float, float, float]:
    """Log odds: of merit, of the best label against the background and against the other labels."""
    whole = np.clip(merit, 0.01, 0.99)
    labels = np.sort(shares[:-1])[::-1] + _TINY
    second = labels[1] if len(labels) > 1 else _TINY
    return (
        float(np.log(whole / (1 - whole))),
        float(np.log(labels[0] / (shares[-1] + _TINY))),
        float(np.log(labels[0] / second)),
    )
