"""The configuration applied for real, to a MiniStack that enforces IAM: compared, and attacked."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from cli.authentication import ClientToken
from cli.client import ApiError, PipelineApi
from cli.config import ApiAuth
from contracts.http import CreateTrainingJob
from contracts.problems import Problem
from local.clients import Endpoint
from local.ports import choose_port
from local.service_spec import ServiceSpec, read_services
from local.stack import ROOT, LocalStack, Options, Stack, running_stack
from tests.terraform import standing
from tests.terraform.conftest import small_page
from tests.terraform.standing import Clients, Standing
from tools.terraform import Terraform
from tools.terraform_local import Applied, applied, is_misread

pytestmark = pytest.mark.e2e

SPECS = read_services(ROOT / "services")
SIGNED_IN = ("-var", "auth=cognito", "-var", "console=true")
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}
each_service = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.service)


@dataclass(frozen=True)
class Trial:
    """What Terraform made, and what the quick deployment had made on the same endpoint before."""

    made: Applied
    quick: Standing
    terraforms: Standing

    @property
    def stack(self) -> Stack:
        return self.made.stack


@pytest.fixture(scope="module")
def trial(
    prepared: Callable[[Terraform], Terraform], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trial]:
    folder = tmp_path_factory.mktemp("applied")
    prepared(Terraform(folder / "terraform"))
    # Both on the same ports, one after the other, each on an emulator that has never held anything.
    options = Options(
        port=choose_port(0, purpose="MiniStack", option="PORT"),
        simulator_port=choose_port(0, purpose="the simulator", option="SIMULATOR_PORT"),
    )
    with running_stack(folder / "quick", port=options.port, simulator_port=options.simulator_port) as stack:
        quick = standing.read(clients(stack), stack.prefix)
    local = LocalStack(folder / "stack")
    try:
        page = small_page(folder / "page")
        with applied(local, folder / "terraform", options, console=page) as made:
            yield Trial(made, quick, standing.read(clients(made.stack), made.stack.prefix))
    finally:
        local.down()


def test_a_second_plan_changes_nothing(trial: Trial) -> None:
    assert trial.made.drift() == []


def test_the_quick_deployment_and_terraforms_are_the_same(trial: Trial) -> None:
    # Named here is all that may differ: what only an account of AWS's needs.
    only_terraforms = trial.terraforms["roles"].pop("ekyc-api-gateway-logs")
    assert only_terraforms["trust"]["Statement"][0]["Principal"] == {"Service": ["apigateway.amazonaws.com"]}
    (trust,) = trial.terraforms["roles"]["ekyc-scheduler"]["trust"]["Statement"]
    assert trust.pop("Condition") == {"StringEquals": {"aws:SourceAccount": trial.stack.account_id}}
    assert standing.differences(trial.quick, trial.terraforms) == []
    assert all(len(trial.quick[kind]) > 0 for kind in trial.quick)


@pytest.fixture(scope="module")
def other_bucket(trial: Trial) -> str:
    """A bucket that is none of the pipeline's, with an image in it; and an image in the pipeline's own."""
    s3, name = clients(trial.stack)("s3"), "somebody-elses"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": trial.stack.region})
    s3.put_object(Bucket=name, Key="images/x.jpg", Body=b"x")
    s3.put_object(Bucket=trial.stack.bucket, Key="images/job/x.jpg", Body=b"x")
    return name


@each_service
def test_a_service_cannot_touch_anothers_tables(trial: Trial, spec: ServiceSpec) -> None:
    first = f"{trial.stack.prefix}-{spec.table_of or spec.service}"
    own = [first, *(f"{first}-{name}" for name in spec.tables)]
    others = [name for name in trial.terraforms["tables"] if name not in own]
    assert others
    for role in roles(trial, spec):
        tables = as_role(trial.stack, role)("dynamodb")
        for name in others:
            key = {"job_id": {"S": "x"}, **({"item": {"S": "x"}} if name.endswith("job-api") else {})}
            refused(tables.get_item, TableName=name, Key=key)
            refused(tables.put_item, TableName=name, Item=key)
        for name in own:
            refused(tables.delete_table, TableName=name)
            refused(tables.scan, TableName=name)


@each_service
def test_a_service_cannot_touch_anothers_queues(trial: Trial, spec: ServiceSpec) -> None:
    own = (f"ekyc-{spec.service}", f"ekyc-{spec.service}-{spec.queue_function}")
    for role in roles(trial, spec):
        queues = as_role(trial.stack, role)("sqs")
        for name in trial.terraforms["queues"]:
            url = f"{trial.stack.aws}/{trial.stack.account_id}/{name}"
            refused(queues.send_message, QueueUrl=url, MessageBody="{}")
            refused(queues.purge_queue, QueueUrl=url)
            if (name, role) != own:
                refused(queues.receive_message, QueueUrl=url)


@each_service
def test_a_service_publishes_on_its_topic_alone(trial: Trial, spec: ServiceSpec) -> None:
    outputs = trial.made.terraform.outputs()
    for role in roles(trial, spec):
        topics = as_role(trial.stack, role)("sns")
        refused(topics.publish, TopicArn=outputs["alarm_topic_arn"], Message="all is well")
        refused(topics.delete_topic, TopicArn=outputs["topic_arn"])


@each_service
def test_a_service_deletes_no_image_and_touches_no_other_bucket(
    trial: Trial, spec: ServiceSpec, other_bucket: str
) -> None:
    own = trial.stack.bucket
    for role in roles(trial, spec):
        s3 = as_role(trial.stack, role)("s3")
        refused(s3.delete_object, Bucket=own, Key="images/job/x.jpg")
        refused(s3.put_object, Bucket=own, Key="elsewhere/y.jpg", Body=b"y")
        refused(s3.delete_bucket_cors, Bucket=own)
        refused(s3.get_object, Bucket=other_bucket, Key="images/x.jpg")
        refused(s3.put_object, Bucket=other_bucket, Key="images/y.jpg", Body=b"y")


# Who may make these calls; nobody else may. The emulator has neither service, so it is asked to judge the
# policies instead.
ONLY: dict[str, set[str]] = {
    "rekognition:StartProjectVersion": {"deployer"},
    "rekognition:StopProjectVersion": {"deployer"},
    "rekognition:CreateProjectVersion": {"trainer"},
    "rekognition:DetectCustomLabels": {"job-api", "labelling"},
    "rekognition:CreateProject": {"dataset"},
    "rekognition:CreateDataset": {"dataset"},
    "rekognition:DeleteProject": set(),
    "rekognition:DeleteProjectVersion": set(),
    "rekognition:DeleteDataset": set(),
    "sagemaker:CreateLabelingJob": {"labelling"},
    "sagemaker:StopLabelingJob": {"labelling"},
}


@each_service
def test_a_service_makes_the_calls_that_are_its_own(trial: Trial, spec: ServiceSpec) -> None:
    for role in roles(trial, spec):
        for action, owners in ONLY.items():
            assert simulated(trial, role, action, _resource_of(trial, action, "ekyc")) == (
                spec.service in owners
            ), (
                role,
                action,
            )
            assert not simulated(trial, role, action, _resource_of(trial, action, "another")), (role, action)


@each_service
def test_a_service_changes_neither_itself_nor_what_guards_it(trial: Trial, spec: ServiceSpec) -> None:
    at = f"{trial.stack.region}:{trial.stack.account_id}"
    own = f"ekyc-{spec.service}-tick"
    forbidden = {
        "iam:PutRolePolicy": f"arn:aws:iam::{trial.stack.account_id}:role/{own}",
        "iam:PassRole": f"arn:aws:iam::{trial.stack.account_id}:role/ekyc-deployer-tick",
        "lambda:UpdateFunctionCode": f"arn:aws:lambda:{at}:function:{own}",
        "lambda:InvokeFunction": f"arn:aws:lambda:{at}:function:ekyc-deployer-tick",
        "kms:ScheduleKeyDeletion": f"arn:aws:kms:{at}:key/any",
        "kms:PutKeyPolicy": f"arn:aws:kms:{at}:key/any",
        "scheduler:DeleteSchedule": f"arn:aws:scheduler:{at}:schedule/default/ekyc-deployer-tick",
        "logs:DeleteLogGroup": f"arn:aws:logs:{at}:log-group:/aws/lambda/{own}",
        "ssm:PutParameter": f"arn:aws:ssm:{at}:parameter/another/model/project-arn",
        "ssm:GetParameter": f"arn:aws:ssm:{at}:parameter/any",
        "secretsmanager:GetSecretValue": f"arn:aws:secretsmanager:{at}:secret:any",
    }
    for role in roles(trial, spec):
        allowed = [
            action for action, resource in forbidden.items() if simulated(trial, role, action, resource)
        ]
        assert allowed == [], role


def test_the_gateways_own_refusals_are_problems_as_all_others(trial: Trial) -> None:
    answer = httpx.post(f"{trial.stack.api}/api/training/urls", json={"jobId": 7})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert Problem.model_validate_json(answer.content).type == "urn:ekyc:problem:invalid-request"


@pytest.fixture(scope="module")
def signed_in(trial: Trial) -> ApiAuth:
    """The same deployment once it asks for tokens and serves the page; comes last, as it changes the rest."""
    # MiniStack spoils the scopes of a method that is updated: methods are made anew, and what stands on them.
    trial.made.terraform.destroy(*trial.made.arguments, "-target=module.api.aws_api_gateway_method.route")
    trial.made.terraform.apply(*trial.made.arguments, *SIGNED_IN)
    outputs = trial.made.terraform.outputs()
    return ApiAuth(
        kind="cognito",
        region=outputs["region"],
        token_url=f"{trial.stack.aws}/oauth2/token",
        client_id=outputs["sign_in"]["clients"]["programs"],
        scopes=tuple(outputs["sign_in"]["scopes"]),
    )


def test_without_a_token_or_with_a_made_up_one_nobody_gets_in(trial: Trial, signed_in: ApiAuth) -> None:
    assert signed_in.scopes == ("ekyc-api/read", "ekyc-api/write")
    jobs = f"{trial.stack.api}/api/training/list"
    for headers in ({}, {"Authorization": "Bearer made.up.token"}):
        answer = httpx.get(jobs, headers=headers)
        assert answer.status_code == 401
        assert Problem.model_validate_json(answer.content).type == "urn:ekyc:problem:not-authenticated"
    assert httpx.get(f"{trial.stack.api}/api/health").status_code == 200


def test_a_program_gets_in_with_its_secret_and_changes_nothing_without_the_scope(
    trial: Trial, signed_in: ApiAuth
) -> None:
    pool = trial.made.terraform.outputs()["sign_in"]["user_pool_id"]
    client = clients(trial.stack)("cognito-idp").describe_user_pool_client(
        UserPoolId=pool, ClientId=signed_in.client_id
    )["UserPoolClient"]
    secret = client["ClientSecret"]
    with PipelineApi(trial.stack.api, auth=ClientToken(signed_in, secret)) as api:
        assert api.create(CreateTrainingJob(), idempotency_key="signed-in").job_id
        assert len(api.jobs().jobs) >= 1
    reading = signed_in.model_copy(update={"scopes": ("ekyc-api/read",)})
    with PipelineApi(trial.stack.api, auth=ClientToken(reading, secret)) as api:
        assert len(api.jobs().jobs) >= 1
        with pytest.raises(ApiError) as caught:
            api.create(CreateTrainingJob(), idempotency_key="may-not")
        assert caught.value.status in (401, 403)


def test_the_page_stands_with_its_files_and_the_client_that_it_signs_in_as(
    trial: Trial, signed_in: ApiAuth
) -> None:
    outputs = trial.made.terraform.outputs()
    s3, bucket = clients(trial.stack)("s3"), f"ekyc-console-{trial.stack.account_id}-{trial.stack.region}"
    stored = {
        key: s3.get_object(Bucket=bucket, Key=key)
        for key in ("index.html", "icon.svg", "assets/index-abc123.js", "config.json")
    }
    assert stored["index.html"]["CacheControl"] == "no-cache"
    assert "immutable" in stored["assets/index-abc123.js"]["CacheControl"]
    told = json.loads(stored["config.json"]["Body"].read())
    client = clients(trial.stack)("cognito-idp").describe_user_pool_client(
        UserPoolId=outputs["sign_in"]["user_pool_id"], ClientId=told["signIn"]["clientId"]
    )["UserPoolClient"]
    assert client["CallbackURLs"] == [f"{outputs['console_url']}/"]
    assert "ClientSecret" not in client
    assert set(told["signIn"]["scopes"]) == {"openid", "email", *signed_in.scopes}


@pytest.mark.usefixtures("signed_in")
def test_cloudfront_has_the_page_and_the_api_behind_one_address(trial: Trial) -> None:
    address = trial.made.terraform.outputs()["console_url"]
    cloudfront = clients(trial.stack)("cloudfront")
    (found,) = (
        item
        for item in cloudfront.list_distributions()["DistributionList"]["Items"]
        if f"https://{item['DomainName']}" == address
    )
    config = cloudfront.get_distribution_config(Id=found["Id"])["DistributionConfig"]
    assert {origin["Id"] for origin in config["Origins"]["Items"]} == {"page", "api"}
    assert {item["PathPattern"] for item in config["CacheBehaviors"]["Items"]} == {"/api/*", "/openapi.json"}
    cors = clients(trial.stack)("s3").get_bucket_cors(Bucket=trial.stack.bucket)["CORSRules"]
    assert any(address in rule["AllowedOrigins"] and "PUT" in rule["AllowedMethods"] for rule in cors)


@pytest.mark.usefixtures("signed_in")
def test_a_second_plan_of_the_page_changes_nothing(trial: Trial) -> None:
    changes = trial.made.terraform.changes(*trial.made.arguments, *SIGNED_IN)
    assert [change for change in changes if not is_misread(change)] == []


def clients(stack: Stack) -> Clients:
    endpoint = Endpoint(stack.aws, stack.region)
    make_client: Any = endpoint.session.client  # its overloads know no names that come at run time
    return lambda service: make_client(service, endpoint_url=endpoint.url, config=endpoint.config)


def roles(trial: Trial, spec: ServiceSpec) -> list[str]:
    return [f"{trial.stack.prefix}-{spec.service}-{function}" for function in spec.functions]


def as_role(stack: Stack, role: str) -> Clients:
    """Give clients with nothing but the rights of a role."""
    endpoint = Endpoint(stack.aws, stack.region)
    taken = clients(stack)("sts").assume_role(
        RoleArn=f"arn:aws:iam::{stack.account_id}:role/{role}", RoleSessionName="trial"
    )["Credentials"]
    session = boto3.Session(
        taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"], region_name=stack.region
    )
    make_client: Any = session.client
    return lambda service: make_client(service, endpoint_url=endpoint.url, config=endpoint.config)


def refused(call: Callable[..., Any], **members: Any) -> None:
    """Make a call that must be refused for want of rights, and for nothing else."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    assert caught.value.response["Error"]["Code"] in DENIED, caught.value


def simulated(trial: Trial, role: str, action: str, resource: str) -> bool:
    answer = clients(trial.stack)("iam").simulate_principal_policy(
        PolicySourceArn=f"arn:aws:iam::{trial.stack.account_id}:role/{role}",
        ActionNames=[action],
        ResourceArns=[resource],
    )
    (result,) = answer["EvaluationResults"]
    return bool(result["EvalDecision"] == "allowed")


def _resource_of(trial: Trial, action: str, prefix: str) -> str:
    place = f"{trial.stack.region}:{trial.stack.account_id}"
    if action.startswith("sagemaker:"):
        return f"arn:aws:sagemaker:{place}:labeling-job/{prefix}-job-1"
    return f"arn:aws:rekognition:{place}:project/{prefix}-job/version/1/1"
