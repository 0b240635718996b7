"""Lines of a Ground Truth output manifest, as its bounding box jobs write them."""

import json
from typing import Any

from tests.support.builders import JOB
from tests.support.world import BUCKET

ATTRIBUTE = "document-boxes"
IMAGES = f"s3://{BUCKET}/images/{JOB}/"
CLASSES = ("passport", "id-card")


def a_box(label: str = "passport", /, **sides: Any) -> dict[str, Any]:
    return {"class_id": CLASSES.index(label), "top": 193, "left": 211, "height": 403, "width": 577, **sides}


def a_line(image: str = "a.jpg", *boxes: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Give a labelled image with these boxes, or one of its own; ``parts`` replaces members of the labels."""
    annotations = list(boxes) or [a_box()]
    labels = {"image_size": [{"width": 1024, "height": 768, "depth": 3}], "annotations": annotations}
    metadata = {
        "objects": [{"confidence": 0.0} for _ in annotations],
        "class-map": {str(number): name for number, name in enumerate(CLASSES)},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": "2026-11-22T09:41:07.315482",
        "job-name": f"labeling-job/ekyc-{JOB}-1",
    }
    for name, value in parts.items():
        member = name.replace("_", "-")
        (metadata if member in metadata else labels)[member if member in metadata else name] = value
    return {"source-ref": IMAGES + image, ATTRIBUTE: labels, f"{ATTRIBUTE}-metadata": metadata}


def an_expired_line(image: str = "expired.jpg") -> dict[str, Any]:
    return {
        "source-ref": IMAGES + image,
        f"{ATTRIBUTE}-metadata": {
            "failure-reason": "ClientError: Annotation tasks expired. The labeling task expired before "
            "a worker completed it.",
            "human-annotated": "yes",
            "retry-count": "1",
        },
    }


def a_manifest(*lines: dict[str, Any] | str) -> bytes:
    return "".join(
        (line if isinstance(line, str) else json.dumps(line, separators=(",", ":"))) + "\n" for line in lines
    ).encode()
