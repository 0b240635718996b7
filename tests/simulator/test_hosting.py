"""Starting, stopping, copying and asking models."""

from typing import Any

import numpy as np
import pytest
from botocore.exceptions import WaiterError

from simulator.core.options import Choices, Quotas
from tests.simulator.builders import (
    BUCKET,
    begin_training,
    describe_version,
    encode,
    make_bucket,
    make_project,
    make_ready_project,
    picture,
    run,
    train,
)
from tests.simulator.conftest import Lab, MakeLab, refusal
from tests.simulator.test_faults import set_fault

OUTPUT: Any = {"S3Bucket": BUCKET, "S3KeyPrefix": "copies"}


@pytest.fixture
def project(lab: Lab) -> str:
    make_bucket(lab.s3)
    return make_ready_project(lab, train=3, test=3)


def status(lab: Lab, project: str, name: str = "v1") -> str:
    return str(describe_version(lab, project, name)["Status"])


def test_a_model_starts_runs_stops_and_starts_again(lab: Lab, project: str) -> None:
    arn = train(lab, project)
    start, stop = lab.rekognition.start_project_version, lab.rekognition.stop_project_version
    assert start(ProjectVersionArn=arn, MinInferenceUnits=2, MaxInferenceUnits=3)["Status"] == "STARTING"
    lab.pass_time(599)
    assert status(lab, project) == "STARTING"
    lab.pass_time(1)
    described = describe_version(lab, project)
    assert (described["Status"], described["MinInferenceUnits"], described["MaxInferenceUnits"]) == (
        "RUNNING",
        2,
        3,
    )
    lab.rekognition.get_waiter("project_version_running").wait(
        ProjectArn=project, VersionNames=["v1"], WaiterConfig={"MaxAttempts": 1}
    )
    assert stop(ProjectVersionArn=arn)["Status"] == "STOPPING"
    lab.pass_time(300)
    assert status(lab, project) == "STOPPED"
    start(ProjectVersionArn=arn, MinInferenceUnits=1)
    lab.pass_time(600)
    assert status(lab, project) == "RUNNING"


def test_a_state_that_forbids_the_call_is_resource_in_use(lab: Lab, project: str) -> None:
    arn = begin_training(lab, project)
    start = {"ProjectVersionArn": arn, "MinInferenceUnits": 1}

    def forbidden() -> set[str]:
        calls: dict[str, Any] = {
            "start": (lab.rekognition.start_project_version, start),
            "stop": (lab.rekognition.stop_project_version, {"ProjectVersionArn": arn}),
            "delete": (lab.rekognition.delete_project_version, {"ProjectVersionArn": arn}),
        }
        return {name for name, (call, request) in calls.items()
                if name != allowed and refusal(call, **request)[0] == "ResourceInUseException"}  # fmt: skip

    allowed = ""
    assert forbidden() == {"start", "stop", "delete"}
    lab.pass_time(4000)
    assert refusal(lab.rekognition.stop_project_version, ProjectVersionArn=arn)[0] == "ResourceInUseException"
    lab.rekognition.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert forbidden() == {"start", "stop", "delete"}
    lab.pass_time(600)
    allowed = "stop"
    assert forbidden() == {"start", "delete"}
    lab.rekognition.stop_project_version(ProjectVersionArn=arn)
    allowed = ""
    assert forbidden() == {"start", "stop", "delete"}


def test_two_models_run_at_a_time_and_each_with_five_units_at_most(lab: Lab, project: str) -> None:
    arns = [train(lab, project, name) for name in ("v1", "v2", "v3")]
    start = lab.rekognition.start_project_version
    six = refusal(start, ProjectVersionArn=arns[0], MinInferenceUnits=6)
    assert six[0] == "LimitExceededException"
    down = refusal(start, ProjectVersionArn=arns[0], MinInferenceUnits=2, MaxInferenceUnits=1)
    assert down[0] == "InvalidParameterException"
    for arn in arns[:2]:
        start(ProjectVersionArn=arn, MinInferenceUnits=5)
    third = refusal(start, ProjectVersionArn=arns[2], MinInferenceUnits=1)
    assert third[0] == "LimitExceededException"
    lab.pass_time(700)
    lab.rekognition.stop_project_version(ProjectVersionArn=arns[0])
    assert refusal(start, ProjectVersionArn=arns[2], MinInferenceUnits=1) == third
    lab.pass_time(400)
    start(ProjectVersionArn=arns[2], MinInferenceUnits=1)


