"""The protocol: who may call, what is checked, how errors look."""

import json
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError

from simulator.core.options import Options, Quotas
from simulator.core.s3 import Place
from simulator.core.wire import Caller
from tests.simulator.builders import labelling_request
from tests.simulator.conftest import ACCOUNT, REGION, Lab, MakeLab, refusal

SIGNED = (
    f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261122/{REGION}/rekognition/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


def post(lab: Lab, target: str, body: Any, *, authorization: str = SIGNED) -> httpx.Response:
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    if authorization:
        headers["Authorization"] = authorization
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx.post(lab.url, content=content, headers=headers)


def test_an_error_has_the_json_form_that_every_sdk_reads(lab: Lab) -> None:
    arn = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/none/1"
    answer = post(lab, "RekognitionService.DeleteProject", {"ProjectArn": arn})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.headers["x-amzn-errortype"] == "ResourceNotFoundException"
    assert answer.headers["x-amzn-requestid"]
    body = answer.json()
    assert body["__type"] == "ResourceNotFoundException"
    assert body["message"] == body["Message"] == f"The project {arn} was not found."


@pytest.mark.parametrize("target", ["RekognitionService.DetectFaces", "SageMaker.CreateModel"])
def test_an_operation_that_is_not_simulated_says_so(lab: Lab, target: str) -> None:
    answer = post(lab, target, {})
    assert (answer.status_code, answer.json()["__type"]) == (400, "UnknownOperationException")
    assert "exists on AWS but is not simulated" in answer.json()["message"]


@pytest.mark.parametrize("target", ["RekognitionService.Dance", "DynamoDB_20120810.PutItem", ""])
def test_an_operation_that_does_not_exist_is_unknown(lab: Lab, target: str) -> None:
    answer = post(lab, target, {})
    assert (answer.status_code, answer.json()["__type"]) == (400, "UnknownOperationException")


@pytest.mark.parametrize("authorization", ["", "Bearer x", "AWS4-HMAC-SHA256 Credential=a/b"])
def test_an_unsigned_call_is_refused(lab: Lab, authorization: str) -> None:
    answer = post(lab, "RekognitionService.DescribeProjects", {}, authorization=authorization)
    assert (answer.status_code, answer.json()["__type"]) == (403, "MissingAuthenticationTokenException")


def test_a_key_that_is_no_account_id_belongs_to_the_default_account(lab: Lab) -> None:
    client = lab.client("rekognition", account="AKIAIOSFODNN7EXAMPLE")
    assert ":000000000000:project/p/" in client.create_project(ProjectName="p")["ProjectArn"]


@pytest.mark.parametrize(
    "body",
    ["not json", "[]", '{"ProjectName": 5}', '{"ProjectName": "p", "Tags": ["a"]}', '{"ProjectName": true}'],
)
def test_values_of_the_wrong_json_type_cannot_be_read(lab: Lab, body: str) -> None:
    answer = post(lab, "RekognitionService.CreateProject", body)
    assert (answer.status_code, answer.json()["__type"]) == (400, "SerializationException")


def test_a_blob_must_be_base64(lab: Lab) -> None:
    arn = f"arn:aws:rekognition:{REGION}:{ACCOUNT}:project/p/version/v/1"
    body = {"ProjectVersionArn": arn, "Image": {"Bytes": "%%%"}}
    answer = post(lab, "RekognitionService.DetectCustomLabels", body)
    assert answer.json()["__type"] == "SerializationException"


def test_unknown_members_are_ignored_as_on_aws(lab: Lab) -> None:
    assert post(lab, "RekognitionService.DescribeProjects", {"Colour": "red"}).status_code == 200


PROJECT, PROJECTS = "RekognitionService.CreateProject", "RekognitionService.DescribeProjects"


@pytest.mark.parametrize(
    ("target", "body", "constraint"),
    [
        (PROJECT, {}, "Value null at 'projectName' failed to satisfy constraint: Member must not be null"),
        (PROJECT, {"ProjectName": "a b"}, "regular expression pattern: [a-zA-Z0-9_.\\-]+"),
        (PROJECT, {"ProjectName": "x" * 256}, "length less than or equal to 255"),
        (
            PROJECT,
            {"ProjectName": "p", "Feature": "X"},
            "enum value set: [CONTENT_MODERATION, CUSTOM_LABELS]",
        ),
        (PROJECT, {"ProjectName": "p", "Tags": {"aws:x": "1"}}, "'tags.key'"),
        (PROJECTS, {"MaxResults": 101}, "value less than or equal to 100"),
        (PROJECTS, {"ProjectNames": []}, "length greater than or equal to 1"),
        (PROJECTS, {"ProjectNames": ["ok", "not ok"]}, "'projectNames.2.member'"),
        ("SageMaker.DescribeLabelingJob", {"LabelingJobName": "a_b"}, "'labelingJobName'"),
    ],
)
def test_constraints_of_the_service_model_are_kept(lab: Lab, target: str, body: Any, constraint: str) -> None:
    answer = post(lab, target, body)
    assert (answer.status_code, answer.json()["__type"]) == (400, "ValidationException")
    assert answer.json()["message"].startswith("1 validation error detected: ")
    assert constraint in answer.json()["message"]


def test_all_breaches_are_named_in_one_message(lab: Lab) -> None:
    task = {"TaskTitle": "x" * 129, "TaskDescription": "two\nlines"}
    code, message = refusal(
        lab.client("sagemaker").create_labeling_job,
        **labelling_request("x" * 64, HumanTaskConfig=task),
    )
    assert code == "ValidationException"
    assert message.startswith("4 validation errors detected: ")
    assert "'humanTaskConfig.taskDescription' failed" in message


def test_unicode_classes_of_the_model_are_understood(lab: Lab) -> None:
    lab.rekognition.create_project(ProjectName="p", Tags={"Straße é": "ключ: 値@1"})
    refused = {"ProjectName": "q", "Tags": {"no*stars": ""}}
    assert refusal(lab.rekognition.create_project, **refused)[0] == "ValidationException"


def test_calls_beyond_the_rate_are_refused_until_time_passes(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas())
    for _ in range(5):
        lab.rekognition.describe_projects()
    code, _ = refusal(lab.rekognition.describe_projects)
    assert code == "ProvisionedThroughputExceededException"
    lab.client("rekognition", account="999999999999").describe_projects()
    lab.rekognition.create_project(ProjectName="p")
    lab.clock.advance(0.2)
    lab.rekognition.describe_projects()


def test_rates_are_faster_in_a_faster_world(make_lab: MakeLab) -> None:
    lab = make_lab(quotas=Quotas(), speed=4)
    for _ in range(20):
        lab.rekognition.describe_projects()
    assert refusal(lab.rekognition.describe_projects)[0] == "ProvisionedThroughputExceededException"


def test_a_faster_world_passes_its_stages_faster(make_lab: MakeLab) -> None:
    lab = make_lab(speed=10)
    lab.rekognition.create_project(ProjectName="p")
    lab.pass_time(0.1)
    assert lab.rekognition.describe_projects()["ProjectDescriptions"][0]["Status"] == "CREATED"


def test_health_tells_what_there_is(lab: Lab) -> None:
    lab.rekognition.create_project(ProjectName="p")
    health = httpx.get(f"{lab.url}/_simulator/health").json()
    assert (health["status"], health["projects"], health["labellingJobs"]) == ("ok", 1, 0)
    assert health["workers"].startswith("absent")


def coco_with(annotation: dict[str, Any], **parts: Any) -> str:
    return json.dumps({"images": [], "categories": [], "annotations": [annotation], **parts})


IMAGES, CATEGORIES = [{"id": 1, "file_name": "a"}], [{"id": 1, "name": "n"}]
ANNOTATION = {"image_id": 1, "category_id": 1}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x", "not JSON"),
        ("[]", "COCO document"),
        ('{"images": [], "annotations": []}', "needs a list 'categories'"),
        (coco_with({}, images=[{"id": 1}]), "images[0] needs 'file_name'"),
        (coco_with(ANNOTATION), "image_id 1 is not among the images"),
        (coco_with(ANNOTATION, images=IMAGES), "category_id 1 is not among the categories"),
        (
            coco_with({**ANNOTATION, "bbox": [1, 2]}, images=IMAGES, categories=CATEGORIES),
            "bbox must be [left, top, width, height]",
        ),
    ],
)
def test_annotations_that_are_no_coco_are_refused_with_a_reason(lab: Lab, body: str, message: str) -> None:
    answer = httpx.post(f"{lab.url}/_simulator/annotations", content=body)
    assert (answer.status_code, message in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("setting", [{"speed": 0}, {"human_error": -1}])
def test_senseless_settings_are_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        Options(**setting)


def test_sdks_retry_what_they_retry_on_aws(lab: Lab) -> None:
    httpx.post(f"{lab.url}/_simulator/faults", json={"operation": "CreateProject", "fault": "lost-answer"})
    client = boto3.client(
        "rekognition",
        endpoint_url=lab.url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="x",
        config=Config(retries={"mode": "standard", "total_max_attempts": 2}),
    )
    assert refusal(client.create_project, ProjectName="p")[0] == "ResourceInUseException"


class AwsOutOfReach:
    def buckets(self, caller: Caller) -> Any:
        return self

    def events(self, caller: Caller) -> Any:
        return self

    def size(self, place: Place) -> int:
        raise EndpointConnectionError(endpoint_url="http://nowhere")


def test_an_s3_out_of_reach_is_a_service_failure_that_says_so(make_lab: MakeLab) -> None:
    lab = make_lab(other_aws=AwsOutOfReach())
    code, message = refusal(lab.sagemaker.create_labeling_job, **labelling_request())
    assert (code, "http://nowhere" in message) == ("InternalFailure", True)
