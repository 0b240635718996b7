"""The files a training writes to its OutputConfig.

[im-summary-file-api, im-evaluation-manifest-snapshot-api, tm-debugging-summary]
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from simulator.rekognition.boxes import Box, Found, Truth
from simulator.rekognition.evaluation import Evaluation, above, match
from simulator.rekognition.manifest import DETECTION

EVALUATION, SUMMARY = "EvaluationResultSummary", "ManifestSummary"
TRAIN_TRUTH, TEST_TRUTH = "TrainingGroundTruth", "TestingGroundTruth"
TRAIN_CHECKED, TEST_CHECKED = "TrainingManifestWithValidation", "TestingManifestWithValidation"
_TRUTH = "rekognition-custom-labels-training-0"
_FOUND = "rekognition-custom-labels-evaluation"
_JOB = "rekognition-custom-labels-training-job"


def result_key(prefix: str, role: str, project: str, version: str) -> str:
    """Return the key of a result file, in the form of AWS's own API example."""
    name = f"{role}-{project}-{version}.json"
    return f"{prefix.strip('/')}/{name}" if prefix.strip("/") else name


def evaluation_summary(
    evaluation: Evaluation, version_arn: str, ended: datetime, train_images: int, test_images: int
) -> bytes:
    """Return the evaluation summary; the aggregates are flat, as in the guide's example and in real files."""
    document = {
        "Version": 1,
        "EvaluationDetails": {
            "ProjectVersionArn": version_arn,
            "EvaluationEndTimestamp": _date(ended),
            "Labels": [metrics.label for metrics in evaluation.labels],
            "NumberOfTrainingImages": train_images,
            "NumberOfTestingImages": test_images,
        },
        "AggregatedEvaluationResults": {
            "F1Score": evaluation.f1,
            "Precision": evaluation.precision,
            "Recall": evaluation.recall,
            "AveragePrecision": evaluation.average_precision,
            "AverageRecall": evaluation.average_recall,
        },
        "LabelEvaluationResults": [
            {
                "Label": metrics.label,
                "NumberOfTestingImages": metrics.test_images,
                "Metrics": {
                    "Threshold": metrics.threshold,
                    "Precision": metrics.precision,
                    "Recall": metrics.recall,
                    "F1Score": metrics.f1,
                },
            }
            for metrics in evaluation.labels
        ],
    }
    return json.dumps(document, indent=1).encode()


def manifest_summary(train: dict[str, Any], test: dict[str, Any], spanning: list[dict[str, str]]) -> bytes:
    """Return the manifest summary of two sets' statistics."""
    document = {"statistics": {"training": train, "testing": test}, "errors": spanning}
    return json.dumps(document, indent=1).encode()


def snapshot_line(
    source_ref: str,
    size: tuple[int, int, int],
    truths: Sequence[Truth],
    found: Sequence[Found] | None,
    thresholds: dict[str, float],
    at: datetime,
) -> str:
    """Return an image's line of an evaluation manifest snapshot.

    `size` is width, height, depth; `found` is None for training images, which are not evaluated.
    """
    others = sorted({truth.label for truth in truths} - thresholds.keys())
    classes = {label: n for n, label in enumerate([*thresholds, *others])}
    line: dict[str, Any] = {
        "source-ref": source_ref,
        _TRUTH: _boxes(size, [(truth.label, truth.box) for truth in truths], classes),
        f"{_TRUTH}-metadata": _metadata(
            [{"confidence": 1} for _ in truths], [truth.label for truth in truths], classes, "yes", at
        ),
    }
    if found is not None:
        reported = above(found, thresholds)
        line[_FOUND] = _boxes(size, [(item.label, item.box) for item in reported], classes)
        line[f"{_FOUND}-metadata"] = _metadata(
            _verdicts(truths, reported), [item.label for item in reported], classes, "no", at
        )
    return json.dumps(line)


def _verdicts(truths: Sequence[Truth], reported: Sequence[Found]) -> list[dict[str, Any]]:
    hits = match(truths, reported)
    return [
        {
            "confidence": item.confidence,
            "rekognition-custom-labels-evaluation-details": {
                "version": 1,
                "is-true-positive": hit is not None,
                "is-true-negative": False,
                "is-false-positive": hit is None,
                "is-false-negative": False,
                "is-present-in-ground-truth": hit is not None,
                "ground-truth-labelling-jobs": [_JOB] if hit is not None else [],
            },
        }
        for item, hit in zip(reported, hits, strict=True)
    ]


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


def _metadata(
    objects: list[dict[str, Any]], labels: list[str], classes: dict[str, int], human: str, at: datetime
) -> dict[str, Any]:
    return {
        "objects": objects,
        "class-map": {str(classes[label]): label for label in sorted(set(labels))},
        "type": DETECTION,
        "human-annotated": human,
        "creation-date": _date(at),
        "job-name": _JOB,
    }


def _date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
