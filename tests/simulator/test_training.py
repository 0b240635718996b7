"""Training: what it needs, how it ends, what it writes."""

import json
from typing import Any

import pytest

from simulator.core.options import Choices, Quotas
from simulator.rekognition.learner import Learned, Lesson
from tests.simulator.builders import (
    BUCKET,
    begin_training,
    describe_version,
    json_line,
    make_bucket,
    make_dataset,
    make_project,
    make_ready_project,
    picture,
    put_text,
    read_lines,
    read_text,
    run,
    to_lines,
    train,
    upload_pictures,
)
from tests.simulator.conftest import ACCOUNT, REGION, Lab, MakeLab, refusal
from tests.simulator.fakes import ColourLearner

OUTPUT = {"S3Bucket": BUCKET, "S3KeyPrefix": "evaluation"}


def place(key: str) -> dict[str, Any]:
    return {"Assets": [{"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": key}}}]}


def uri(s3_object: dict[str, str]) -> str:
    return f"s3://{s3_object['Bucket']}/{s3_object['Name']}"


def asset(result: dict[str, Any]) -> str:
    return uri(result["Assets"][0]["GroundTruthManifest"]["S3Object"])


def summary_of(lab: Lab, project: str) -> Any:
    described = describe_version(lab, project)
    return json.loads(read_text(lab.s3, uri(described["ManifestSummary"]["S3Object"])))


def train_on(lab: Lab, training: list[Any], testing: list[Any] | None) -> str:
    """Train a project without datasets on manifests of these lines; return the project."""
    project = make_project(lab)
    put_text(lab.s3, "train.manifest", to_lines(training))
    put_text(lab.s3, "test.manifest", to_lines(testing or []))
    test = {"AutoCreate": True} if testing is None else place("test.manifest")
    train(lab, project, TrainingData=place("train.manifest"), TestingData=test)
    return project


def failed_with(lab: Lab, project: str) -> tuple[str, set[str]]:
    """Return a failed training's message and the codes in its summary."""
    described = describe_version(lab, project)
    assert described["Status"] == "TRAINING_FAILED"
    assert "EvaluationResult" not in described
    assert "BillableTrainingTimeInSeconds" not in described
    summary = summary_of(lab, project)
    parts = [summary, *summary["statistics"].values()]
    return described["StatusMessage"], {error["code"] for part in parts for error in part["errors"]}


def lines_for(lab: Lab, count: int, prefix: str = "in/") -> list[dict[str, Any]]:
    return [json_line(ref, boxes) for ref, boxes in upload_pictures(lab.s3, count, prefix).items()]


@pytest.fixture
def bucket(lab: Lab) -> None:
    make_bucket(lab.s3)


