"""One set of boxes from what several people drew: matched, averaged, and voted on; pure.

As ACS-BoundingBox does: "finds the most similar boxes from workers" by intersection over union "and averages
them" (sms-annotation-consolidation). What AWS leaves open is decided here: boxes match from half an overlap
on, and a box counts when at least half of the people drew it, because a document that one of two missed is
likelier than one that the other made up.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from contracts.boxes import Box
from services.labelling.boxes import AgreedBox

MATCHING = 0.5
"""The least overlap (intersection over union) of two people's boxes of the same document."""


@dataclass(frozen=True)
class _Drawn:
    worker: str
    box: Box

    @property
    def place(self) -> tuple[int, int, int, int, str, str]:
        """Sorts boxes alike in whatever order they came."""
        return (self.box.left, self.box.top, self.box.width, self.box.height, self.box.label, self.worker)


def consolidate(answers: Mapping[str, Sequence[Box]], labels: Sequence[str]) -> tuple[AgreedBox, ...]:
    """Unite people's boxes of one image.

    Args:
        answers: the boxes of each person who could say what is in the image; none for "no document here".
        labels: the document types; of those that equally many people chose, the first counts.
    """
    if len(answers) <= 1:
        return tuple(AgreedBox(box, 0.0) for boxes in answers.values() for box in boxes)
    drawn = sorted(
        (_Drawn(worker, box) for worker, boxes in answers.items() for box in boxes),
        key=lambda one: one.place,
    )
    agreed = [
        _agreed(group, len(answers), labels) for group in _matched(drawn) if 2 * len(group) >= len(answers)
    ]
    return tuple(sorted(agreed, key=lambda one: (_edges(one.box), one.box.label, one.confidence)))


def overlap(one: Box, other: Box) -> float:
    """Give the intersection over union of two boxes, from 0 to 1."""
    left, top, right, bottom = _edges(one)
    other_left, other_top, other_right, other_bottom = _edges(other)
    width = min(right, other_right) - max(left, other_left)
    height = min(bottom, other_bottom) - max(top, other_top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def _matched(drawn: Sequence[_Drawn]) -> Iterator[list[_Drawn]]:
    """Group the boxes, the most similar first; a group has at most one box of each person."""
    group_of = {number: [number] for number in range(len(drawn))}
    pairs = (
        (overlap(drawn[a].box, drawn[b].box), a, b)
        for a, b in combinations(range(len(drawn)), 2)
        if drawn[a].worker != drawn[b].worker
    )
    for _, a, b in sorted((pair for pair in pairs if pair[0] >= MATCHING), key=lambda pair: (-pair[0], pair)):
        one, other = group_of[a], group_of[b]
        if {drawn[number].worker for number in one}.isdisjoint(drawn[number].worker for number in other):
            one.extend(other)
            group_of.update(dict.fromkeys(other, one))
    for number, group in group_of.items():
        if min(group) == number:
            yield [drawn[member] for member in sorted(group)]


def _agreed(group: Sequence[_Drawn], people: int, labels: Sequence[str]) -> AgreedBox:
    left, top, right, bottom = (
        _mean(edges) for edges in zip(*(_edges(one.box) for one in group), strict=True)
    )
    votes = Counter(one.box.label for one in group)
    label = min(votes, key=lambda name: (-votes[name], labels.index(name)))
    box = Box(label=label, left=left, top=top, width=right - left, height=bottom - top)
    fit = sum(overlap(one.box, box) for one in group) / len(group)
    return AgreedBox(box, round(fit * len(group) / people, 4))


def _edges(box: Box) -> tuple[int, int, int, int]:
    return box.left, box.top, box.left + box.width, box.top + box.height


def _mean(edges: Sequence[int]) -> int:
    """Round half up, always: to the even number, two edges a pixel apart could meet."""
    return (2 * sum(edges) + len(edges)) // (2 * len(edges))
