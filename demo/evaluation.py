"""How well detections agree with the truth, as PASCAL VOC counts: half overlaps, the label is right."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cli.detecting import Box, Detection
from demo.material import Truth

MIN_OVERLAP = 0.5


class Verdict(StrEnum):
    """What a detection turned out to be."""

    FOUND = "found"
    WRONG_LABEL = "wrong label"
    NOTHING_THERE = "nothing there"


@dataclass(frozen=True)
class Judged:
    """A detection and its verdict; `overlap` (0 to 1) is with the document it found, or the nearest."""

    detection: Detection
    verdict: Verdict
    overlap: float


@dataclass(frozen=True)
class Judgement:
    """One image: its detections, best first, and the documents that nobody found under their label."""

    truths: tuple[Truth, ...]
    judged: tuple[Judged, ...]
    missed: tuple[Truth, ...]

    @property
    def found(self) -> int:
        """How many documents were found under the right label."""
        return len(self.truths) - len(self.missed)

    @property
    def faults(self) -> int:
        """How many things are wrong: documents missed and detections of what is not there."""
        return len(self.missed) + sum(one.verdict is not Verdict.FOUND for one in self.judged)


@dataclass(frozen=True)
class Score:
    """Counts over many images, and the shares that follow."""

    documents: int
    found: int
    false_alarms: int

    @property
    def precision(self) -> float | None:
        """The share of detections that are right; `None` without detections."""
        return _share(self.found, self.found + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """The share of documents found; `None` without documents."""
        return _share(self.found, self.documents)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; `None` where there is nothing at all."""
        return _share(2 * self.found, self.documents + self.found + self.false_alarms)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    wide = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    high = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    return shared / (one.width * one.height + other.width * other.height - shared)


def judge(truths: Sequence[Truth], detections: Sequence[Detection]) -> Judgement:
    """Match detections to documents, the most confident first; a document is found once."""
    open_truths = list(truths)
    verdicts: dict[int, Judged] = {}
    ranked = sorted(detections, key=lambda detection: -detection.confidence)
    for place, detection in enumerate(ranked):
        candidates = [truth for truth in open_truths if truth.label == detection.label]
        match = max(candidates, key=lambda truth: overlap(truth.box, detection.box), default=None)
        if match and overlap(match.box, detection.box) >= MIN_OVERLAP:
            open_truths.remove(match)
            verdicts[place] = Judged(detection, Verdict.FOUND, overlap(match.box, detection.box))
    for place, detection in enumerate(ranked):
        if place not in verdicts:
            verdicts[place] = _misjudged(detection, truths, open_truths)
    return Judgement(
        tuple(truths), tuple(verdicts[place] for place in range(len(ranked))), tuple(open_truths)
    )


def score(judgements: Iterable[Judgement], label: str | None = None) -> Score:
    """Count over images: all documents, or those of one label."""
    documents = found = false_alarms = 0
    for judgement in judgements:
        documents += sum(label in {None, truth.label} for truth in judgement.truths)
        of_label = [one for one in judgement.judged if label in {None, one.detection.label}]
        right = sum(one.verdict is Verdict.FOUND for one in of_label)
        found += right
        false_alarms += len(of_label) - right
    return Score(documents, found, false_alarms)


def _misjudged(detection: Detection, truths: Sequence[Truth], unfound: Sequence[Truth]) -> Judged:
    """A detection that found nothing: was a document there that it called by another name?"""
    if any(overlap(truth.box, detection.box) >= MIN_OVERLAP for truth in unfound):
        verdict = Verdict.WRONG_LABEL
    else:
        verdict = Verdict.NOTHING_THERE
    return Judged(
        detection, verdict, max((overlap(truth.box, detection.box) for truth in truths), default=0.0)
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