@pytest.mark.usefixtures("bucket")
def test_a_version_is_in_training_until_its_time_has_passed(lab: Lab) -> None:
    project = make_ready_project(lab)
    arn = begin_training(lab, project)
    assert arn.startswith(f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/documents/version/v1/")
    lab.pass_time(1800)
    described = describe_version(lab, project)
    assert described["Status"] == "TRAINING_IN_PROGRESS"
    assert "EvaluationResult" not in described
    lab.pass_time(36)
    described = describe_version(lab, project)
    assert described["Status"] == "TRAINING_COMPLETED"
    assert described["StatusMessage"] == "The model is ready to run."
    assert described["BillableTrainingTimeInSeconds"] == 1836
    assert (described["TrainingEndTimestamp"] - described["CreationTimestamp"]).total_seconds() == 1836


@pytest.mark.usefixtures("bucket")
def test_the_result_files_have_aws_names_and_shapes(lab: Lab) -> None:
    project = make_ready_project(lab)
    arn = train(lab, project)
    described = describe_version(lab, project)
    assert uri(described["EvaluationResult"]["Summary"]["S3Object"]) == (
        f"s3://{BUCKET}/evaluation/EvaluationResultSummary-documents-v1.json"
    )
    evaluation = json.loads(read_text(lab.s3, uri(described["EvaluationResult"]["Summary"]["S3Object"])))
    assert evaluation["EvaluationDetails"]["ProjectVersionArn"] == arn
    assert evaluation["EvaluationDetails"]["Labels"] == ["card", "licence", "passport"]
    assert evaluation["EvaluationDetails"]["NumberOfTrainingImages"] == 12
    assert evaluation["EvaluationDetails"]["NumberOfTestingImages"] == 6
    assert evaluation["AggregatedEvaluationResults"]["F1Score"] == described["EvaluationResult"]["F1Score"]
    (card, *_) = evaluation["LabelEvaluationResults"]
    assert (card["Label"], card["NumberOfTestingImages"], card["Metrics"]["F1Score"]) == ("card", 2, 1.0)
    assert described["TrainingDataResult"]["Input"] == {}
    assert described["TestingDataResult"]["Input"] == {"AutoCreate": False}
    assert len(read_lines(lab.s3, asset(described["TrainingDataResult"]["Validation"]))) == 12
    assert len(read_lines(lab.s3, asset(described["TestingDataResult"]["Validation"]))) == 6
    statistics = summary_of(lab, project)["statistics"]
    assert statistics["training"] == {
        "use_case": "OBJECT_LOCALIZATION",
        "total_json_lines": 12,
        "valid_json_lines": 12,
        "invalid_json_lines": 0,
        "ignored_json_lines": 0,
        "error_json_line_indices": [],
        "errors": [],
    }


@pytest.mark.usefixtures("bucket")
def test_the_snapshots_hold_truth_and_finding_side_by_side(lab: Lab) -> None:
    project = make_ready_project(lab)
    train(lab, project)
    described = describe_version(lab, project)
    trained = read_lines(lab.s3, asset(described["TrainingDataResult"]["Output"]))
    tested = read_lines(lab.s3, asset(described["TestingDataResult"]["Output"]))
    assert (len(trained), len(tested)) == (12, 6)
    assert "rekognition-custom-labels-evaluation" not in trained[0]
    truth = tested[0]["rekognition-custom-labels-training-0"]
    found = tested[0]["rekognition-custom-labels-evaluation"]
    assert truth["annotations"] == found["annotations"]
    (item,) = tested[0]["rekognition-custom-labels-evaluation-metadata"]["objects"]
    details = item["rekognition-custom-labels-evaluation-details"]
    assert (details["is-true-positive"], details["is-present-in-ground-truth"]) == (True, True)


@pytest.mark.usefixtures("bucket")
def test_a_waiter_sees_the_end_of_training(lab: Lab) -> None:
    project = make_ready_project(lab)
    begin_training(lab, project)
    lab.pass_time(4000)
    waiter = lab.rekognition.get_waiter("project_version_training_completed")
    waiter.wait(ProjectArn=project, VersionNames=["v1"], WaiterConfig={"MaxAttempts": 1})


@pytest.mark.usefixtures("bucket")
def test_a_version_name_is_used_once_in_a_project(lab: Lab) -> None:
    project = make_ready_project(lab)
    train(lab, project)
    request = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}
    assert refusal(lab.rekognition.create_project_version, **request)[0] == "ResourceInUseException"
    train(lab, project, "v2")
    versions = lab.rekognition.describe_project_versions(ProjectArn=project)["ProjectVersionDescriptions"]
    assert [version["ProjectVersionArn"].split("/")[3] for version in versions] == ["v2", "v1"]


@pytest.mark.usefixtures("bucket")
def test_versions_are_paged(lab: Lab) -> None:
    project = make_ready_project(lab)
    for name in ("v1", "v2", "v3"):
        train(lab, project, name)
    pages = lab.rekognition.get_paginator("describe_project_versions").paginate(
        ProjectArn=project, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["ProjectVersionDescriptions"]) for page in pages] == [2, 1]
    code, _ = refusal(lab.rekognition.describe_project_versions, ProjectArn=project, NextToken="x")
    assert code == "InvalidPaginationTokenException"


