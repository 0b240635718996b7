"""Datasets: how they are made, what they keep, what is wrong with their lines."""

import json
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from simulator.core.options import Quotas
from tests.simulator.builders import (
    BUCKET,
    begin_training,
    box_of,
    encode,
    json_line,
    make_bucket,
    make_dataset,
    make_project,
    picture,
    put_text,
    to_lines,
    upload_pictures,
)
from tests.simulator.conftest import NO_RATES, Lab, MakeLab, refusal

Line = dict[str, Any]


@pytest.fixture
def project(lab: Lab) -> str:
    make_bucket(lab.s3)
    return make_project(lab)


def create(lab: Lab, project: str, manifest: str, kind: str = "TRAIN", key: str = "a.manifest") -> str:
    put_text(lab.s3, key, manifest)
    arn: str = lab.rekognition.create_dataset(**source(project, key, kind))["DatasetArn"]
    lab.pass_time(60)
    return arn


def source(project: str, key: str = "a.manifest", kind: str = "TRAIN") -> dict[str, Any]:
    place = {"S3Object": {"Bucket": BUCKET, "Name": key}}
    return {"ProjectArn": project, "DatasetType": kind, "DatasetSource": {"GroundTruthManifest": place}}


def describe(lab: Lab, arn: str) -> dict[str, Any]:
    return dict(lab.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"])


def entries(lab: Lab, arn: str, **filters: Any) -> list[Line]:
    found = lab.rekognition.list_dataset_entries(DatasetArn=arn, **filters)["DatasetEntries"]
    return [json.loads(entry) for entry in found]


def lines(lab: Lab, count: int = 1) -> list[Line]:
    return [json_line(ref, boxes) for ref, boxes in upload_pictures(lab.s3, count).items()]


def test_a_dataset_is_made_from_a_manifest(lab: Lab, project: str) -> None:
    put_text(lab.s3, "a.manifest", to_lines(lines(lab, 6)))
    arn = lab.rekognition.create_dataset(**source(project))["DatasetArn"]
    assert describe(lab, arn)["Status"] == "CREATE_IN_PROGRESS"
    code, _ = refusal(lab.rekognition.list_dataset_entries, DatasetArn=arn)
    assert code == "ResourceNotReadyException"
    lab.pass_time(60)
    described = describe(lab, arn)
    assert (described["Status"], described["StatusMessageCode"]) == ("CREATE_COMPLETE", "SUCCESS")
    assert described["StatusMessage"] == "The dataset was successfully created from the manifest file."
    assert described["DatasetStats"] == {
        "LabeledEntries": 6,
        "TotalEntries": 6,
        "TotalLabels": 3,
        "ErrorEntries": 0,
    }


def test_labels_are_counted_by_images_and_boxes(lab: Lab, project: str) -> None:
    arn = create(lab, project, to_lines(lines(lab, 4)))
    labels = lab.rekognition.list_dataset_labels(DatasetArn=arn)["DatasetLabelDescriptions"]
    assert {label["LabelName"]: label["LabelStats"] for label in labels} == {
        "passport": {"EntryCount": 2, "BoundingBoxCount": 2},
        "licence": {"EntryCount": 1, "BoundingBoxCount": 1},
        "card": {"EntryCount": 1, "BoundingBoxCount": 1},
    }
    pages = lab.rekognition.get_paginator("list_dataset_labels").paginate(
        DatasetArn=arn, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["DatasetLabelDescriptions"]) for page in pages] == [2, 1]


def test_entries_are_filtered_and_paged(lab: Lab, project: str) -> None:
    good = lines(lab, 4)
    broken = {**good[3], "boxes": {**good[3]["boxes"], "annotations": [{}]}}
    unlabelled = {"source-ref": good[2]["source-ref"]}
    arn = create(lab, project, to_lines([good[0], good[1], unlabelled, broken]))

    def refs(**filters: Any) -> list[int]:
        return [int(entry["source-ref"][-7:-4]) for entry in entries(lab, arn, **filters)]

    assert refs() == [0, 1, 2, 3]
    assert refs(HasErrors=True) == [3]
    # How the developer guide's sample asks for the first page of all.
    assert refs(HasErrors=False, NextToken="") == [0, 1, 2, 3]
    assert refs(Labeled=True) == [0, 1]
    assert refs(Labeled=False) == [2, 3]
    assert refs(ContainsLabels=["licence", "card"]) == [1]
    assert refs(SourceRefContains="001.png") == [1]
    assert entries(lab, arn)[0]["cl-metadata"] == {"is_labeled": True}
    pages = lab.rekognition.get_paginator("list_dataset_entries").paginate(
        DatasetArn=arn, PaginationConfig={"PageSize": 3}
    )
    assert [len(page["DatasetEntries"]) for page in pages] == [3, 1]
    code, _ = refusal(lab.rekognition.list_dataset_entries, DatasetArn=arn, NextToken="x")
    assert code == "InvalidPaginationTokenException"


