"""Measure the simulator's detector on images it has not seen, beside a naive baseline.

    python -m benchmarks.detector --cards FOLDER

Each run splits a data set by label, four parts to learn from and one to report on. The thresholds that F1
needs are chosen on a validation part: a fifth of the images to learn from is set aside, another detector
learns from the rest, and the threshold of each label that serves best on the fifth is kept. The detector that
is measured learns from all of them and is reported on, with those thresholds, on the part it has not seen.
Every run has a process of its own, so that the peak of memory is its own.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from cv2.typing import MatLike

from demo.documents import make_documents
from simulator.detector import Box, Detection, Detector, ImageSource, Labelled
from simulator.detector.boxes import iou_matrix, to_array

_HIT = 0.5


class Finder(Protocol):
    """What is measured: something that has learnt and now finds."""

    def predict(self, image: MatLike) -> list[Detection]:
        """What it finds in a BGR image."""
        ...


Learner = Callable[[Sequence[ImageSource], Sequence[Sequence[Labelled]], int], Finder]


@dataclass(frozen=True)
class Sample:
    """One image file and the boxes drawn on it."""

    path: Path
    truth: tuple[Labelled, ...]

    def read(self) -> MatLike:
        """The image as BGR."""
        image = cv2.imread(str(self.path))
        if image is None:
            raise SystemExit(f"{self.path} is not an image OpenCV can read")
        return image


@dataclass(frozen=True)
class Result:
    """The figures of one run."""

    f1: float
    blind_f1: float
    mean_ap: float
    mean_iou: float
    fit_seconds: float
    predict_seconds: float
    fit_mib: float
    predict_mib: float


class Baseline:
    """The largest bright contour, named after the label whose colours are nearest to its own."""

    def __init__(self, histograms: dict[str, MatLike]) -> None:
        self._histograms = histograms

    @classmethod
    def fit(
        cls, images: Sequence[ImageSource], truths: Sequence[Sequence[Labelled]], _seed: int
    ) -> "Baseline":
        """Remember each label's mean colour histogram."""
        seen: dict[str, list[MatLike]] = {}
        for source, truth in zip(images, truths, strict=True):
            image = source()
            for item in truth:
                seen.setdefault(item.label, []).append(cls._histogram(image, item.box))
        return cls({label: np.mean(several, axis=0) for label, several in seen.items()})

    def predict(self, image: MatLike) -> list[Detection]:
        """One detection for any image that is not of one brightness."""
        grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), (7, 7), 0)
        _, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if not outlines:
            return []
        left, top, width, height = cv2.boundingRect(max(outlines, key=cv2.contourArea))
        box = Box(left, top, width, height)
        own = self._histogram(image, box)
        likeness = {label: float(np.minimum(own, other).sum()) for label, other in self._histograms.items()}
        label = max(likeness, key=lambda name: likeness[name])
        return [Detection(label, box, likeness[label])]

    @staticmethod
    def _histogram(image: MatLike, box: Box) -> MatLike:
        left, top = max(round(box.left), 0), max(round(box.top), 0)
        part = image[top : round(box.top + box.height), left : round(box.left + box.width)]
        counts = cv2.calcHist(
            [cv2.cvtColor(part, cv2.COLOR_BGR2HSV)], [0, 1], None, [16, 8], [0, 180, 0, 256]
        )
        return np.asarray(counts / max(counts.sum(), 1))


def learn_detector(images: Sequence[ImageSource], truths: Sequence[Sequence[Labelled]], seed: int) -> Finder:
    """The simulator's detector."""
    return Detector.fit(images, truths, seed=seed)


LEARNERS: dict[str, Learner] = {"detector": learn_detector, "baseline": Baseline.fit}


def load(folder: Path, images: str) -> list[Sample]:
    """The samples of a COCO file `annotations.json` whose images lie in the subfolder `images`."""
    coco = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))
    names = {category["id"]: category["name"] for category in coco["categories"]}
    truths: dict[int, list[Labelled]] = {image["id"]: [] for image in coco["images"]}
    for item in coco["annotations"]:
        truths[item["image_id"]].append(Labelled(names[item["category_id"]], Box(*item["bbox"])))
    return [Sample(folder / images / item["file_name"], tuple(truths[item["id"]])) for item in coco["images"]]