@pytest.mark.usefixtures("bucket")
def test_two_trainings_at_a_time_and_not_one_more(lab: Lab) -> None:
    project = make_ready_project(lab)
    begin_training(lab, project, "v1")
    begin_training(lab, project, "v2")
    request = {"ProjectArn": project, "VersionName": "v3", "OutputConfig": OUTPUT}
    assert refusal(lab.rekognition.create_project_version, **request)[0] == "LimitExceededException"
    lab.pass_time(4000)
    begin_training(lab, project, "v3")


def test_the_quota_of_versions_is_kept(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(control_rate=None, versions_per_project=1))
    make_bucket(lab.s3)
    project = make_ready_project(lab)
    train(lab, project)
    request = {"ProjectArn": project, "VersionName": "v2", "OutputConfig": OUTPUT}
    assert refusal(lab.rekognition.create_project_version, **request)[0] == "LimitExceededException"


@pytest.mark.usefixtures("bucket")
def test_training_needs_both_datasets_settled_and_filled(lab: Lab) -> None:
    project = make_project(lab)
    request = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": OUTPUT}
    create = lab.rekognition.create_project_version
    assert "no TRAIN dataset" in refusal(create, **request)[1]
    make_dataset(lab, project, "TRAIN", upload_pictures(lab.s3, 3))
    code, message = refusal(create, **request)
    assert (code, "no TEST dataset" in message) == ("InvalidParameterException", True)
    lab.rekognition.create_dataset(ProjectArn=project, DatasetType="TEST")
    assert refusal(create, **request)[0] == "ResourceInUseException"
    lab.pass_time(60)
    assert refusal(create, **request)[0] == "InvalidParameterException"


def test_a_missing_test_dataset_can_be_allowed_and_is_split_off(make_lab: MakeLab) -> None:
    lab = make_lab(choices=Choices(require_test_dataset=False))
    make_bucket(lab.s3)
    project = make_project(lab)
    make_dataset(lab, project, "TRAIN", upload_pictures(lab.s3, 15))
    train(lab, project)
    assert describe_version(lab, project)["Status"] == "TRAINING_COMPLETED"
    assert summary_of(lab, project)["statistics"]["testing"]["total_json_lines"] == 3


@pytest.mark.usefixtures("bucket")
def test_manifests_can_be_given_when_there_are_no_datasets(lab: Lab) -> None:
    lines = lines_for(lab, 12)
    project = train_on(lab, lines[:6], lines[6:])
    described = describe_version(lab, project)
    assert described["Status"] == "TRAINING_COMPLETED"
    assert described["TrainingDataResult"]["Input"] == place("train.manifest")


@pytest.mark.usefixtures("bucket")
def test_a_fifth_is_split_off_on_request(lab: Lab) -> None:
    project = train_on(lab, lines_for(lab, 15), None)
    assert describe_version(lab, project)["Status"] == "TRAINING_COMPLETED"
    assert summary_of(lab, project)["statistics"]["testing"]["total_json_lines"] == 3


@pytest.mark.usefixtures("bucket")
def test_a_label_with_one_image_cannot_be_split(lab: Lab) -> None:
    project = train_on(lab, lines_for(lab, 4), None)
    assert failed_with(lab, project)[1] == {"ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"}


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    "data",
    [
        {"TrainingData": place("a.manifest")},
        {"TestingData": place("a.manifest")},
        {"TrainingData": {"Assets": []}, "TestingData": {"AutoCreate": True}},
        {"TrainingData": place("a.manifest"), "TestingData": {}},
        {"TrainingData": place("a.manifest"), "TestingData": {**place("b.manifest"), "AutoCreate": True}},
        {"FeatureConfig": {"ContentModeration": {}}},
        {"OutputConfig": {"S3KeyPrefix": "x"}},
    ],
)
def test_data_that_does_not_fit_together_is_refused(lab: Lab, data: dict[str, Any]) -> None:
    request = {"ProjectArn": make_project(lab), "VersionName": "v1", "OutputConfig": OUTPUT, **data}
    assert refusal(lab.rekognition.create_project_version, **request)[0] == "InvalidParameterException"


