"""Lines of an evaluation manifest snapshot, written by hand."""

import json
from typing import Any

Edges = tuple[float, float, float, float]
"""Left, top, width and height."""

PASSPORT: Edges = (10, 20, 300, 200)


def found(confidence: float, verdict: str | None, box: Edges = PASSPORT, label: int = 0) -> dict[str, Any]:
    """Give a predicted box; ``verdict`` is the one that holds, such as ``true-positive``."""
    kinds = ("true-positive", "true-negative", "false-positive", "false-negative")
    details = {"version": 1, **{f"is-{kind}": kind == verdict for kind in kinds}}
    return {
        "class_id": label,
        "box": box,
        "told": {"confidence": confidence, "rekognition-custom-labels-evaluation-details": details},
    }


def line(
    source: str, truths: list[Edges], predictions: list[dict[str, Any]], size: tuple[int, int] = (640, 480)
) -> bytes:
    """Give an image's line; every true box is a passport."""
    image_size = [{"width": size[0], "height": size[1], "depth": 3}]
    return json.dumps(
        {
            "source-ref": source,
            "rekognition-custom-labels-training-0": {
                "image_size": image_size,
                "annotations": [{"class_id": 0, **_edges(box)} for box in truths],
            },
            "rekognition-custom-labels-training-0-metadata": {
                "objects": [{"confidence": 1} for _ in truths],
                "class-map": {"0": "passport"},
            },
            "rekognition-custom-labels-evaluation": {
                "image_size": image_size,
                "annotations": [
                    {"class_id": item["class_id"], **_edges(item["box"])} for item in predictions
                ],
            },
            "rekognition-custom-labels-evaluation-metadata": {
                "objects": [item["told"] for item in predictions],
                "class-map": {"0": "passport", "1": "id-card"},
            },
        }
    ).encode()


def _edges(box: Edges) -> dict[str, float]:
    return dict(zip(("left", "top", "width", "height"), box, strict=True))