def test_a_project_has_one_dataset_of_each_type(lab: Lab, project: str) -> None:
    create(lab, project, to_lines(lines(lab)))
    code, _ = refusal(lab.rekognition.create_dataset, **source(project))
    assert code == "ResourceAlreadyExistsException"
    create(lab, project, to_lines(lines(lab)), kind="TEST")


@pytest.mark.parametrize(("bucket", "key"), [("no-such-bucket", "a.manifest"), (BUCKET, "missing.manifest")])
def test_a_missing_manifest_is_refused_at_once(lab: Lab, project: str, bucket: str, key: str) -> None:
    request = source(project, key)
    request["DatasetSource"]["GroundTruthManifest"]["S3Object"]["Bucket"] = bucket
    assert refusal(lab.rekognition.create_dataset, **request)[0] == "InvalidS3ObjectException"


def test_a_source_must_be_one_thing(lab: Lab, project: str) -> None:
    both = source(project)
    both["DatasetSource"]["DatasetArn"] = project.replace("/documents/", "/documents/dataset/train/")
    assert refusal(lab.rekognition.create_dataset, **both)[0] == "InvalidParameterException"
    incomplete = source(project)
    del incomplete["DatasetSource"]["GroundTruthManifest"]["S3Object"]["Name"]
    assert refusal(lab.rekognition.create_dataset, **incomplete)[0] == "InvalidParameterException"


def test_datasets_need_a_project(lab: Lab, project: str) -> None:
    request = source(project.replace("documents", "others"))
    assert refusal(lab.rekognition.create_dataset, **request)[0] == "ResourceNotFoundException"


def fails(lab: Lab, arn: str, code: str) -> None:
    described = describe(lab, arn)
    assert described["Status"] in ("CREATE_FAILED", "UPDATE_FAILED")
    assert described["StatusMessageCode"] == "CLIENT_ERROR"
    assert described["StatusMessage"].startswith(code + ":")


def test_a_manifest_without_a_file_extension_fails_the_dataset(lab: Lab, project: str) -> None:
    arn = create(lab, project, to_lines(lines(lab)), key="folder.x/manifest")
    fails(lab, arn, "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT")


def test_an_empty_manifest_fails_the_dataset(lab: Lab, project: str) -> None:
    fails(lab, create(lab, project, ""), "ERROR_EMPTY_MANIFEST")


@pytest.mark.parametrize(
    ("quota", "code"),
    [
        ({"images_per_dataset": 2}, "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM"),
        ({"manifest_bytes": 100}, "ERROR_MANIFEST_SIZE_TOO_LARGE"),
        ({"labels_per_dataset": 2}, "ERROR_MANIFEST_TOO_MANY_LABELS"),
    ],
)
def test_a_manifest_beyond_a_limit_fails_the_dataset(make_lab: MakeLab, quota: Any, code: str) -> None:
    lab = make_lab(quotas=Quotas(control_rate=None, **quota))
    make_bucket(lab.s3)
    fails(lab, create(lab, make_project(lab), to_lines(lines(lab, 3))), code)


def test_bad_lines_vanish_silently_up_to_a_fifth(lab: Lab, project: str) -> None:
    text = to_lines(lines(lab, 4)) + "not json\n"
    described = describe(lab, create(lab, project, text))
    assert described["Status"] == "CREATE_COMPLETE"
    assert described["DatasetStats"]["TotalEntries"] == 4
    assert described["DatasetStats"]["ErrorEntries"] == 0


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        "[]",
        "",
        '{"boxes": {}}',
        '{"source-ref": 5}',
        '{"source-ref": "https://b/k"}',
        json.dumps({"source-ref": "s3://b/k", "x": "y" * 100_000}),
        json.dumps({"source-ref": f"s3://{BUCKET}/in/000.png"}),
    ],
)
def test_more_than_a_fifth_of_bad_lines_fails_the_dataset(lab: Lab, project: str, bad: str) -> None:
    text = to_lines(lines(lab, 3)) + bad + "\n" + '{"source-ref": 1}\n' * 0
    fails(lab, create(lab, project, text), "ERROR_TOO_MANY_RECORDS_IN_ERROR")


