"""Pictures, manifests and requests with everything in place; tests change what they are about."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from tests.simulator.conftest import ACCOUNT, REGION, Lab

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "documents"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/labelling"
COLOURS = {"passport": (40, 40, 200), "licence": (40, 180, 40), "card": (200, 60, 40)}
PlainBox = tuple[str, int, int, int, int]


def picture(boxes: Sequence[PlainBox], *, width: int = 200, height: int = 150) -> bytes:
    """Draw boxes in their label's colour on grey; return a PNG."""
    pixels = np.full((height, width, 3), 128, np.uint8)
    for label, left, top, box_width, box_height in boxes:
        pixels[top : top + box_height, left : left + box_width] = COLOURS[label]
    return encode(pixels)


def encode(pixels: Any, suffix: str = ".png") -> bytes:
    done, data = cv2.imencode(suffix, pixels)
    assert done
    return bytes(data)


def make_bucket(s3: "S3Client", name: str = BUCKET, *, cors: bool = True) -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    if cors:
        rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "AllowedHeaders": []}
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})  # type: ignore[list-item]


def box_of(index: int) -> PlainBox:
    label = list(COLOURS)[index % len(COLOURS)]
    return (label, 20 + index % 7 * 3, 15 + index % 5 * 4, 90, 60)


def upload_pictures(s3: "S3Client", count: int, prefix: str = "in/") -> dict[str, list[PlainBox]]:
    """Put pictures with one box each; return the boxes by S3 URI."""
    uploaded = {}
    for index in range(count):
        key = f"{prefix}{index:03d}.png"
        s3.put_object(Bucket=BUCKET, Key=key, Body=picture([box_of(index)]))
        uploaded[f"s3://{BUCKET}/{key}"] = [box_of(index)]
    return uploaded


def json_line(source_ref: str, boxes: Sequence[PlainBox], **changes: Any) -> dict[str, Any]:
    labels = list(COLOURS)
    line = {
        "source-ref": source_ref,
        "boxes": {
            "image_size": [{"width": 200, "height": 150, "depth": 3}],
            "annotations": [
                {"class_id": labels.index(b[0]), "left": b[1], "top": b[2], "width": b[3], "height": b[4]}
                for b in boxes
            ],
        },
        "boxes-metadata": {
            "objects": [{"confidence": 0} for _ in boxes],
            "class-map": {str(labels.index(b[0])): b[0] for b in boxes},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2026-11-22T10:00:00.000000",
            "job-name": "labeling-job/one",
        },
    }
    return {**line, **changes}


def manifest_of(boxes: Mapping[str, Sequence[PlainBox]]) -> str:
    return to_lines([json_line(source_ref, found) for source_ref, found in boxes.items()])


def to_lines(documents: Sequence[Any]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def put_text(s3: "S3Client", key: str, text: str, bucket: str = BUCKET) -> str:
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    return f"s3://{bucket}/{key}"


def read_text(s3: "S3Client", uri: str) -> str:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()


def read_lines(s3: "S3Client", uri: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in read_text(s3, uri).splitlines()]


def put_job_files(s3: "S3Client", source_refs: Sequence[str], labels: Sequence[str] = tuple(COLOURS)) -> None:
    put_text(s3, "job/input.manifest", to_lines([{"source-ref": ref} for ref in source_refs]))
    categories = {"document-version": "2018-11-28", "labels": [{"label": label} for label in labels]}
    put_text(s3, "job/labels.json", json.dumps(categories))
    put_text(s3, "job/template.html", "<crowd-form></crowd-form>")


def labelling_request(name: str = "job-1", **changes: Any) -> dict[str, Any]:
    functions = f"arn:aws:lambda:{REGION}:568282634449:function"
    task = {
        "WorkteamArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/team",
        "UiConfig": {"UiTemplateS3Uri": f"s3://{BUCKET}/job/template.html"},
        "PreHumanTaskLambdaArn": f"{functions}:PRE-BoundingBox",
        "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": f"{functions}:ACS-BoundingBox"},
        "TaskTitle": "Draw boxes",
        "TaskDescription": "Draw a box around each document",
        "NumberOfHumanWorkersPerDataObject": 1,
        "TaskTimeLimitInSeconds": 600,
    }
    task.update(changes.pop("HumanTaskConfig", {}))
    request = {
        "LabelingJobName": name,
        "LabelAttributeName": "boxes",
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{BUCKET}/job/input.manifest"}}
        },
        "OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "RoleArn": ROLE,
        "LabelCategoryConfigS3Uri": f"s3://{BUCKET}/job/labels.json",
        "HumanTaskConfig": task,
    }
    return {**request, **changes}


def coco(boxes: Mapping[str, Sequence[PlainBox]]) -> dict[str, Any]:
    labels = list(COLOURS)
    files = list(boxes)
    return {
        "images": [{"id": n, "file_name": ref.rpartition("/")[2]} for n, ref in enumerate(files)],
        "categories": [{"id": n, "name": label} for n, label in enumerate(labels)],
        "annotations": [
            {"id": 1, "image_id": n, "category_id": labels.index(box[0]), "bbox": list(box[1:])}
            for n, ref in enumerate(files)
            for box in boxes[ref]
        ],
    }


def make_dataset(
    lab: Lab,
    project_arn: str,
    kind: str,
    boxes: Mapping[str, Sequence[PlainBox]],
    bucket: str = BUCKET,
) -> str:
    """Create a dataset from a manifest and wait for it."""
    key = f"datasets/{kind}-{len(boxes)}.manifest"
    put_text(lab.s3, key, manifest_of(boxes), bucket)
    arn = lab.rekognition.create_dataset(
        ProjectArn=project_arn,
        DatasetType=kind,  # type: ignore[arg-type]  # TRAIN or TEST
        DatasetSource={"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": key}}},
    )["DatasetArn"]
    lab.pass_time(120)
    return arn


def make_project(lab: Lab, name: str = "documents") -> str:
    arn = lab.rekognition.create_project(ProjectName=name)["ProjectArn"]
    lab.pass_time(5)
    return arn


def make_ready_project(lab: Lab, name: str = "documents", *, train: int = 12, test: int = 6) -> str:
    """Create a project with both datasets filled."""
    project = make_project(lab, name)
    pictures = upload_pictures(lab.s3, train + test)
    refs = list(pictures)
    make_dataset(lab, project, "TRAIN", {ref: pictures[ref] for ref in refs[:train]})
    make_dataset(lab, project, "TEST", {ref: pictures[ref] for ref in refs[train:]})
    return project


def begin_training(lab: Lab, project_arn: str, name: str = "v1", **more: Any) -> str:
    return lab.rekognition.create_project_version(
        ProjectArn=project_arn,
        VersionName=name,
        OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "evaluation"},
        **more,
    )["ProjectVersionArn"]


def train(lab: Lab, project_arn: str, name: str = "v1", **more: Any) -> str:
    """Train a version to its end."""
    arn = begin_training(lab, project_arn, name, **more)
    lab.pass_time(4000)
    return arn


def run(lab: Lab, version_arn: str, units: int = 1) -> None:
    """Start a version and wait until it runs."""
    lab.rekognition.start_project_version(ProjectVersionArn=version_arn, MinInferenceUnits=units)
    lab.pass_time(700)


def describe_version(lab: Lab, project_arn: str, name: str = "v1") -> dict[str, Any]:
    answer = lab.rekognition.describe_project_versions(ProjectArn=project_arn, VersionNames=[name])
    found: list[Any] = answer["ProjectVersionDescriptions"]
    return dict(found[0])
