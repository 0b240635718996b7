"""Reading the evaluation summary that Custom Labels writes after a training."""

from typing import Any

from contracts.facts import LabelMetrics


def label_metrics(summary: dict[str, Any]) -> list[LabelMetrics]:
    """Take the metrics of each label out of an EvaluationResultSummary document.

    Members that a label lacks stay empty: a label without test images has no metrics (im-summary-file-api).
    """
    return [
        LabelMetrics(
            label=result["Label"],
            test_images=result.get("NumberOfTestingImages", 0),
            threshold=result.get("Metrics", {}).get("Threshold"),
            precision=result.get("Metrics", {}).get("Precision"),
            recall=result.get("Metrics", {}).get("Recall"),
            f1=result.get("Metrics", {}).get("F1Score"),
        )
        for result in summary.get("LabelEvaluationResults", [])
    ]
