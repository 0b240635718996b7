"""Trouble on demand."""

from typing import Any

import httpx
import pytest
from botocore.exceptions import WaiterError

from tests.simulator.builders import (
    begin_training,
    describe_version,
    make_bucket,
    make_dataset,
    make_project,
    make_ready_project,
    train,
    upload_pictures,
)
from tests.simulator.conftest import Lab, refusal


def set_fault(lab: Lab, **fault: Any) -> dict[str, Any]:
    answer = httpx.post(f"{lab.url}/_simulator/faults", json=fault)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def faults(lab: Lab) -> list[dict[str, Any]]:
    return list(httpx.get(f"{lab.url}/_simulator/faults").json()["faults"])


def calls(lab: Lab, **filters: str) -> list[dict[str, Any]]:
    return list(httpx.get(f"{lab.url}/_simulator/calls", params=filters).json()["calls"])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("throttle", "ThrottlingException"),
        ("error", "InternalServerError"),
        ("quota", "LimitExceededException"),
    ],
)
def test_the_next_calls_are_refused_without_effect(lab: Lab, kind: str, code: str) -> None:
    set_fault(lab, operation="CreateProject", fault=kind, times=2)
    for _ in range(2):
        assert refusal(lab.rekognition.create_project, ProjectName="p")[0] == code
    assert lab.rekognition.describe_projects()["ProjectDescriptions"] == []
    lab.rekognition.create_project(ProjectName="p")


def test_each_service_refuses_in_its_own_words(lab: Lab) -> None:
    for kind in ("throttle", "error", "quota"):
        set_fault(lab, operation="ListLabelingJobs", fault=kind)
    codes = [refusal(lab.sagemaker.list_labeling_jobs)[0] for _ in range(1)]
    assert codes == ["ThrottlingException"]
    set_fault(lab, operation="DescribeLabelingJob", fault="quota")
    assert refusal(lab.sagemaker.describe_labeling_job, LabelingJobName="x")[0] == "ResourceLimitExceeded"


def test_an_answer_can_be_lost_after_the_effect_took_place(lab: Lab) -> None:
    set_fault(lab, operation="CreateProject", fault="lost-answer")
    assert refusal(lab.rekognition.create_project, ProjectName="p")[0] == "InternalServerError"
    assert len(lab.rekognition.describe_projects()["ProjectDescriptions"]) == 1
    assert refusal(lab.rekognition.create_project, ProjectName="p")[0] == "ResourceInUseException"


def test_an_answer_can_be_late(lab: Lab) -> None:
    set_fault(lab, operation="CreateProject", fault="delay", seconds=0.01)
    lab.rekognition.create_project(ProjectName="p")
    assert calls(lab, operation="CreateProject")[0]["fault"] == "delay"


def test_a_share_of_calls_fails_the_same_way_for_the_same_seed(lab: Lab) -> None:
    def struck() -> list[bool]:
        httpx.delete(f"{lab.url}/_simulator/faults")
        set_fault(lab, operation="DescribeProjects", fault="throttle", share=0.5, seed=3)
        outcomes = []
        for _ in range(12):
            httpx.delete(f"{lab.url}/_simulator/calls")
            try:
                lab.rekognition.describe_projects()
            except lab.rekognition.exceptions.ThrottlingException:
                outcomes.append(True)
            else:
                outcomes.append(False)
        return outcomes

    first = struck()
    assert 0 < sum(first) < 12
    assert struck() == first


def test_a_dataset_can_fail_with_a_given_code(lab: Lab) -> None:
    make_bucket(lab.s3)
    project = make_project(lab)
    set_fault(lab, operation="CreateDataset", fault="dataset-fails", code="ERROR_TOO_MANY_RECORDS_IN_ERROR")
    arn = make_dataset(lab, project, "TRAIN", upload_pictures(lab.s3, 1))
    described = lab.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
    assert (described["Status"], described["StatusMessageCode"]) == ("CREATE_FAILED", "CLIENT_ERROR")
    assert "ERROR_TOO_MANY_RECORDS_IN_ERROR" in described["StatusMessage"]


def test_a_dataset_fails_with_a_service_error_by_default(lab: Lab) -> None:
    make_bucket(lab.s3)
    project = make_project(lab)
    set_fault(lab, operation="CreateDataset", fault="dataset-fails")
    arn = make_dataset(lab, project, "TRAIN", upload_pictures(lab.s3, 1))
    described = lab.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
    assert (described["Status"], described["StatusMessageCode"]) == ("CREATE_FAILED", "SERVICE_ERROR")