def split(samples: Sequence[Sample], seed: int) -> tuple[list[Sample], list[Sample]]:
    """Four fifths and one fifth, with about the same share of each image's first label in both."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(samples))
    by_label = sorted(order, key=lambda index: [item.label for item in samples[index].truth][:1])
    offset = int(rng.integers(5))
    kept = {int(index) for place, index in enumerate(by_label) if place % 5 == offset}
    return [samples[i] for i in range(len(samples)) if i not in kept], [samples[i] for i in sorted(kept)]


def match(found: Sequence[Detection], truth: Sequence[Labelled], *, blind: bool) -> list[float]:
    """The overlap of each detection with the drawn box it is right about; 0 where it is wrong.

    Better detections choose first, and each drawn box can be found once.
    """
    overlaps = iou_matrix(to_array([item.box for item in found]), to_array([item.box for item in truth]))
    for row, detection in enumerate(found):
        for column, item in enumerate(truth):
            if not blind and item.label != detection.label:
                overlaps[row, column] = 0
    hits = [0.0] * len(found)
    for row in sorted(range(len(found)), key=lambda index: -found[index].confidence):
        if len(truth) and overlaps[row].max() >= _HIT:
            column = int(overlaps[row].argmax())
            hits[row] = float(overlaps[row, column])
            overlaps[:, column] = 0
    return hits


def f1(right: int, wrong: int, missed: int) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * right / max(2 * right + wrong + missed, 1)


def choose_threshold(found: Sequence[tuple[float, bool]], drawn: int) -> float:
    """The confidence at which F1 is best: the middle of the gap below the last detection worth keeping."""
    ranked = sorted(found, reverse=True)
    best, threshold, right = 0.0, 0.5, 0
    for place, (confidence, hit) in enumerate(ranked):
        right += hit
        score = f1(right, place + 1 - right, drawn - right)
        if score > best:
            following = ranked[place + 1][0] if place + 1 < len(ranked) else 0.0
            best, threshold = score, (confidence + following) / 2
    return threshold


def average_precision(found: Sequence[tuple[float, bool]], drawn: int) -> float:
    """The area under the interpolated precision-recall curve."""
    hits = np.array([hit for _, hit in sorted(found, key=lambda item: -item[0])], float)
    if not len(hits):
        return 0.0
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float((best_from_here * hits).sum() / max(drawn, 1))


def pool(
    found: Sequence[Sequence[Detection]], samples: Sequence[Sample], *, blind: bool
) -> dict[str, list[tuple[float, bool]]]:
    """All detections by label (one name for all when blind) as confidence and whether right."""
    pooled: dict[str, list[tuple[float, bool]]] = {}
    for several, sample in zip(found, samples, strict=True):
        for detection, overlap in zip(several, match(several, sample.truth, blind=blind), strict=True):
            name = "" if blind else detection.label
            pooled.setdefault(name, []).append((detection.confidence, overlap > 0))
    return pooled


def thresholds(
    found: Sequence[Sequence[Detection]], samples: Sequence[Sample], *, blind: bool
) -> dict[str, float]:
    """The threshold of each label (one for all when blind) that serves best on these samples."""
    pooled = pool(found, samples, blind=blind)
    names = {""} if blind else {item.label for sample in samples for item in sample.truth}
    return {name: choose_threshold(pooled.get(name, []), count_drawn(samples, name)) for name in names}


def count_drawn(samples: Sequence[Sample], label: str) -> int:
    """How many boxes of the label were drawn; of all labels for an empty name."""
    return sum(1 for sample in samples for item in sample.truth if label in ("", item.label))


def score(
    found: Sequence[Sequence[Detection]], samples: Sequence[Sample], limits: dict[str, float], *, blind: bool
) -> tuple[float, float]:
    """F1 over all labels together at these thresholds, and the mean overlap of what is right."""
    overlaps, wrong = [], 0
    for several, sample in zip(found, samples, strict=True):
        kept = [item for item in several if item.confidence >= limits.get("" if blind else item.label, 0.5)]
        hits = match(kept, sample.truth, blind=blind)
        overlaps += [overlap for overlap in hits if overlap > 0]
        wrong += sum(overlap == 0 for overlap in hits)
    missed = count_drawn(samples, "") - len(overlaps)
    return f1(len(overlaps), wrong, missed), float(np.mean(overlaps)) if overlaps else 0.0


def peak_mib() -> float:
    """The most memory this process has held so far."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def measure(learner: str, samples: Sequence[Sample], seed: int) -> Result:
    """One run: learn, choose thresholds on the validation part, measure on the part to report on."""
    learning, reported = split(samples, seed)
    first, validation = split(learning, seed + 1)

    def learn(part: Sequence[Sample]) -> Finder:
        return LEARNERS[learner]([sample.read for sample in part], [sample.truth for sample in part], seed)

    start = time.perf_counter()
    finder = learn(learning)
    fit_seconds, fit_mib = time.perf_counter() - start, peak_mib()
    images = [sample.read() for sample in reported]
    start = time.perf_counter()
    found = [finder.predict(image) for image in images]
    predict_seconds, predict_mib = (time.perf_counter() - start) / len(images), peak_mib()
    judge = learn(first)
    tried = [judge.predict(sample.read()) for sample in validation]
    named, mean_iou = score(found, reported, thresholds(tried, validation, blind=False), blind=False)
    blind, _ = score(found, reported, thresholds(tried, validation, blind=True), blind=True)
    pooled = pool(found, reported, blind=False)
    labels = sorted({item.label for sample in reported for item in sample.truth})
    precisions = [average_precision(pooled.get(name, []), count_drawn(reported, name)) for name in labels]
    return Result(
        named, blind, float(np.mean(precisions)), mean_iou, fit_seconds, predict_seconds, fit_mib, predict_mib
    )