@pytest.mark.usefixtures("bucket")
def test_manifests_and_datasets_exclude_each_other(lab: Lab) -> None:
    request = {
        "ProjectArn": make_ready_project(lab),
        "VersionName": "v1",
        "OutputConfig": OUTPUT,
        "TrainingData": place("a.manifest"),
        "TestingData": {"AutoCreate": True},
    }
    assert refusal(lab.rekognition.create_project_version, **request)[0] == "InvalidParameterException"


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("noextension", "{}", "The manifest file extension or contents are invalid."),
        ("a.manifest", "", "The manifest file is empty."),
        ("", "", "The manifest file extension or contents are invalid."),
    ],
)
def test_a_bad_manifest_file_fails_the_training_without_a_summary(
    lab: Lab, key: str, text: str, message: str
) -> None:
    project = make_project(lab)
    if key:
        put_text(lab.s3, key, text)
    data = place(key or "missing.manifest")
    train(lab, project, TrainingData=data, TestingData={"AutoCreate": True})
    described = describe_version(lab, project)
    assert (described["Status"], described["StatusMessage"]) == ("TRAINING_FAILED", message)
    assert "ManifestSummary" not in described


@pytest.mark.usefixtures("bucket")
def test_an_output_bucket_that_cannot_be_written_fails_the_training(lab: Lab) -> None:
    project = make_ready_project(lab)
    lab.rekognition.create_project_version(
        ProjectArn=project, VersionName="v1", OutputConfig={"S3Bucket": "no-such-bucket"}
    )
    lab.pass_time(4000)
    assert describe_version(lab, project)["StatusMessage"] == "Unable to write to output S3 bucket."


@pytest.mark.usefixtures("bucket")
def test_invalid_lines_of_all_kinds_add_up_to_the_fifth(lab: Lab) -> None:
    lines = lines_for(lab, 12)
    bad = ["x", {"source-ref": 1}]
    good = train_on(lab, [*lines[:8], *bad], lines[8:])
    assert describe_version(lab, good)["Status"] == "TRAINING_COMPLETED"
    lab.rekognition.delete_project_version(ProjectVersionArn=describe_version(lab, good)["ProjectVersionArn"])
    lab.pass_time(60)
    lab.rekognition.delete_project(ProjectArn=good)
    lab.pass_time(60)
    missing_image = {**lines[0], "source-ref": f"s3://{BUCKET}/none.png"}
    project = train_on(lab, [*lines[:8], *bad, missing_image], lines[8:])
    message, codes = failed_with(lab, project)
    assert message == "The manifest file contains too many invalid rows."
    assert codes == {"ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"}
    described = describe_version(lab, project)
    *_, broken, no_image = read_lines(lab.s3, asset(described["TrainingDataResult"]["Validation"]))
    assert broken["errors"][0]["code"] == "ERROR_INVALID_SOURCE_REF_FORMAT"
    assert no_image["errors"][0]["code"] == "ERROR_INVALID_IMAGE"
    assert summary_of(lab, project)["statistics"]["training"]["error_json_line_indices"] == [9, 10, 11]


@pytest.mark.usefixtures("bucket")
def test_ignored_lines_do_not_count_as_invalid(lab: Lab) -> None:
    lines = lines_for(lab, 12)
    empty = [json_line(line["source-ref"], []) for line in lines[3:9]]
    project = train_on(lab, [*lines[:3], *empty], lines[9:])
    statistics = summary_of(lab, project)["statistics"]["training"]
    assert describe_version(lab, project)["Status"] == "TRAINING_COMPLETED"
    assert (statistics["ignored_json_lines"], statistics["invalid_json_lines"]) == (6, 0)


@pytest.mark.usefixtures("bucket")
def test_images_must_lie_in_one_bucket(lab: Lab) -> None:
    make_bucket(lab.s3, "elsewhere")
    lines = lines_for(lab, 9)
    lab.s3.put_object(Bucket="elsewhere", Key="x.png", Body=picture([("card", 5, 5, 50, 50)]))
    stray = json_line("s3://elsewhere/x.png", [("card", 5, 5, 50, 50)])
    project = train_on(lab, [*lines[:6], stray], lines[6:])
    assert failed_with(lab, project)[1] == {"ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS"}