def test_blank_lines_count_as_lines(lab: Lab, project: str) -> None:
    fails(lab, create(lab, project, to_lines(lines(lab, 7)) + "\n\n"), "ERROR_TOO_MANY_RECORDS_IN_ERROR")


def change(path: str, value: Any) -> Callable[[Line], None]:
    """Return an edit of a line: the part at `path` (dots, numbers for lists) becomes `value`, or goes."""

    def edit(line: Line) -> None:
        *way, last = path.split(".")
        holder: Any = line
        for step in way:
            holder = holder[int(step)] if step.isdigit() else holder[step]
        if value is None:
            del holder[last]
        else:
            holder[int(last) if last.isdigit() else last] = value

    return edit


BOX = "boxes.annotations.0"


@pytest.mark.parametrize(
    ("edit", "place", "code"),
    [
        (change("boxes", None), "", "ERROR_NO_LABEL_ATTRIBUTES"),
        (change("boxes-metadata", None), "", "ERROR_NO_LABEL_ATTRIBUTES"),
        (change("boxes", {}), "boxes", "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"),
        (change("boxes.image_size", []), "boxes", "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"),
        (change(f"{BOX}.width", "wide"), "boxes", "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"),
        (
            change("boxes-metadata.type", None),
            "boxes-metadata",
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        ),
        (
            change("boxes-metadata.human-annotated", "maybe"),
            "boxes-metadata",
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        ),
        (
            change("boxes-metadata.creation-date", "yesterday"),
            "boxes-metadata",
            "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
        ),
        (
            change("boxes-metadata.type", "groundtruth/other"),
            "boxes-metadata",
            "ERROR_UNSUPPORTED_USE_CASE_TYPE",
        ),
        (change("boxes-metadata.objects", []), "boxes-metadata", "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"),
        (change("boxes-metadata.objects", [{}]), "boxes-metadata", "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"),
        (change("boxes-metadata.class-map", {}), "boxes-metadata", "ERROR_MISSING_CLASS_MAP_ID"),
        (
            change("boxes-metadata.class-map", {"0": "x" * 257}),
            "boxes-metadata",
            "ERROR_INVALID_LABEL_NAME_LENGTH",
        ),
        (change(f"{BOX}.left", -1), BOX, "ERROR_INVALID_BOUNDING_BOX"),
        (change(f"{BOX}.left", 150), BOX, "ERROR_INVALID_BOUNDING_BOX"),
        (change(f"{BOX}.height", 200), BOX, "ERROR_INVALID_BOUNDING_BOX"),
        (change(f"{BOX}.height", 1), BOX, "ERROR_BOUNDING_BOX_TOO_SMALL"),
        (change(f"{BOX}.left", -1), "boxes", "ERROR_NO_VALID_ANNOTATIONS"),
        (change(f"{BOX}.left", -1), "", "ERROR_NO_VALID_LABEL_ATTRIBUTES"),
        (change("boxes", {}), "", "ERROR_NO_VALID_LABEL_ATTRIBUTES"),
        (change("source-ref", f"s3://{BUCKET}/in/missing.png"), "", "ERROR_INVALID_IMAGE"),
        (change("source-ref", f"s3://{BUCKET}/a.manifest"), "", "ERROR_INVALID_IMAGE"),
    ],
)
def test_a_faulty_line_is_kept_with_the_error_where_it_belongs(
    lab: Lab, project: str, edit: Callable[[Line], None], place: str, code: str
) -> None:
    (line,) = lines(lab)
    edit(line)
    arn = create(lab, project, to_lines([line]))
    assert describe(lab, arn)["DatasetStats"]["ErrorEntries"] == 1
    (entry,) = entries(lab, arn, HasErrors=True)
    holder: Any = entry
    for step in filter(None, place.split(".")):
        holder = holder[int(step)] if step.isdigit() else holder[step]
    assert code in [error["code"] for error in holder["errors"]]
    assert all(error["message"] for error in holder["errors"])


