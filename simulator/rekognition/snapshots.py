"""Evaluation manifest snapshots: what is true and what the model found, image by image.

[im-evaluation-manifest-snapshot-api]
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.rekognition.boxes import Box, Found, Truth
from simulator.rekognition.evaluation import above, match
from simulator.rekognition.manifest import CLASSIFICATION, DETECTION, MAX_BOXES

_TRUTH, _FOUND = "rekognition-custom-labels-training", "rekognition-custom-labels-evaluation"
_DETAILS = "rekognition-custom-labels-evaluation-details"


@dataclass(frozen=True)
class Seen:
    """One image.

    `size` is width, height, depth; `found` is None for training images, which are not evaluated.
    """

    source_ref: str
    size: tuple[int, int, int]
    truths: Sequence[Truth]
    found: Sequence[Found] | None


def detection_line(image: Seen, thresholds: Mapping[str, float], at: datetime) -> str:
    """Return an image's line for a model that finds boxes."""
    others = sorted({truth.label for truth in image.truths} - thresholds.keys())
    classes = {label: number for number, label in enumerate([*thresholds, *others])}
    truths = [(truth.label, truth.box) for truth in image.truths]
    line: dict[str, Any] = {
        "source-ref": image.source_ref,
        f"{_TRUTH}-0": _boxes(image.size, truths, classes),
        f"{_TRUTH}-0-metadata": _box_metadata(truths, [{"confidence": 1} for _ in truths], classes, True, at),
    }
    if image.found is not None:
        found = above(image.found, {})[:MAX_BOXES]
        boxes = [(item.label, item.box) for item in found]
        objects = [
            {"confidence": item.confidence, _DETAILS: verdict}
            for item, verdict in zip(found, _verdicts(image.truths, found, thresholds), strict=True)
        ]
        line[_FOUND] = _boxes(image.size, boxes, classes)
        line[f"{_FOUND}-metadata"] = _box_metadata(boxes, objects, classes, False, at)
    return json.dumps(line)


def classification_line(image: Seen, thresholds: Mapping[str, float], at: datetime) -> str:
    """Return an image's line for a model that labels images as a whole."""
    line: dict[str, Any] = {"source-ref": image.source_ref}
    for number, truth in enumerate(image.truths):
        line[f"{_TRUTH}-{number}"] = 1
        line[f"{_TRUTH}-{number}-metadata"] = _label_metadata(truth.label, 1.0, True, at)
    found = above(image.found or (), {})
    for number, (item, verdict) in enumerate(
        zip(found, _verdicts(image.truths, found, thresholds), strict=True)
    ):
        metadata = _label_metadata(item.label, item.confidence, False, at)
        line[f"{_FOUND}-{number}"] = int(item.confidence >= thresholds.get(item.label, 0.0))
        line[f"{_FOUND}-{number}-metadata"] = {**metadata, _DETAILS: verdict}
    return json.dumps(line)


def _verdicts(
    truths: Sequence[Truth], found: Sequence[Found], thresholds: Mapping[str, float]
) -> list[dict[str, Any]]:
    verdicts = []
    for item, hit in zip(found, match(truths, found), strict=True):
        reported, present = item.confidence >= thresholds.get(item.label, 0.0), hit is not None
        verdicts.append(
            {
                "version": 1,
                "is-true-positive": reported and present,
                "is-true-negative": not reported and not present,
                "is-false-positive": reported and not present,
                "is-false-negative": not reported and present,
                "is-present-in-ground-truth": present,
                "ground-truth-labelling-jobs": [f"{_TRUTH}-job"] if present else [],
            }
        )
    return verdicts


def _boxes(
    size: tuple[int, int, int], boxes: list[tuple[str, Box]], classes: dict[str, int]
) -> dict[str, Any]:
    width, height, depth = size
    return {
        "image_size": [{"width": width, "height": height, "depth": depth}],
        "annotations": [
            {
                "class_id": classes[label],
                "left": round(box.left),
                "top": round(box.top),
                "width": round(box.width),
                "height": round(box.height),
            }
            for label, box in boxes
        ],
    }


def _box_metadata(
    boxes: list[tuple[str, Box]],
    objects: list[dict[str, Any]],
    classes: dict[str, int],
    human: bool,
    at: datetime,
) -> dict[str, Any]:
    return {
        "objects": objects,
        "class-map": {str(classes[label]): label for label in sorted({label for label, _ in boxes})},
        **_origin(DETECTION, human, at),
    }


def _label_metadata(label: str, confidence: float, human: bool, at: datetime) -> dict[str, Any]:
    return {"confidence": confidence, "class-name": label, **_origin(CLASSIFICATION, human, at)}


def _origin(kind: str, human: bool, at: datetime) -> dict[str, str]:
    return {
        "type": kind,
        "human-annotated": "yes" if human else "no",
        "creation-date": at.strftime("%Y-%m-%dT%H:%M:%S.%f"),
        "job-name": f"{_TRUTH if human else _FOUND}-job",
    }