def test_distributing_can_fail(lab: Lab) -> None:
    make_bucket(lab.s3)
    project = make_project(lab)
    arns = [make_dataset(lab, project, "TRAIN", upload_pictures(lab.s3, 6))]
    arns.append(lab.rekognition.create_dataset(ProjectArn=project, DatasetType="TEST")["DatasetArn"])
    lab.pass_time(60)
    set_fault(lab, operation="DistributeDatasetEntries", fault="dataset-fails")
    lab.rekognition.distribute_dataset_entries(Datasets=[{"Arn": arn} for arn in arns])
    lab.pass_time(60)
    for arn in arns:
        assert (
            lab.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]["Status"]
            == "UPDATE_FAILED"
        )


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({}, "service issue"),
        ({"code": "ERROR_MANIFEST_TOO_FEW_LABELS"}, "too few labels"),
        ({"message": "my own words"}, "my own words"),
    ],
)
def test_a_training_can_fail(lab: Lab, details: dict[str, str], message: str) -> None:
    make_bucket(lab.s3)
    project = make_ready_project(lab, train=3, test=3)
    set_fault(lab, operation="CreateProjectVersion", fault="training-fails", **details)
    train(lab, project)
    described = describe_version(lab, project)
    assert (described["Status"], message in described["StatusMessage"]) == ("TRAINING_FAILED", True)
    with pytest.raises(WaiterError, match='matched expected path: "TRAINING_FAILED"'):
        lab.rekognition.get_waiter("project_version_training_completed").wait(
            ProjectArn=project, VersionNames=["v1"], WaiterConfig={"MaxAttempts": 1}
        )
    train(lab, project, "v2")
    assert describe_version(lab, project, "v2")["Status"] == "TRAINING_COMPLETED"


def test_what_is_set_and_what_was_hit_can_be_seen_and_cleared(lab: Lab) -> None:
    first = set_fault(lab, operation="CreateProject", fault="throttle")
    set_fault(lab, operation="DeleteProject", fault="error", times=3)
    refusal(lab.rekognition.create_project, ProjectName="p")
    lab.rekognition.create_project(ProjectName="p")
    assert [(fault["fault"], fault["seen"], fault["hit"]) for fault in faults(lab)] == [
        ("throttle", 2, 1),
        ("error", 0, 0),
    ]
    assert httpx.delete(f"{lab.url}/_simulator/faults/{first['id']}").json() == {"cleared": 1}
    assert httpx.delete(f"{lab.url}/_simulator/faults/{first['id']}").status_code == 404
    assert httpx.delete(f"{lab.url}/_simulator/faults").json() == {"cleared": 1}
    assert faults(lab) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([], "a fault is an object"),
        ({"operation": "Nothing", "fault": "throttle"}, "not simulated"),
        ({"operation": "CreateProject", "fault": "fire"}, "choose from throttle"),
        ({"operation": "CreateProject", "fault": "start-fails"}, "belongs to StartProjectVersion"),
        ({"operation": "CreateProject", "fault": "throttle", "times": 0}, "at least 1"),
        ({"operation": "CreateProject", "fault": "throttle", "share": 2}, "from 0 to 1"),
        ({"operation": "CreateProject", "fault": "throttle", "share": 1, "times": 1}, "not both"),
        ({"operation": "CreateProject", "fault": "throttle", "share": 1, "seed": "x"}, "whole number"),
        ({"operation": "CreateProject", "fault": "throttle", "seconds": 1}, "does not take seconds"),
        ({"operation": "CreateProject", "fault": "delay", "seconds": "1"}, "number of at least 0"),
        ({"operation": "StartProjectVersion", "fault": "start-fails", "message": 1}, "must be text"),
    ],
)
def test_a_senseless_fault_is_refused_with_a_reason(lab: Lab, body: Any, message: str) -> None:
    answer = httpx.post(f"{lab.url}/_simulator/faults", json=body)
    assert (answer.status_code, message in answer.json()["error"]) == (400, True)


def test_the_call_log_tells_what_was_paid_for(lab: Lab) -> None:
    make_bucket(lab.s3)
    project = make_ready_project(lab, train=3, test=3)
    begin_training(lab, project)
    request = {"ProjectArn": project, "VersionName": "v1", "OutputConfig": {"S3Bucket": "documents"}}
    refusal(lab.rekognition.create_project_version, **request)
    (paid,) = calls(lab, operation="CreateProjectVersion", status="200")
    assert (paid["service"], paid["request"]["VersionName"], paid["error"]) == ("rekognition", "v1", "")
    (refused,) = calls(lab, operation="CreateProjectVersion", status="400")
    assert refused["error"] == "ResourceInUseException"
    assert httpx.get(f"{lab.url}/_simulator/calls?colour=red").status_code == 400
    httpx.delete(f"{lab.url}/_simulator/calls")
    assert calls(lab) == []


def test_big_blobs_are_cut_in_the_call_log(lab: Lab) -> None:
    arn = "arn:aws:rekognition:eu-west-1:123456789012:project/p/version/v/1"
    image = {"ProjectVersionArn": arn, "Image": {"Bytes": b"x" * 9000}}
    refusal(lab.rekognition.detect_custom_labels, **image)
    (call,) = calls(lab)
    assert len(call["request"]["Image"]["Bytes"]) < 100