def test_too_many_boxes_lose_the_line(lab: Lab, project: str) -> None:
    ((ref, boxes),) = upload_pictures(lab.s3, 1).items()
    arn = create(lab, project, to_lines([json_line(ref, boxes * 51)]))
    (entry,) = entries(lab, arn)
    assert entry["boxes"]["errors"][0]["code"] == "ERROR_TOO_MANY_BOUNDING_BOXES"


def test_a_bad_box_is_lost_alone(lab: Lab, project: str) -> None:
    ((ref, boxes),) = upload_pictures(lab.s3, 1).items()
    arn = create(lab, project, to_lines([json_line(ref, [*boxes, ("card", 190, 0, 50, 50)])]))
    assert describe(lab, arn)["DatasetStats"]["ErrorEntries"] == 1
    labels = lab.rekognition.list_dataset_labels(DatasetArn=arn)["DatasetLabelDescriptions"]
    assert [label["LabelName"] for label in labels] == ["passport"]


def test_a_box_that_shrinks_to_a_pixel_in_training_is_too_small(lab: Lab, project: str) -> None:
    (line,) = lines(lab)
    line["boxes"]["image_size"][0].update(width=4000, height=3000)
    line["boxes"]["annotations"][0].update(width=3, height=100)
    (entry,) = entries(lab, create(lab, project, to_lines([line])))
    assert entry["boxes"]["annotations"][0]["errors"][0]["code"] == "ERROR_BOUNDING_BOX_TOO_SMALL"


def test_lines_without_boxes_are_ignored_with_a_warning_not_an_error(lab: Lab, project: str) -> None:
    first, second = lines(lab, 2)
    empty = json_line(first["source-ref"], [])
    arn = create(lab, project, to_lines([empty, {"source-ref": second["source-ref"]}]))
    one, two = entries(lab, arn)
    assert one["warnings"][0]["code"] == "WARNING_NO_ANNOTATIONS"
    assert one["boxes"]["warnings"][0]["code"] == "WARNING_NO_ATTRIBUTE_ANNOTATIONS"
    assert two["warnings"][0]["code"] == "WARNING_UNANNOTATED_RECORD"
    assert describe(lab, arn)["DatasetStats"] == {
        "LabeledEntries": 0,
        "TotalEntries": 2,
        "TotalLabels": 0,
        "ErrorEntries": 0,
    }


def grey(width: int, height: int) -> bytes:
    return encode(np.full((height, width, 3), 99, np.uint8))


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (grey(63, 200), "ERROR_INVALID_IMAGE_DIMENSION"),
        (grey(64, 4097), "ERROR_INVALID_IMAGE_DIMENSION"),
        (grey(64, 1281), "ERROR_INVALID_IMAGE"),
        (picture([]) + b"\0" * 15 * 1024 * 1024, "ERROR_INVALID_IMAGE"),
        (b"GIF89a", "ERROR_INVALID_IMAGE"),
        (b"", "ERROR_INVALID_IMAGE"),
    ],
    ids=["narrow", "tall", "long", "heavy", "gif", "empty"],
)
def test_images_are_judged_by_their_bytes(lab: Lab, project: str, image: bytes, code: str) -> None:
    (line,) = lines(lab)
    lab.s3.put_object(Bucket=BUCKET, Key="in/000.png", Body=image)
    (entry,) = entries(lab, create(lab, project, to_lines([line])))
    assert [error["code"] for error in entry["errors"]] == [code]


def test_a_jpeg_with_a_long_preamble_is_read_to_its_size(lab: Lab, project: str) -> None:
    jpeg = encode(np.full((150, 200, 3), 99, np.uint8), ".jpg")
    comment = b"".join(b"\xff\xfe\xff\xff" + b"x" * 65_533 for _ in range(2))
    lab.s3.put_object(Bucket=BUCKET, Key="in/long.jpg", Body=jpeg[:2] + comment + jpeg[2:])
    assert cv2.imdecode(np.frombuffer(jpeg[:2] + comment + jpeg[2:], np.uint8), 1) is not None
    arn = create(lab, project, to_lines([json_line(f"s3://{BUCKET}/in/long.jpg", [box_of(0)])]))
    assert describe(lab, arn)["DatasetStats"]["ErrorEntries"] == 0


