"""Learning a detector from labelled images.

Two models are learnt: one that tells whole objects from other regions, label-blind, and one that tells
labels and background apart. Each is also learnt on parts of the images only, so that the confidences are
calibrated on images the models had not seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.detector.boxes import Array, Labelled, iou_matrix, to_array
from simulator.detector.calibration import Calibration
from simulator.detector.crops import describe_region
from simulator.detector.discriminant import Basis, Discriminant
from simulator.detector.forest import Forest
from simulator.detector.proposals import Proposals, box_corners, propose
from simulator.detector.regions import describe_regions
from simulator.detector.scoring import choose_candidates, find_objects

ImageSource = Callable[[], Array]
"""Gives one image as BGR, uint8, shape (height, width, 3). It is called twice during training."""

_FOLDS = 3
_IS_OBJECT, _IS_BACKGROUND, _IS_HIT = 0.6, 0.4, 0.5  # overlaps with a drawn box
_EXAMPLES = 8  # regions per drawn box that teach its label
_FAR_REGIONS = 90  # regions per image, of those that overlap no object, that teach wholeness
_BASIS_IMAGES = 60


@dataclass(frozen=True)
class Learnt:
    """All that a detector knows."""

    labels: tuple[str, ...]
    forest: Forest
    basis: Basis
    discriminant: Discriminant
    calibration: Calibration
    overlap: float


@dataclass(frozen=True)
class _Example:
    """One training image: its regions (n), their figures, its drawn boxes (m) with the labels' numbers."""

    source: ImageSource
    proposals: Proposals
    figures: Array
    drawn: Array
    labels: Array
    overlaps: Array  # (n, m)

    @property
    def best(self) -> Array:
        """Each region's overlap with the drawn box it fits best: (n,)."""
        return np.asarray(self.overlaps.max(axis=1, initial=0.0))


@dataclass(frozen=True)
class _Views:
    """Regions of one image seen closely: row numbers (c,), classes (c,) or -1, coordinates per view."""

    rows: Array
    classes: Array
    coordinates: list[Array]


def learn(images: Sequence[ImageSource], truths: Sequence[Sequence[Labelled]], *, seed: int) -> Learnt:
    """Learn from images and the boxes drawn on them.

    Raises ValueError when the two differ in number or when no box was drawn at all.
    """
    if len(images) != len(truths):
        raise ValueError(f"{len(images)} images but {len(truths)} lists of boxes; give one list per image")
    labels = tuple(sorted({item.label for truth in truths for item in truth}))
    if not labels:
        raise ValueError("no image has a box; draw at least one to learn from")
    rng = np.random.default_rng(seed)
    examples = [_look(source, truth, labels) for source, truth in zip(images, truths, strict=True)]
    folds = rng.permutation(len(examples)) % min(_FOLDS, len(examples))
    wholeness, forest = _learn_wholeness(examples, folds, rng, seed)
    candidates = [
        choose_candidates(example.proposals.boxes, score)
        for example, score in zip(examples, wholeness, strict=True)
    ]
    basis, views = _view_all(examples, candidates, len(labels), rng, seed)
    overlap = _allowed_overlap(examples)
    calibration = _calibrate(examples, folds, wholeness, candidates, views, len(labels), overlap)
    discriminant = _discriminant(views, len(labels))
    return Learnt(labels, forest, basis, discriminant, calibration, overlap)


def _look(source: ImageSource, truth: Sequence[Labelled], labels: tuple[str, ...]) -> _Example:
    image = source()
    proposals = propose(image)
    drawn = to_array([item.box for item in truth])
    return _Example(
        source=source,
        proposals=proposals,
        figures=describe_regions(image, proposals),
        drawn=drawn,
        labels=np.array([labels.index(item.label) for item in truth], np.intp),
        overlaps=iou_matrix(proposals.boxes, drawn),
    )


def _learn_wholeness(
    examples: list[_Example], folds: Array, rng: np.random.Generator, seed: int
) -> tuple[list[Array], Forest]:
    """Scores of each image's regions by a forest that did not see the image, and the forest of all images."""
    parts = []
    for example in examples:
        near = np.flatnonzero(example.best >= 0.2)
        far = np.flatnonzero(example.best < 0.2)
        rows = np.concatenate([near, rng.permutation(far)[:_FAR_REGIONS]])
        parts.append((example.figures[rows], example.best[rows]))

    def grow(chosen: Array) -> Forest:
        rows = np.concatenate([parts[index][0] for index in chosen])
        return Forest.fit(rows, np.concatenate([parts[index][1] for index in chosen]), seed=seed)

    forest = grow(np.arange(len(examples)))
    scores: list[Array] = [np.zeros(0)] * len(examples)
    for fold in np.unique(folds):
        others = np.flatnonzero(folds != fold)
        judge = grow(others) if len(others) else forest
        for index in np.flatnonzero(folds == fold):
            scores[index] = judge.predict(examples[index].figures)
    return scores, forest