def test_a_model_that_failed_to_start_can_only_be_deleted(lab: Lab, project: str) -> None:
    arn = train(lab, project)
    set_fault(lab, operation="StartProjectVersion", fault="start-fails", message="no capacity")
    run(lab, arn)
    described = describe_version(lab, project)
    assert (described["Status"], described["StatusMessage"]) == ("FAILED", "no capacity")
    with pytest.raises(WaiterError, match='matched expected path: "FAILED"'):
        lab.rekognition.get_waiter("project_version_running").wait(
            ProjectArn=project, VersionNames=["v1"], WaiterConfig={"MaxAttempts": 1}
        )
    start = {"ProjectVersionArn": arn, "MinInferenceUnits": 1}
    assert refusal(lab.rekognition.start_project_version, **start)[0] == "ResourceInUseException"
    lab.rekognition.delete_project_version(ProjectVersionArn=arn)


def test_restarting_a_failed_model_can_be_allowed(make_lab: MakeLab) -> None:
    lab = make_lab(choices=Choices(restart_failed_models=True))
    make_bucket(lab.s3)
    project = make_ready_project(lab, train=3, test=3)
    arn = train(lab, project)
    set_fault(lab, operation="StartProjectVersion", fault="start-fails")
    run(lab, arn)
    run(lab, arn)
    assert status(lab, project) == "RUNNING"


def test_a_copy_runs_like_its_source_even_when_that_is_gone(lab: Lab, project: str) -> None:
    source = train(lab, project)
    other = make_project(lab, "production")
    copy = lab.rekognition.copy_project_version(
        SourceProjectArn=project,
        SourceProjectVersionArn=source,
        DestinationProjectArn=other,
        VersionName="v1",
        OutputConfig=OUTPUT,
    )["ProjectVersionArn"]
    described = describe_version(lab, other)
    assert (described["Status"], described["SourceProjectVersionArn"]) == ("COPYING_IN_PROGRESS", source)
    lab.pass_time(600)
    assert status(lab, other) == "COPYING_COMPLETED"
    lab.rekognition.delete_project_version(ProjectVersionArn=source)
    lab.pass_time(60)
    run(lab, copy)
    found = detect(lab, copy, Bytes=picture([("card", 20, 20, 80, 60)]))
    assert [label["Name"] for label in found] == ["card"]


def test_what_cannot_be_copied_is_refused(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(control_rate=None, concurrent_copies=1))
    make_bucket(lab.s3)
    project = make_ready_project(lab, train=3, test=3)
    arn = begin_training(lab, project)
    other = make_project(lab, "production")
    request: Any = {
        "SourceProjectArn": project,
        "SourceProjectVersionArn": arn,
        "DestinationProjectArn": other,
        "VersionName": "v1",
        "OutputConfig": OUTPUT,
    }
    copy = lab.rekognition.copy_project_version
    assert refusal(copy, **request)[0] == "InvalidParameterException"
    lab.pass_time(4000)
    foreign = project.replace("123456789012", "999999999999")
    assert refusal(copy, **{**request, "SourceProjectArn": foreign})[0] == "AccessDeniedException"
    assert refusal(copy, **{**request, "SourceProjectArn": other})[0] == "InvalidParameterException"
    copy(**request)
    assert refusal(copy, **request)[0] == "ResourceInUseException"
    assert refusal(copy, **{**request, "VersionName": "v2"})[0] == "ServiceQuotaExceededException"


def detect(lab: Lab, arn: str, **given: Any) -> list[Any]:
    more: Any = {name: given.pop(name) for name in ("MinConfidence", "MaxResults") if name in given}
    image: Any = given
    answer = lab.rekognition.detect_custom_labels(ProjectVersionArn=arn, Image=image, **more)
    return list(answer["CustomLabels"])


@pytest.fixture
def running(lab: Lab, project: str) -> str:
    arn = train(lab, project)
    run(lab, arn)
    return arn


def ragged() -> bytes:
    """A picture in which the card is there in full and the licence in part."""
    pixels = np.full((150, 200, 3), 128, np.uint8)
    pixels[10:60, 10:90] = (200, 60, 40)
    pixels[80:140, 100:180:4] = (40, 180, 40)
    return encode(pixels)