def test_image_level_labels_are_kept_and_checked(lab: Lab, project: str) -> None:
    first, second = upload_pictures(lab.s3, 2)
    metadata = {
        "confidence": 1,
        "class-name": "passport",
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "creation-date": "2026-11-22T10:00:00.000000",
    }
    good = {"source-ref": first, "kind": 0, "kind-metadata": metadata}
    bad = {"source-ref": second, "kind": "0", "kind-metadata": metadata}
    arn = create(lab, project, to_lines([good, bad]))
    labels = lab.rekognition.list_dataset_labels(DatasetArn=arn)["DatasetLabelDescriptions"]
    assert labels == [{"LabelName": "passport", "LabelStats": {"EntryCount": 1, "BoundingBoxCount": 0}}]
    assert len(entries(lab, arn, HasErrors=True)) == 1


def test_updating_replaces_known_images_and_adds_new_ones(lab: Lab, project: str) -> None:
    one, two, three = lines(lab, 3)
    arn = create(lab, project, to_lines([one, two]))
    changed = json_line(two["source-ref"], [("card", 5, 5, 50, 50)])
    lab.rekognition.update_dataset_entries(
        DatasetArn=arn, Changes={"GroundTruth": to_lines([changed, three]).encode()}
    )
    assert describe(lab, arn)["Status"] == "UPDATE_IN_PROGRESS"
    changes = {"GroundTruth": b"{}"}
    code, _ = refusal(lab.rekognition.update_dataset_entries, DatasetArn=arn, Changes=changes)
    assert code == "ResourceInUseException"
    lab.pass_time(60)
    assert describe(lab, arn)["Status"] == "UPDATE_COMPLETE"
    assert [entry["source-ref"][-7:-4] for entry in entries(lab, arn)] == ["000", "001", "002"]
    assert entries(lab, arn)[1]["boxes-metadata"]["class-map"] == {"2": "card"}


def test_a_listed_entry_can_be_fixed_and_sent_back(lab: Lab, project: str) -> None:
    (line,) = lines(lab)
    line["boxes"]["annotations"][0]["left"] = -5
    arn = create(lab, project, to_lines([line]))
    (entry,) = entries(lab, arn)
    entry["boxes"]["annotations"][0]["left"] = 5
    lab.rekognition.update_dataset_entries(
        DatasetArn=arn, Changes={"GroundTruth": json.dumps(entry).encode()}
    )
    lab.pass_time(60)
    assert describe(lab, arn)["DatasetStats"]["ErrorEntries"] == 0
    assert "errors" not in json.dumps(entries(lab, arn))


def test_an_update_of_bad_lines_fails_and_keeps_the_entries(lab: Lab, project: str) -> None:
    arn = create(lab, project, to_lines(lines(lab)))
    lab.rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": b"no json"})
    lab.pass_time(60)
    fails(lab, arn, "ERROR_TOO_MANY_RECORDS_IN_ERROR")
    assert len(entries(lab, arn)) == 1


def test_an_update_must_be_small_text(lab: Lab, project: str) -> None:
    arn = create(lab, project, to_lines(lines(lab)))
    for data in (b"\xff\xfe", b"x" * 5 * 1024 * 1024):
        request = {"DatasetArn": arn, "Changes": {"GroundTruth": data}}
        assert refusal(lab.rekognition.update_dataset_entries, **request)[0] == "InvalidParameterException"


def test_a_dataset_can_be_copied_or_empty(lab: Lab, project: str) -> None:
    first = create(lab, project, to_lines(lines(lab, 2)))
    other = make_project(lab, "other")
    copy = lab.rekognition.create_dataset(
        ProjectArn=other, DatasetType="TRAIN", DatasetSource={"DatasetArn": first}
    )["DatasetArn"]
    empty = lab.rekognition.create_dataset(ProjectArn=other, DatasetType="TEST")["DatasetArn"]
    lab.pass_time(60)
    assert entries(lab, copy) == entries(lab, first)
    assert (describe(lab, empty)["Status"], entries(lab, empty)) == ("CREATE_COMPLETE", [])