def _view_all(
    examples: list[_Example], candidates: list[Array], background: int, rng: np.random.Generator, seed: int
) -> tuple[Basis, list[_Views]]:
    """Describe the candidates of all images; the basis is learnt from some of the images."""
    order = rng.permutation(len(examples))
    first, rest = order[:_BASIS_IMAGES], order[_BASIS_IMAGES:]
    raw = {int(index): _describe_image(examples[index], candidates[index], background) for index in first}
    basis = Basis.fit(np.concatenate([view for seen in raw.values() for view in seen.coordinates]), seed=seed)

    def placed(seen: _Views) -> _Views:
        return _Views(seen.rows, seen.classes, [basis.project(view) for view in seen.coordinates])

    done = {index: placed(seen) for index, seen in raw.items()}
    for index in rest:
        done[int(index)] = placed(_describe_image(examples[index], candidates[index], background))
    return basis, [done[index] for index in range(len(examples))]


def _describe_image(example: _Example, candidates: Array, background: int) -> _Views:
    """Raw descriptions of the candidates, then of further regions and boxes that show the drawn objects."""
    image = example.source()
    best = example.best
    classes = np.full(len(example.proposals), -1, np.intp)
    classes[best < _IS_BACKGROUND] = background
    if len(example.drawn):
        hit = best >= _IS_OBJECT
        classes[hit] = example.labels[example.overlaps.argmax(axis=1)[hit]]
    further = _regions_to_teach(example, candidates)
    rows = np.concatenate([candidates, further])
    quads = np.concatenate([example.proposals.quads[rows], box_corners(example.drawn)])
    whole = np.array(
        [best[example.overlaps[:, column].argmax()] < _IS_OBJECT for column in range(len(example.drawn))]
    )
    drawn_classes = np.where(whole, example.labels, -1) if len(whole) else np.zeros(0, np.intp)
    return _Views(
        rows=candidates,
        classes=np.concatenate([classes[rows], drawn_classes]),
        coordinates=[describe_region(image, quad) for quad in quads],
    )


def _regions_to_teach(example: _Example, candidates: Array) -> Array:
    """Regions that show a drawn object well, besides the candidates."""
    rows: list[int] = []
    for column in range(len(example.drawn)):
        fit = example.overlaps[:, column]
        best = np.argsort(-fit, kind="stable")[:_EXAMPLES]
        rows += [int(row) for row in best if fit[row] >= _IS_OBJECT]
    return np.setdiff1d(np.array(rows, np.intp), candidates)


def _discriminant(views: Sequence[_Views], background: int) -> Discriminant:
    rows, classes = [], []
    for seen in views:
        for kind, coordinates in zip(seen.classes, seen.coordinates, strict=True):
            if kind >= 0:
                rows.append(coordinates)
                classes.append(np.full(len(coordinates), kind))
    return Discriminant.fit(np.concatenate(rows), np.concatenate(classes), count=background + 1)


def _allowed_overlap(examples: list[_Example]) -> float:
    """How much two objects may overlap: as much as drawn ones do, within sensible bounds."""
    largest = 0.0
    for example in examples:
        shared = iou_matrix(example.drawn, example.drawn)
        np.fill_diagonal(shared, 0.0)
        largest = max(largest, float(shared.max(initial=0.0)))
    return float(np.clip(largest + 0.05, 0.3, 0.5))


def _calibrate(
    examples: list[_Example],
    folds: Array,
    wholeness: list[Array],
    candidates: list[Array],
    views: list[_Views],
    background: int,
    overlap: float,
) -> Calibration:
    """Detect in every image with models that did not see it, and learn how far to trust what is found."""
    evidence, right = [], []
    for fold in np.unique(folds):
        others = [views[index] for index in np.flatnonzero(folds != fold)] or views
        judge = _discriminant(others, background)
        for index in np.flatnonzero(folds == fold):
            chosen = candidates[index]
            seen = views[index].coordinates[: len(chosen)]
            classes = class_probabilities(judge, seen)
            boxes = examples[index].proposals.boxes
            for finding in find_objects(boxes, wholeness[index], classes, chosen, overlap=overlap):
                fit = iou_matrix(finding.box[None], examples[index].drawn)[0]
                same = examples[index].labels == finding.label
                evidence.append(finding.evidence)
                right.append(bool((fit[same] >= _IS_HIT).any()))
    return Calibration.fit(np.array(evidence), np.array(right))


def class_probabilities(judge: Discriminant, views: Sequence[Array]) -> Array:
    """Class probabilities of regions, each the mean over its views (v, components): (regions, classes)."""
    means = [judge.probabilities(view).mean(axis=0) for view in views]
    return np.array(means).reshape(len(views), len(judge.offsets))