def of_label(lines: list[dict[str, Any]], *labels: str) -> list[dict[str, Any]]:
    return [line for line in lines if set(line["boxes-metadata"]["class-map"].values()) <= set(labels)]


@pytest.mark.usefixtures("bucket")
def test_half_of_the_labels_must_be_in_the_test_set(lab: Lab) -> None:
    lines = lines_for(lab, 12)
    project = train_on(lab, lines[:6], of_label(lines, "card"))
    message, codes = failed_with(lab, project)
    assert codes == {"ERROR_INSUFFICIENT_LABEL_OVERLAP"}
    assert message == "Less than 50% label overlap between the training and testing manifest files."


@pytest.mark.usefixtures("bucket")
def test_a_set_without_usable_labels_fails_the_training(lab: Lab) -> None:
    lines = lines_for(lab, 6)
    nothing = [json_line(line["source-ref"], []) for line in lines]
    project = train_on(lab, nothing, lines)
    assert failed_with(lab, project)[1] == {"ERROR_MANIFEST_TOO_FEW_LABELS"}


def test_two_labels_can_be_demanded(make_lab: MakeLab) -> None:
    lab = make_lab(choices=Choices(minimum_labels=2))
    make_bucket(lab.s3)
    lines = of_label(lines_for(lab, 12), "card")
    project = train_on(lab, lines[:2], lines[2:])
    assert failed_with(lab, project)[1] == {"ERROR_MANIFEST_TOO_FEW_LABELS"}


def test_one_label_is_enough_otherwise(lab: Lab) -> None:
    make_bucket(lab.s3)
    lines = of_label(lines_for(lab, 12), "card")
    project = train_on(lab, lines[:2], lines[2:])
    assert describe_version(lab, project)["Status"] == "TRAINING_COMPLETED"


def test_too_many_labels_fail_the_training(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(control_rate=None, labels_per_dataset=2))
    make_bucket(lab.s3)
    lines = lines_for(lab, 6)
    project = train_on(lab, lines[:3], lines[3:])
    assert failed_with(lab, project)[1] == {"ERROR_MANIFEST_TOO_MANY_LABELS"}


@pytest.mark.usefixtures("bucket")
def test_an_image_that_cannot_be_decoded_fails_the_copy(lab: Lab) -> None:
    lines = lines_for(lab, 6)
    cut = picture([("card", 5, 5, 50, 50)])[:60]
    lab.s3.put_object(Bucket=BUCKET, Key="in/000.png", Body=cut)
    project = train_on(lab, lines[:3], lines[3:])
    assert describe_version(lab, project)["StatusMessage"] == "Failed to copy images from S3 bucket."


def with_label(ref: str, label: str) -> dict[str, Any]:
    metadata = {
        "confidence": 1,
        "class-name": label,
        "type": "groundtruth/image-classification",
        "human-annotated": "yes",
        "creation-date": "2026-11-22T10:00:00.000000",
    }
    return {"source-ref": ref, "kind": 1, "kind-metadata": metadata}


