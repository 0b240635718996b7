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
from simulator.detector.folds import answered, fold, turns
from simulator.detector.forest import Forest
from simulator.detector.judgement import describe_candidates
from simulator.detector.proposals import Proposals, box_corners, propose
from simulator.detector.regions import describe_regions
from simulator.detector.scoring import choose_candidates, find_objects

ImageSource = Callable[[], Array]
"""Gives one image as BGR, uint8, shape (height, width, 3). It is called twice during training."""

_IS_OBJECT, _IS_BACKGROUND, _IS_HIT = 0.75, 0.5, 0.5  # overlaps with a drawn box
_EXAMPLES = 8  # regions per drawn box that teach its label
_NEAR = 0.2  # overlap
_NEAR_REGIONS, _FAR_REGIONS = 80, 50  # per image, to teach wholeness
_BASIS_IMAGES = 60


@dataclass(frozen=True)
class Learnt:
    """All that a detector knows."""

    labels: tuple[str, ...]
    glance: Forest
    basis: Basis
    discriminant: Discriminant
    judge: Forest
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
    folds = fold([set(example.labels.tolist()) for example in examples], rng)
    parts = [_regions_to_learn(example, rng) for example in examples]
    figures = [example.figures for example in examples]
    wholeness, glance = _learn_in_turns(parts, figures, folds, seed)
    candidates = [
        choose_candidates(example.proposals.boxes, score)
        for example, score in zip(examples, wholeness, strict=True)
    ]
    basis, views = _view_all(examples, candidates, len(labels), rng, seed)
    classes = _classify_in_turns(views, folds, len(labels))
    rows = [
        describe_candidates(
            example.proposals.boxes[chosen],
            score[chosen],
            shares,
            seen.coordinates[: len(chosen)],
        )
        for example, chosen, score, shares, seen in zip(
            examples, candidates, wholeness, classes, views, strict=True
        )
    ]
    parts = [
        (own, example.best[chosen]) for own, example, chosen in zip(rows, examples, candidates, strict=True)
    ]
    merits, judge = _learn_in_turns(parts, rows, folds, seed)
    overlap = _allowed_overlap(examples)
    calibration = _calibrate(examples, candidates, merits, classes, overlap)
    return Learnt(labels, glance, basis, _discriminant(views, len(labels)), judge, calibration, overlap)


def _look(source: ImageSource, truth: Sequence[Labelled], labels: tuple[str, ...]) -> _Example:
    image = source()
    proposals = propose(image)
    drawn, inside = _within(to_array([item.box for item in truth]), image)
    return _Example(
        source=source,
        proposals=proposals,
        figures=describe_regions(image, proposals),
        drawn=drawn,
        labels=np.array([labels.index(item.label) for item in truth], np.intp)[inside],
        overlaps=iou_matrix(proposals.boxes, drawn),
    )


def _within(drawn: Array, image: Array) -> tuple[Array, Array]:
    """The boxes (n, 4) cut to the image, without those of which nothing is left; and which ones (n,) stay."""
    height, width = image.shape[:2]
    start = np.clip(drawn[:, :2], 0, (width, height))
    size = np.clip(drawn[:, :2] + drawn[:, 2:], 0, (width, height)) - start
    inside = (size >= 1).all(axis=1)
    return np.concatenate([start, size], axis=1)[inside], inside


def _regions_to_learn(example: _Example, rng: np.random.Generator) -> tuple[Array, Array]:
    """Some of an image's regions, as figures (n, k) and their overlap with a drawn box (n,)."""
    near = rng.permutation(np.flatnonzero(example.best >= _NEAR))[:_NEAR_REGIONS]
    far = rng.permutation(np.flatnonzero(example.best < _NEAR))[:_FAR_REGIONS]
    rows = np.concatenate([near, far])
    return example.figures[rows], example.best[rows]


def _learn_in_turns(
    parts: list[tuple[Array, Array]], rows: list[Array], folds: Array, seed: int
) -> tuple[list[Array], Forest]:
    """Learn one forest per turn from the parts (rows, targets) of the images not left out.

    Returns the answers for each image's rows by a forest that did not see the image, and all forests joined.
    """
    forests = []
    answers: list[Array] = [np.zeros(0)] * len(rows)
    for turn in turns(folds):
        others = np.flatnonzero(folds != turn)
        forest = Forest.fit(
            np.concatenate([parts[index][0] for index in others]),
            np.concatenate([parts[index][1] for index in others]),
            seed=seed + turn,
        )
        forests.append(forest)
        for index in np.flatnonzero(answered(folds, turn)):
            answers[index] = forest.predict(rows[index])
    return answers, Forest.join(forests)


def _view_all(
    examples: list[_Example], candidates: list[Array], background: int, rng: np.random.Generator, seed: int
) -> tuple[Basis, list[_Views]]:
    """Describe the candidates of all images; the basis is learnt from some of the images."""
    order = rng.permutation(len(examples))
    first, rest = order[:_BASIS_IMAGES], order[_BASIS_IMAGES:]
    raw = {int(index): _describe_image(examples[index], candidates[index], background) for index in first}
    basis = Basis.fit(np.concatenate([view for seen in raw.values() for view in seen.coordinates]), seed=seed)

    def placed(seen: _Views) -> _Views:
        return _Views(seen.rows, seen.classes, basis.project(seen.coordinates))

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


def _classify_in_turns(views: list[_Views], folds: Array, background: int) -> list[Array]:
    """Class probabilities of each image's candidates by a discriminant that did not see the image."""
    answers: list[Array] = [np.zeros(0)] * len(views)
    for turn in turns(folds):
        others = [views[index] for index in np.flatnonzero(folds != turn)]
        judge = _discriminant(others, background)
        for index in np.flatnonzero(answered(folds, turn)):
            own = views[index].coordinates[: len(views[index].rows)]
            answers[index] = class_probabilities(judge, own)
    return answers


def _calibrate(
    examples: list[_Example],
    candidates: list[Array],
    merits: list[Array],
    classes: list[Array],
    overlap: float,
) -> Calibration:
    """Detect in every image with what did not see it, and learn how far to trust what is found."""
    evidence, right = [], []
    for example, chosen, merit, shares in zip(examples, candidates, merits, classes, strict=True):
        for finding in find_objects(example.proposals.boxes, chosen, merit, shares, overlap=overlap):
            fit = iou_matrix(finding.box[None], example.drawn)[0]
            evidence.append(finding.evidence)
            right.append(bool((fit[example.labels == finding.label] >= _IS_HIT).any()))
    return Calibration.fit(np.array(evidence), np.array(right))


def class_probabilities(judge: Discriminant, views: Sequence[Array]) -> Array:
    """Class probabilities of regions, each the mean over its views (v, components): (regions, classes)."""
    if not views:
        return np.zeros((0, len(judge.offsets)))
    starts = np.cumsum([0] + [len(view) for view in views[:-1]])
    counts = np.array([[len(view)] for view in views])
    return np.asarray(np.add.reduceat(judge.probabilities(np.concatenate(views)), starts) / counts)