def report(name: str, samples: Sequence[Sample], seeds: int) -> None:
    """Run every learner with every seed and print one line for each learner."""
    boxes = count_drawn(samples, "")
    print(f"\n{name}: {len(samples)} images, {boxes} boxes, mean of {seeds} splits (lowest - highest)")
    print(
        f"{'':10}{'F1':>20}{'label-blind F1':>20}{'mAP@0.5':>9}{'IoU':>7}"
        f"{'fit s':>8}{'image s':>9}{'fit MiB':>9}{'image MiB':>11}"
    )
    for learner in LEARNERS:
        results = []
        for seed in range(seeds):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool_:
                results.append(pool_.submit(measure, learner, samples, seed).result())
        print(line(learner, results), flush=True)


def line(learner: str, results: Sequence[Result]) -> str:
    """One row of the table."""

    def spread(values: Sequence[float]) -> str:
        return f"{np.mean(values):.3f} ({min(values):.2f} - {max(values):.2f})"

    return (
        f"{learner:10}{spread([r.f1 for r in results]):>20}{spread([r.blind_f1 for r in results]):>20}"
        f"{np.mean([r.mean_ap for r in results]):9.3f}{np.mean([r.mean_iou for r in results]):7.3f}"
        f"{np.mean([r.fit_seconds for r in results]):8.1f}"
        f"{np.mean([r.predict_seconds for r in results]):9.3f}"
        f"{max(r.fit_mib for r in results):9.0f}{max(r.predict_mib for r in results):11.0f}"
    )


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(
        description="Measure the simulator's detector on images it has not seen."
    )
    parser.add_argument("--cards", type=Path, help="folder with annotations.json (COCO) and images/")
    parser.add_argument("--documents", type=int, default=112, help="how many synthetic documents (0: none)")
    parser.add_argument("--seeds", type=int, default=3, help="how many splits")
    arguments = parser.parse_args()
    if arguments.documents:
        with tempfile.TemporaryDirectory() as folder:
            make_documents(Path(folder), count=arguments.documents, seed=1)
            report("synthetic documents", load(Path(folder), ""), arguments.seeds)
    if arguments.cards is None or not (arguments.cards / "annotations.json").is_file():
        print("\ncard photographs: skipped, no annotations.json there; give their folder with --cards")
        return
    report("card photographs", load(arguments.cards, "images"), arguments.seeds)


if __name__ == "__main__":
    main()
