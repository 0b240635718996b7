"""The files a labelling job leaves in S3 [sms-data-output]."""

import json
from datetime import datetime
from typing import Any

from simulator.core.s3 import Place, parse_uri
from simulator.sagemaker.models import CARRIED, FAILED, LABELLED, DataObject, DrawnBox, LabellingJob


def manifest_place(job: LabellingJob) -> Place:
    """Return where the output manifest goes."""
    return _place(job, "manifests/output/output.manifest")


def output_files(job: LabellingJob, at: datetime) -> dict[Place, bytes]:
    """Return every file of a job that has ended, whatever way it ended."""
    lines = [output_line(job, item) for item in job.objects]
    manifest = "".join(json.dumps(line) + "\n" for line in lines).encode()
    files = {
        manifest_place(job): manifest,
        _place(job, "annotations/intermediate/1/annotations.manifest"): manifest,
    }
    stamp = at.strftime("%Y-%m-%d_%H:%M:%S")
    consolidated = []
    for index, item in enumerate(job.objects):
        if item.answers:
            path = (
                f"annotations/worker-response/iteration-1/{index}/{_stamp(item.answers[-1].submitted)}.json"
            )
            files[_place(job, path)] = json.dumps(_worker_response(item)).encode()
        if item.state == LABELLED:
            content = {job.attribute: _label(job, item), f"{job.attribute}-metadata": _metadata(job, item)}
            consolidated.append(
                {"datasetObjectId": str(index), "consolidatedAnnotation": {"content": content}}
            )
    if consolidated:
        path = f"annotations/consolidated-annotation/consolidation-response/iteration-1/{stamp}.json"
        files[_place(job, path)] = json.dumps(consolidated).encode()
    return files


def output_line(job: LabellingJob, item: DataObject) -> dict[str, Any]:
    """Return an object's line of the output manifest.

    An object that failed has no label, only the metadata with the reason; one never reached is as it came.
    """
    line = dict(item.line)
    if item.state == LABELLED:
        line[job.attribute] = _label(job, item)
        line[f"{job.attribute}-metadata"] = _metadata(job, item)
    elif item.state == FAILED:
        line.pop(job.attribute, None)
        line[f"{job.attribute}-metadata"] = {
            "job-name": f"labeling-job/{job.name}",
            "failure-reason": item.reason,
            "human-annotated": "yes",
            "creation-date": _date(item),
            "type": "groundtruth/object-detection",
        }
    return line


def counters(job: LabellingJob) -> dict[str, int]:
    """Return LabelCounters."""
    labelled = job.count(LABELLED, CARRIED)
    failed = job.count(FAILED)
    return {
        "TotalLabeled": labelled,
        "HumanLabeled": labelled,
        "MachineLabeled": 0,
        "FailedNonRetryableError": failed,
        "Unlabeled": len(job.objects) - labelled - failed,
    }


def _place(job: LabellingJob, path: str) -> Place:
    root = parse_uri(job.request["OutputConfig"]["S3OutputPath"].rstrip("/") + "/" + job.name)
    if root is None:
        raise ValueError("S3OutputPath was checked when the job was created")
    return Place(root.bucket, f"{root.key}/{path}")


def _label(job: LabellingJob, item: DataObject) -> dict[str, Any]:
    classes = {label: index for index, label in enumerate(job.labels)}
    return {
        "image_size": [{"width": item.width, "height": item.height, "depth": item.depth}],
        "annotations": [
            {
                "class_id": classes[box.label],
                "top": box.top,
                "left": box.left,
                "height": box.height,
                "width": box.width,
            }
            for box in item.boxes
        ],
    }


def _metadata(job: LabellingJob, item: DataObject) -> dict[str, Any]:
    used = {box.label for box in item.boxes}
    return {
        "objects": [{"confidence": box.confidence} for box in item.boxes],
        "class-map": {str(index): label for index, label in enumerate(job.labels) if label in used},
        "type": "groundtruth/object-detection",
        "human-annotated": "yes",
        "creation-date": _date(item),
        "job-name": f"labeling-job/{job.name}",
    }


def _worker_response(item: DataObject) -> dict[str, Any]:
    return {
        "answers": [
            {
                "answerContent": {
                    "boundingBox": {
                        "boundingBoxes": [_drawn(box) for box in answer.boxes],
                        "inputImageProperties": {"width": item.width, "height": item.height},
                    }
                },
                "acceptanceTime": _utc(answer.accepted),
                "submissionTime": _utc(answer.submitted),
                "timeSpentInSeconds": round((answer.submitted - answer.accepted).total_seconds(), 3),
                "workerId": answer.worker,
                "workerMetadata": {
                    "identityData": {
                        "identityProviderType": "Cognito",
                        "issuer": "https://cognito-idp.simulated.invalid",
                        "sub": answer.worker,
                    }
                },
            }
            for answer in item.answers
        ]
    }


def _drawn(box: DrawnBox) -> dict[str, Any]:
    return {"label": box.label, "left": box.left, "top": box.top, "width": box.width, "height": box.height}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d_%H:%M:%S")


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _date(item: DataObject) -> str:
    """Return `creation-date`: UTC without a zone, six decimals."""
    if item.decided is None:
        raise ValueError("only a decided object has a date")
    return item.decided.strftime("%Y-%m-%dT%H:%M:%S.%f")
