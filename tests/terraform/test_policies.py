"""Who may do what, without AWS: the policy documents that the configuration would make."""

import json
from typing import Any

import boto3
import pytest

from local.deployment import Deployment
from local.desired import desired_resources
from local.resources import Resources
from local.service_spec import read_services
from local.stack import ROOT
from tests.terraform.mocked import Made

KEY = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000"

# Actions that take no resource (service authorization reference).
WITHOUT_RESOURCE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "rekognition:DescribeProjects",
    "cloudwatch:PutMetricData",
}
# IAM's own names: no operation is called so.
NO_OPERATION = {
    "s3:ListBucket",
    "s3:GetObjectVersion",
    "iam:PassRole",
    "kms:ReEncrypt*",
    "kms:GenerateDataKey*",
    "lambda:InvokeFunction",
}


@pytest.fixture(scope="session")
def wanted() -> Resources:
    """What the quick local deployment would make of the same files."""
    specs = read_services(ROOT / "services")
    at = Deployment(account="123456789012", architecture="arm64", key=KEY, check_every_seconds=55)
    return desired_resources(specs, at)


def policies_of_roles(made: Made) -> dict[str, Any]:
    return {item.values["role"]: json.loads(item.values["policy"]) for item in made.of("aws_iam_role_policy")}


def statements(made: Made) -> list[tuple[str, dict[str, Any]]]:
    return [
        (role, statement)
        for role, policy in policies_of_roles(made).items()
        for statement in policy["Statement"]
    ]


def test_each_role_has_exactly_what_its_service_asks_for(made: Made, wanted: Resources) -> None:
    assert policies_of_roles(made) == {role.name: role.policy for role in wanted.roles}


def test_nothing_is_allowed_on_everything_that_could_be_named(made: Made) -> None:
    for role, statement in statements(made):
        if "*" in statement["Resource"]:
            assert set(statement["Action"]) <= WITHOUT_RESOURCE, role


def test_no_service_may_do_all_of_anything(made: Made) -> None:
    actions = {action for _, statement in statements(made) for action in statement["Action"]}
    assert {action for action in actions if "*" in action} <= {"kms:ReEncrypt*", "kms:GenerateDataKey*"}


def test_every_action_exists(made: Made, boto_session: boto3.Session) -> None:
    actions = {action for _, statement in statements(made) for action in statement["Action"]}
    assert [name for name in actions - NO_OPERATION if not _is_an_operation(boto_session, name)] == []


def test_a_role_is_passed_to_sagemaker_alone_and_no_other_role_is_passed(made: Made) -> None:
    passing = [
        (role, statement) for role, statement in statements(made) if "iam:PassRole" in statement["Action"]
    ]
    # Each function of a service has its service's rights, and labelling has three functions.
    assert {role for role, _ in passing} == {
        "ekyc-labelling-api",
        "ekyc-labelling-events",
        "ekyc-labelling-tick",
    }
    for _, statement in passing:
        assert statement["Resource"] == ["arn:aws:iam::123456789012:role/ekyc-ground-truth"]
        assert statement["Condition"] == {
            "StringEquals": {"iam:PassedToService": ["sagemaker.amazonaws.com"]}
        }


def test_roles_are_taken_on_by_services_alone(made: Made) -> None:
    for role in made.of("aws_iam_role"):
        for statement in json.loads(role.values["assume_role_policy"])["Statement"]:
            assert list(statement["Principal"]) == ["Service"], role.address
            assert all(name.endswith(".amazonaws.com") for name in statement["Principal"]["Service"])


def test_queues_take_messages_from_their_topic_and_rules_alone(made: Made, wanted: Resources) -> None:
    mine = [json.loads(item.values["policy"]) for item in made.of("aws_sqs_queue_policy")]
    theirs = [queue.policy for queue in wanted.queues if queue.policy]
    # The mocked topic has a name of its own.
    text = json.dumps(mine).replace(
        "arn:aws:sns:eu-west-1:123456789012:mocked", "arn:aws:sns:eu-west-1:123456789012:ekyc-events"
    )
    assert sorted(json.loads(text), key=json.dumps) == sorted(theirs, key=json.dumps)


def test_the_key_reads_nothing_for_whoever_only_administers_it(made: Made) -> None:
    (key,) = made.of("aws_kms_key")
    uses = {
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncrypt*",
        "kms:GenerateDataKey*",
        "kms:GenerateDataKey",
        "kms:CreateGrant",
    }
    for statement in json.loads(key.values["policy"])["Statement"]:
        if uses & set(statement["Action"]):
            assert statement.get("Condition"), statement["Sid"]
        assert "kms:*" not in statement["Action"]


def test_services_use_the_key_for_this_pipelines_queues_alone(made: Made) -> None:
    (key,) = made.of("aws_kms_key")
    (messages,) = (
        item for item in json.loads(key.values["policy"])["Statement"] if item["Sid"] == "Messages"
    )
    context = {"kms:EncryptionContext:aws:sqs:arn": "arn:aws:sqs:eu-west-1:123456789012:ekyc-*"}
    assert messages["Condition"] == {"ArnLike": context}


def test_the_key_serves_this_pipelines_roles_and_no_others(made: Made) -> None:
    (key,) = made.of("aws_kms_key")
    (pipeline,) = (
        item for item in json.loads(key.values["policy"])["Statement"] if item["Sid"] == "Pipeline"
    )
    assert pipeline["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/ekyc-*"]}
    }


def test_the_bucket_speaks_tls_alone(made: Made) -> None:
    (policy,) = (json.loads(item.values["policy"]) for item in made.of("aws_s3_bucket_policy"))
    (statement,) = policy["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_functions_find_what_the_local_ones_find(made: Made, wanted: Resources) -> None:
    mine = {
        name: values["environment"][0]["variables"]
        for name, values in made.named("aws_lambda_function", "function_name").items()
    }
    theirs = {function.name: dict(function.environment) for function in wanted.functions}
    assert mine == theirs


def _is_an_operation(session: boto3.Session, action: str) -> bool:
    prefix, _, name = action.partition(":")
    make_client: Any = session.client  # its overloads know no names that come at run time
    return name in make_client(prefix, region_name="eu-west-1").meta.service_model.operation_names
