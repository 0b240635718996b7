"""The files a training writes to its OutputConfig.

[im-summary-file-api, tm-debugging-summary]
"""

import json
from datetime import datetime
from typing import Any

from simulator.rekognition.evaluation import Evaluation

EVALUATION, SUMMARY = "EvaluationResultSummary", "ManifestSummary"
TRAIN_TRUTH, TEST_TRUTH = "TrainingGroundTruth", "TestingGroundTruth"
TRAIN_CHECKED, TEST_CHECKED = "TrainingManifestWithValidation", "TestingManifestWithValidation"


def result_key(prefix: str, role: str, project: str, version: str) -> str:
    """Return the key of a result file, in the form of AWS's own API example."""
    name = f"{role}-{project}-{version}.json"
    return f"{prefix.strip('/')}/{name}" if prefix.strip("/") else name


def evaluation_summary(
    evaluation: Evaluation, version_arn: str, ended: datetime, train_images: int, test_images: int
) -> bytes:
    """Return the evaluation summary; the aggregates are flat, as in the guide's example and in real files.

    Mean average precision and recall are given for models that find boxes, the confusion matrix for others.
    """
    extra: dict[str, Any] = (
        {"ConfusionMatrix": _confusion(evaluation)}
        if evaluation.confusion
        else {
            "AveragePrecision": evaluation.average_precision,
            "AverageRecall": evaluation.average_recall,
        }
    )
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
            **extra,
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


def _confusion(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {"GroundTruthLabel": truth, "PredictedLabel": predicted, "Value": value}
        for (truth, predicted), value in evaluation.confusion.items()
    ]


def _date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")
