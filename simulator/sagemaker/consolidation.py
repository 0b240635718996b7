"""What ACS-BoundingBox does: many workers' boxes become one set [sms-annotation-consolidation].

Boxes of one label that overlap most are taken to mean the same thing and averaged.
"""

from collections.abc import Sequence

from simulator.core.geometry import overlap
from simulator.sagemaker.models import DrawnBox

_SAME_THING = 0.5


def consolidate(answers: Sequence[Sequence[DrawnBox]]) -> list[DrawnBox]:
    """Average the workers' boxes.

    The confidence of a box is the share of workers who drew it times their mean overlap with the average;
    with a single worker it is exactly 0, as in real output [sms-data-output].
    """
    if len(answers) == 1:
        return [DrawnBox(b.label, b.left, b.top, b.width, b.height) for b in answers[0]]
    groups: list[list[DrawnBox]] = []
    for boxes in answers:
        taken: set[int] = set()
        for box in boxes:
            group = _best_group(box, groups, taken)
            if group is None:
                groups.append([box])
                taken.add(len(groups) - 1)
            else:
                groups[group].append(box)
                taken.add(group)
    # A box that only a minority saw is one worker's slip, not a finding.
    return [_average(group, len(answers)) for group in groups if len(group) * 2 > len(answers)]


def _best_group(box: DrawnBox, groups: list[list[DrawnBox]], taken: set[int]) -> int | None:
    scored = [
        (overlap(box, group[0]), n)
        for n, group in enumerate(groups)
        if n not in taken and group[0].label == box.label
    ]
    best = max(scored, default=(0.0, -1))
    return best[1] if best[0] >= _SAME_THING else None


def _average(group: list[DrawnBox], workers: int) -> DrawnBox:
    count = len(group)
    left = round(sum(b.left for b in group) / count)
    top = round(sum(b.top for b in group) / count)
    right = round(sum(b.left + b.width for b in group) / count)
    bottom = round(sum(b.top + b.height for b in group) / count)
    mean = DrawnBox(group[0].label, left, top, right - left, bottom - top)
    agreement = sum(overlap(mean, box) for box in group) / count
    mean.confidence = round(min(0.99, max(0.01, count / workers * agreement)), 2)
    return mean
