"""Lines of an output manifest, in the form in which Ground Truth writes them (sms-data-output)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.ids import Arn, S3Uri
from services.labelling.backend import LABEL_ATTRIBUTE
from services.labelling.boxes import AgreedBox, Size

SUGGESTED_BY = "suggested-by"
"""Member of an image's metadata: the model whose boxes people began with. Custom Labels never sees it."""


@dataclass(frozen=True)
class Signature:
    """What all lines of a labelling have in common; class ids are the labels' places."""

    labels: Sequence[str]
    created: datetime
    job_name: str

    @property
    def members(self) -> dict[str, Any]:
        """The part of the metadata that says who labelled, and when; the date has no zone and is UTC."""
        return {
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": self.created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f"),
            "job-name": f"labeling-job/{self.job_name}",
        }


def labelled_line(
    signature: Signature, image: S3Uri, size: Size, boxes: Sequence[AgreedBox], suggested_by: Arn | None
) -> bytes:
    """Write the line of an image that people have answered; without boxes when it shows no document."""
    class_ids = [signature.labels.index(agreed.box.label) for agreed in boxes]
    labels = {
        "image_size": [{"width": size.width, "height": size.height, "depth": 3}],
        "annotations": [
            {
                "class_id": class_id,
                "left": agreed.box.left,
                "top": agreed.box.top,
                "width": agreed.box.width,
                "height": agreed.box.height,
            }
            for class_id, agreed in zip(class_ids, boxes, strict=True)
        ],
    }
    metadata = {
        "objects": [{"confidence": agreed.confidence} for agreed in boxes],
        "class-map": {str(class_id): signature.labels[class_id] for class_id in sorted(set(class_ids))},
        **signature.members,
        **({SUGGESTED_BY: suggested_by} if suggested_by else {}),
    }
    return _line({"source-ref": image, LABEL_ATTRIBUTE: labels, f"{LABEL_ATTRIBUTE}-metadata": metadata})


def failed_line(signature: Signature, image: S3Uri, reason: str) -> bytes:
    """Write the line of an image of which nobody could say what is in it: metadata alone."""
    metadata = {"failure-reason": reason, **signature.members}
    return _line({"source-ref": image, f"{LABEL_ATTRIBUTE}-metadata": metadata})


def unreached_line(image: S3Uri) -> bytes:
    """Write the line of an image that nobody came to: as it was in the input."""
    return _line({"source-ref": image})


def _line(members: Mapping[str, Any]) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"