def test_boxes_come_as_ratios_sorted_by_confidence(lab: Lab, running: str) -> None:
    found = detect(lab, running, Bytes=ragged(), MinConfidence=0)
    assert [label["Name"] for label in found] == ["card", "licence"]
    assert found[0]["Confidence"] == 100
    assert found[0]["Geometry"]["BoundingBox"] == {
        "Left": 10 / 200,
        "Top": 10 / 150,
        "Width": 80 / 200,
        "Height": 50 / 150,
    }


def test_each_labels_own_threshold_decides_unless_one_is_given(lab: Lab, running: str) -> None:
    assert [label["Name"] for label in detect(lab, running, Bytes=ragged())] == ["card"]
    assert len(detect(lab, running, Bytes=ragged(), MinConfidence=20)) == 2
    assert len(detect(lab, running, Bytes=ragged(), MinConfidence=100)) == 1
    assert len(detect(lab, running, Bytes=ragged(), MinConfidence=0, MaxResults=1)) == 1
    assert detect(lab, running, Bytes=ragged(), MaxResults=0) == []


def test_an_image_can_lie_in_s3(lab: Lab, running: str) -> None:
    lab.s3.put_object(Bucket=BUCKET, Key="new.png", Body=ragged())
    found = detect(lab, running, S3Object={"Bucket": BUCKET, "Name": "new.png"})
    assert [label["Name"] for label in found] == ["card"]


def test_an_image_missing_in_s3_is_an_invalid_object(lab: Lab, running: str) -> None:
    image = {"S3Object": {"Bucket": BUCKET, "Name": "none.png"}}
    request = {"ProjectVersionArn": running, "Image": image}
    assert refusal(lab.rekognition.detect_custom_labels, **request)[0] == "InvalidS3ObjectException"


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (b"GIF89a", "InvalidImageFormatException"),
        (picture([])[:70], "InvalidImageFormatException"),
        (picture([]) + b"\0" * 4 * 1024 * 1024, "ImageTooLargeException"),
        (picture([], width=4097), "ImageTooLargeException"),
        (picture([], width=63), "InvalidParameterException"),
        (picture([], width=64, height=1281), "InvalidParameterException"),
    ],
    ids=["gif", "cut", "heavy", "wide", "narrow", "long"],
)
def test_images_outside_the_limits_are_refused(lab: Lab, running: str, image: bytes, code: str) -> None:
    request = {"ProjectVersionArn": running, "Image": {"Bytes": image}}
    assert refusal(lab.rekognition.detect_custom_labels, **request)[0] == code


def test_an_image_must_be_given_in_one_way(lab: Lab, running: str) -> None:
    images: list[Any] = [{}, {"Bytes": b"x", "S3Object": {"Bucket": BUCKET, "Name": "x"}}, {"S3Object": {}}]
    for image in images:
        request = {"ProjectVersionArn": running, "Image": image}
        assert refusal(lab.rekognition.detect_custom_labels, **request)[0] == "InvalidParameterException"


def test_only_a_running_model_answers(lab: Lab, project: str) -> None:
    arn = train(lab, project)
    request = {"ProjectVersionArn": arn, "Image": {"Bytes": ragged()}}
    assert refusal(lab.rekognition.detect_custom_labels, **request)[0] == "ResourceNotReadyException"
    unknown = {**request, "ProjectVersionArn": arn.replace("/v1/", "/v2/")}
    assert refusal(lab.rekognition.detect_custom_labels, **unknown)[0] == "ResourceNotFoundException"


def test_more_images_than_the_units_manage_are_refused(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(control_rate=None, detect_rate=None, images_per_second_per_unit=2))
    make_bucket(lab.s3)
    arn = train(lab, make_ready_project(lab, train=3, test=3))
    run(lab, arn)
    for _ in range(2):
        detect(lab, arn, Bytes=ragged())
    request = {"ProjectVersionArn": arn, "Image": {"Bytes": ragged()}}
    code, _ = refusal(lab.rekognition.detect_custom_labels, **request)
    assert code == "ProvisionedThroughputExceededException"
    lab.clock.advance(1)
    detect(lab, arn, Bytes=ragged())
