"""How good a model is on its test set [im-metrics-use].

Each label gets the confidence threshold with which its F1 is best; what the model reports by default, and
every figure below except the mean average precision, is measured at these thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simulator.core.geometry import overlap
from simulator.rekognition.boxes import Found, Truth

SAME_THING = 0.5
"""Least intersection over union at which a found box counts as a true one."""


@dataclass(frozen=True)
class Metrics:
    """One label's figures, all 0 to 1."""

    label: str
    test_images: int
    threshold: float
    precision: float
    recall: float
    f1: float
    average_precision: float
    best_recall: float


@dataclass(frozen=True)
class Evaluation:
    """A model's figures, all 0 to 1; averages are over the labels that occur in the test set.

    `confusion` tells, for models that label whole images, which share of a label's test images (first of the
    pair) was reported as which label (second).
    """

    labels: tuple[Metrics, ...]
    precision: float
    recall: float
    f1: float
    average_precision: float
    average_recall: float
    confusion: dict[tuple[str, str], float] = field(default_factory=dict)

    @property
    def thresholds(self) -> dict[str, float]:
        """The threshold of each label."""
        return {metrics.label: metrics.threshold for metrics in self.labels}


def evaluate(
    labels: Sequence[str], truths: Sequence[Sequence[Truth]], found: Sequence[Sequence[Found]]
) -> Evaluation:
    """Compare what was found with what is true, image by image."""
    measured = tuple(_measure(label, truths, found) for label in labels)
    tested = [metrics for metrics in measured if metrics.test_images]
    precision, recall = _mean([m.precision for m in tested]), _mean([m.recall for m in tested])
    return Evaluation(
        labels=measured,
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        average_precision=_mean([m.average_precision for m in tested]),
        average_recall=_mean([m.best_recall for m in tested]),
    )


def confusion(
    labels: Sequence[str],
    truths: Sequence[Sequence[Truth]],
    found: Sequence[Sequence[Found]],
    thresholds: Mapping[str, float],
) -> dict[tuple[str, str], float]:
    """Return for each pair of labels the share of the first's images that were reported as the second."""
    reported = [{item.label for item in above(image, thresholds)} for image in found]
    present = [{truth.label for truth in image} for image in truths]
    shares = {}
    for truth in labels:
        images = [n for n, true in enumerate(present) if truth in true]
        for predicted in labels:
            shares[truth, predicted] = _mean([float(predicted in reported[n]) for n in images])
    return shares


def match(truths: Sequence[Truth], found: Sequence[Found]) -> list[int | None]:
    """Return for each found box, best first, the index of the true box it hits, None for a false alarm.

    A true box is hit once, by the most confident box of its label that overlaps it enough.
    """
    free = set(range(len(truths)))
    hits: list[int | None] = []
    for item in found:
        scored = [
            (overlap(item.box, truths[n].box), n) for n in sorted(free) if truths[n].label == item.label
        ]
        best, index = max(scored, default=(0.0, -1))
        if best >= SAME_THING:
            free.discard(index)
            hits.append(index)
        else:
            hits.append(None)
    return hits


def above(found: Sequence[Found], thresholds: Mapping[str, float]) -> list[Found]:
    """Return what reaches its label's threshold, best first."""
    kept = [item for item in found if item.confidence >= thresholds.get(item.label, 0.0)]
    return sorted(kept, key=lambda item: item.confidence, reverse=True)


def _measure(label: str, truths: Sequence[Sequence[Truth]], found: Sequence[Sequence[Found]]) -> Metrics:
    wanted = 0
    images = 0
    scored: list[tuple[float, bool]] = []
    for image_truths, image_found in zip(truths, found, strict=True):
        mine = [truth for truth in image_truths if truth.label == label]
        wanted += len(mine)
        images += bool(mine)
        candidates = above([item for item in image_found if item.label == label], {})
        hits = match(mine, candidates)
        scored += [(item.confidence, hit is not None) for item, hit in zip(candidates, hits, strict=True)]
    scored.sort(key=lambda pair: pair[0], reverse=True)
    threshold, precision, recall = _best_threshold(scored, wanted)
    return Metrics(
        label=label,
        test_images=images,
        threshold=threshold,
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        average_precision=_average_precision(scored, wanted),
        best_recall=sum(hit for _, hit in scored) / wanted if wanted else 0.0,
    )


def _best_threshold(scored: Sequence[tuple[float, bool]], wanted: int) -> tuple[float, float, float]:
    """Return the threshold of best F1 with its precision and recall; 0.5 when nothing can be measured.

    The threshold lies halfway between the last box let in and the first kept out.
    """
    best = (0.0, 0.5, 0.0, 0.0)
    true = 0
    for count, (confidence, hit) in enumerate(scored, 1):
        true += hit
        following = scored[count][0] if count < len(scored) else 0.0
        if following == confidence:
            continue
        precision, recall = true / count, true / wanted if wanted else 0.0
        if _f1(precision, recall) > best[0]:
            best = (_f1(precision, recall), (confidence + following) / 2, precision, recall)
    return best[1:]


def _average_precision(scored: Sequence[tuple[float, bool]], wanted: int) -> float:
    """Return the area under the precision-recall curve, precision taken as its best at any higher recall."""
    if not wanted:
        return 0.0
    true = 0
    points = []
    for count, (_, hit) in enumerate(scored, 1):
        true += hit
        if hit:
            points.append(true / count)
    area, best = 0.0, 0.0
    for precision in reversed(points):
        best = max(best, precision)
        area += best / wanted
    return area


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