@pytest.mark.usefixtures("bucket")
def test_image_level_labels_train_a_model_that_draws_no_boxes(lab: Lab) -> None:
    lines = [with_label(ref, boxes[0][0]) for ref, boxes in upload_pictures(lab.s3, 12).items()]
    project = train_on(lab, lines[:6], lines[6:])
    described = describe_version(lab, project)
    assert described["Status"] == "TRAINING_COMPLETED"
    assert summary_of(lab, project)["statistics"]["training"]["use_case"] == "IMAGE_LEVEL_LABELS"
    evaluation = json.loads(read_text(lab.s3, uri(described["EvaluationResult"]["Summary"]["S3Object"])))
    matrix = evaluation["AggregatedEvaluationResults"]["ConfusionMatrix"]
    assert {"GroundTruthLabel": "card", "PredictedLabel": "card", "Value": 1.0} in matrix
    assert "AveragePrecision" not in evaluation["AggregatedEvaluationResults"]
    tested = read_lines(lab.s3, asset(described["TestingDataResult"]["Output"]))
    metadata = tested[0]["rekognition-custom-labels-evaluation-0-metadata"]
    assert (metadata["class-name"], metadata["type"]) == ("passport", "groundtruth/image-classification")
    assert metadata["rekognition-custom-labels-evaluation-details"]["is-true-positive"] is True
    arn = described["ProjectVersionArn"]
    run(lab, arn)
    image: Any = {"Bytes": picture([("card", 20, 20, 80, 60)])}
    (label,) = lab.rekognition.detect_custom_labels(ProjectVersionArn=arn, Image=image)["CustomLabels"]
    assert (label["Name"], "Geometry" in label) == ("card", False)


@pytest.mark.usefixtures("bucket")
def test_of_mixed_lines_the_commoner_kind_is_trained_and_the_other_ignored(lab: Lab) -> None:
    lines: list[Any] = lines_for(lab, 12)
    stray = with_label(lines[0]["source-ref"], "stray")
    project = train_on(lab, [stray, *lines[1:6]], lines[6:])
    statistics = summary_of(lab, project)["statistics"]["training"]
    assert (statistics["use_case"], statistics["ignored_json_lines"]) == ("OBJECT_LOCALIZATION", 1)
    assert describe_version(lab, project)["Status"] == "TRAINING_COMPLETED"


class BrokenLearner(ColourLearner):
    def learn(self, lesson: Lesson) -> Learned:
        raise RuntimeError("out of memory")


def test_a_training_that_breaks_down_is_a_service_issue(make_lab: MakeLab) -> None:
    lab = make_lab(learner=BrokenLearner())
    make_bucket(lab.s3)
    project = make_ready_project(lab)
    train(lab, project)
    described = describe_version(lab, project)
    assert described["Status"] == "TRAINING_FAILED"
    assert "service issue" in described["StatusMessage"]


@pytest.mark.usefixtures("bucket")
def test_a_version_in_training_cannot_be_deleted_and_a_failed_one_can(lab: Lab) -> None:
    project = make_ready_project(lab)
    arn = begin_training(lab, project)
    delete = lab.rekognition.delete_project_version
    assert refusal(delete, ProjectVersionArn=arn)[0] == "ResourceInUseException"
    lab.pass_time(4000)
    assert delete(ProjectVersionArn=arn)["Status"] == "DELETING"
    lab.pass_time(60)
    assert refusal(delete, ProjectVersionArn=arn)[0] == "ResourceNotFoundException"
    answer = lab.rekognition.describe_project_versions(ProjectArn=project, VersionNames=["v1"])
    assert answer["ProjectVersionDescriptions"] == []


@pytest.mark.usefixtures("bucket")
def test_results_are_encrypted_with_the_given_key_and_the_description_is_kept(lab: Lab) -> None:
    project = make_ready_project(lab)
    train(lab, project, KmsKeyId="alias/results", VersionDescription="first try")
    described = describe_version(lab, project)
    assert (described["KmsKeyId"], described["VersionDescription"]) == ("alias/results", "first try")
    key = described["EvaluationResult"]["Summary"]["S3Object"]["Name"]
    assert lab.s3.head_object(Bucket=BUCKET, Key=key)["ServerSideEncryption"] == "aws:kms"


@pytest.mark.usefixtures("bucket")
def test_training_in_an_unknown_project_is_not_found(lab: Lab) -> None:
    arn = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/none/1"
    request = {"ProjectArn": arn, "VersionName": "v1", "OutputConfig": OUTPUT}
    assert refusal(lab.rekognition.create_project_version, **request)[0] == "ResourceNotFoundException"
    assert (
        refusal(lab.rekognition.describe_project_versions, ProjectArn=arn)[0] == "ResourceNotFoundException"
    )