def test_distributing_moves_a_fifth_of_each_label(lab: Lab, project: str) -> None:
    train = create(lab, project, to_lines(lines(lab, 15)))
    test = lab.rekognition.create_dataset(ProjectArn=project, DatasetType="TEST")["DatasetArn"]
    lab.pass_time(60)
    lab.rekognition.distribute_dataset_entries(Datasets=[{"Arn": train}, {"Arn": test}])
    assert describe(lab, train)["Status"] == "UPDATE_IN_PROGRESS"
    lab.pass_time(60)
    assert {describe(lab, arn)["Status"] for arn in (train, test)} == {"UPDATE_COMPLETE"}
    labels = lab.rekognition.list_dataset_labels(DatasetArn=test)["DatasetLabelDescriptions"]
    assert [label["LabelStats"]["EntryCount"] for label in labels] == [1, 1, 1]
    assert len(entries(lab, train)) == 12


def test_a_label_with_one_image_cannot_be_distributed(lab: Lab, project: str) -> None:
    train = create(lab, project, to_lines(lines(lab, 4)))
    test = lab.rekognition.create_dataset(ProjectArn=project, DatasetType="TEST")["DatasetArn"]
    lab.pass_time(60)
    lab.rekognition.distribute_dataset_entries(Datasets=[{"Arn": test}, {"Arn": train}])
    lab.pass_time(60)
    for arn in (train, test):
        fails(lab, arn, "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE")


def test_only_a_full_training_set_and_an_empty_test_set_can_be_distributed(lab: Lab, project: str) -> None:
    distribute = lab.rekognition.distribute_dataset_entries
    train = create(lab, project, to_lines(lines(lab, 6)))
    twice = [{"Arn": train}, {"Arn": train}]
    assert refusal(distribute, Datasets=twice)[0] == "InvalidParameterException"
    put_text(lab.s3, "b.manifest", to_lines(lines(lab, 2)))
    test = lab.rekognition.create_dataset(**source(project, "b.manifest", "TEST"))["DatasetArn"]
    both = [{"Arn": train}, {"Arn": test}]
    assert refusal(distribute, Datasets=both)[0] == "ResourceNotReadyException"
    lab.pass_time(60)
    assert refusal(distribute, Datasets=both)[0] == "InvalidParameterException"


def test_a_dataset_is_deleted_when_it_is_settled(lab: Lab, project: str) -> None:
    put_text(lab.s3, "a.manifest", to_lines(lines(lab)))
    arn = lab.rekognition.create_dataset(**source(project))["DatasetArn"]
    assert refusal(lab.rekognition.delete_dataset, DatasetArn=arn)[0] == "ResourceInUseException"
    lab.pass_time(60)
    lab.rekognition.delete_dataset(DatasetArn=arn)
    assert describe(lab, arn)["Status"] == "DELETE_IN_PROGRESS"
    lab.pass_time(60)
    assert refusal(lab.rekognition.describe_dataset, DatasetArn=arn)[0] == "ResourceNotFoundException"
    lab.rekognition.create_dataset(**source(project))


def test_a_failed_dataset_takes_no_update_but_can_be_deleted(lab: Lab, project: str) -> None:
    arn = create(lab, project, "")
    request = {"DatasetArn": arn, "Changes": {"GroundTruth": b"{}"}}
    assert refusal(lab.rekognition.update_dataset_entries, **request)[0] == "ResourceInUseException"
    lab.rekognition.delete_dataset(DatasetArn=arn)


def test_a_dataset_in_training_cannot_be_deleted(lab: Lab, project: str) -> None:
    pictures = upload_pictures(lab.s3, 6)
    train = make_dataset(lab, project, "TRAIN", pictures)
    make_dataset(lab, project, "TEST", dict(list(pictures.items())[:3]))
    begin_training(lab, project)
    assert refusal(lab.rekognition.delete_dataset, DatasetArn=train)[0] == "ResourceInUseException"


def test_small_regions_have_small_limits(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=NO_RATES)
    make_bucket(lab.s3)
    put_text(lab.s3, "a.manifest", "\n" * 7_001)
    client = lab.client("rekognition", region="ap-south-1")
    project = client.create_project(ProjectName="p")["ProjectArn"]
    arn = client.create_dataset(**source(project, kind="TEST"))["DatasetArn"]
    lab.pass_time(60)
    message = client.describe_dataset(DatasetArn=arn)["DatasetDescription"]["StatusMessage"]
    assert message.startswith("ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM")
