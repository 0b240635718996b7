"""The small service on a MiniStack of its own: what was asked for stands, and works."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.clients import Endpoint
from local.deploy import Deployed
from local.output import print_stack
from local.ports import PortInUseError, choose_port
from local.stack import ROOT, LocalStack, Options, Stack
from tests.local.echo_service import MANIFEST
from tests.support.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def stack(local_stack: LocalStack) -> Stack:
    return Stack.read(local_stack.file)


@pytest.fixture
def aws(stack: Stack) -> Callable[[str], Any]:
    endpoint = Endpoint(stack.aws, stack.region)

    def client(service: str) -> Any:
        return endpoint.session.client(service, endpoint_url=endpoint.url, config=endpoint.config)  # type: ignore[call-overload] # any service

    return client


@pytest.fixture
def kept(aws: Callable[[str], Any]) -> Callable[[str], list[str]]:
    """Read what the small service kept: `kept("tick")`."""

    def read(item: str) -> list[str]:
        found = aws("dynamodb").query(
            TableName="ekyc-echo-box",
            KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": item}},
        )
        return [row["part"]["S"] for row in found["Items"]]

    return read


def everything_heard(aws: Callable[[str], Any]) -> list[str]:
    rows = aws("dynamodb").scan(TableName="ekyc-echo-box")["Items"]
    return [row["part"]["S"] for row in rows if row["id"]["S"] != "tick"]


def ask(stack: Stack, method: str, path: str) -> Any:
    request = urllib.request.Request(stack.api + path, method=method)  # noqa: S310 - our own loopback address
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


def test_routes_reach_the_function(stack: Stack) -> None:
    assert ask(stack, "GET", "/api/echo")["path"] == "/api/echo"
    told = ask(stack, "POST", "/api/echo/7/again")
    assert (told["method"], told["path"]) == ("POST", "/api/echo/7/again")


def test_a_function_inherits_nothing_from_the_person_who_started_the_stack(stack: Stack) -> None:
    environment = ask(stack, "GET", "/api/echo")["environment"]
    assert environment["TABLE_NAME"] == "ekyc-echo-box"
    assert environment["AWS_ENDPOINT_URL"] == stack.aws
    assert environment["AWS_ENDPOINT_URL_SAGEMAKER"] == stack.simulator
    assert environment["AWS_REGION"] == "eu-west-1"
    assert not {"AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "PYTHONPATH", "VIRTUAL_ENV"} & set(
        environment
    )


def test_a_function_may_do_what_its_service_asks_for_and_no_more(stack: Stack) -> None:
    told = ask(stack, "POST", "/api/echo/7/again")
    assert told["refused"] == "AccessDeniedException"  # it asks for PutItem and Query, not for DeleteItem


def test_an_event_reaches_those_who_subscribed_to_its_type(stack: Stack, aws: Callable[[str], Any]) -> None:
    topic = f"arn:aws:sns:{stack.region}:{stack.account_id}:{stack.prefix}-events"
    for kind, body in (("test.other.happened.v1", "not for us"), ("test.thing.happened.v1", "for us")):
        aws("sns").publish(
            TopicArn=topic,
            Message=body,
            MessageAttributes={"type": {"DataType": "String", "StringValue": kind}},
        )
    heard = wait_until(lambda: everything_heard(aws), lambda bodies: "for us" in bodies, seconds=30)
    assert "not for us" not in heard


def test_what_is_not_handed_over_is_kept_and_a_tick_is_not_repeated(
    stack: Stack, aws: Callable[[str], Any]
) -> None:
    topic = f"arn:aws:sns:{stack.region}:{stack.account_id}:{stack.prefix}-events"
    (subscription,) = aws("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    attributes = aws("sns").get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])[
        "Attributes"
    ]
    kept = {"deadLetterTargetArn": f"{subscription['Endpoint']}-dlq"}
    assert json.loads(attributes["RedrivePolicy"]) == kept
    calls = aws("lambda").get_function_event_invoke_config(FunctionName="ekyc-echo-box-tick")
    assert (calls["MaximumRetryAttempts"], calls["MaximumEventAgeInSeconds"]) == (0, 60)


def test_an_event_of_sagemakers_reaches_the_queue_of_its_rule(aws: Callable[[str], Any]) -> None:
    answer = aws("events").put_events(
        Entries=[{"Source": "aws.sagemaker", "DetailType": "Noise", "Detail": '{"loud": true}'}]
    )
    assert answer["FailedEntryCount"] == 0
    heard = wait_until(
        lambda: everything_heard(aws), lambda bodies: any('"loud"' in body for body in bodies), seconds=30
    )
    (event,) = (json.loads(body) for body in heard if '"loud"' in body)
    assert event["source"] == "aws.sagemaker"
    assert event["detail"] == {"loud": True}


def test_the_clock_ticks_every_second_or_so(kept: Callable[[str], list[str]]) -> None:
    before = len(kept("tick"))
    wait_until(lambda: len(kept("tick")), lambda count: count >= before + 3, seconds=20)


def test_deploying_again_changes_nothing(
    local_stack: LocalStack, options: Options, aws: Callable[[str], Any], stack: Stack
) -> None:
    modified = aws("lambda").get_function_configuration(FunctionName="ekyc-echo-box-api")["LastModified"]
    again, deployed = local_stack.up(options)
    assert deployed.changes == 0
    assert again == stack
    assert (
        aws("lambda").get_function_configuration(FunctionName="ekyc-echo-box-api")["LastModified"] == modified
    )


def test_a_changed_service_is_brought_up_to_date(
    local_stack: LocalStack,
    options: Options,
    make_services: Callable[..., Path],
    aws: Callable[[str], Any],
    stack: Stack,
) -> None:
    manifest = MANIFEST.replace("timeout: 7", "timeout: 8")
    manifest = manifest.replace("[test.thing.happened.v1]", "[test.thing.happened.v1, test.more.happened.v1]")
    manifest = manifest.replace("POST /api/echo/{id}/again", "PUT /api/echo/{id}/once")
    manifest = manifest.replace("${prefix}-red", "${prefix}-blue").replace(
        "dynamodb:Query]", "dynamodb:GetItem]"
    )
    try:
        _, deployed = local_stack.up(replace(options, services=make_services(manifest)))
        # Three functions' environment, three roles, the queue's visibility, the filter, and the API.
        assert deployed.changes == 9
        assert ask(stack, "PUT", "/api/echo/7/once")["environment"]["COLOUR"] == "ekyc-blue"
        url = aws("sqs").get_queue_url(QueueName="ekyc-echo-box")["QueueUrl"]
        attributes = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        assert attributes["Attributes"]["VisibilityTimeout"] == "68"
        with pytest.raises(urllib.error.HTTPError):
            ask(stack, "POST", "/api/echo/7/again")
    finally:
        local_stack.up(options)


def test_the_bucket_is_private_versioned_and_encrypted(stack: Stack, aws: Callable[[str], Any]) -> None:
    s3 = aws("s3")
    assert all(s3.get_public_access_block(Bucket=stack.bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_versioning(Bucket=stack.bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(Bucket=stack.bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert len(s3.get_bucket_cors(Bucket=stack.bucket)["CORSRules"]) == 2


def test_status_and_logs_tell_what_runs_and_what_was_written(local_stack: LocalStack) -> None:
    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "local", "--folder", str(local_stack.folder), *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout

    assert run("status").count(", http://127.0.0.1:") == 3
    written = wait_until(lambda: run("logs", "echo-box-tick"), lambda text: "tick" in text, seconds=30)
    assert "echo-box-api" not in written
    assert str(local_stack.folder / "log" / "ministack.log") in written


def test_a_used_port_is_told_with_the_way_out(local_stack: LocalStack) -> None:
    record = local_stack.ministack.record()
    assert record is not None
    with pytest.raises(PortInUseError, match=r"port \d+, wanted for MiniStack, .* choose another with PORT="):
        choose_port(int(record.url.rsplit(":", 1)[1]), purpose="MiniStack", option="PORT")


def test_a_stack_can_be_deployed_to_what_answers_elsewhere(
    stack: Stack, tmp_path: Path, make_services: Callable[..., Path]
) -> None:
    other = LocalStack(tmp_path)
    try:
        made, deployed = other.up(
            Options(
                simulator_port=0,
                endpoint=stack.aws,
                simulator_endpoint=stack.simulator,
                services=make_services(),
            )
        )
        assert (made.aws, made.simulator) == (stack.aws, stack.simulator)
        assert deployed.changes == 0
        assert other.ministack.record() is None
        assert other.simulator.record() is None
    finally:
        other.down()


def ask_page(stack: Stack, path: str) -> str:
    assert stack.console is not None
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(stack.console + path) as answer:
        return str(answer.read().decode())


def test_the_page_and_the_api_are_at_one_address(stack: Stack) -> None:
    assert "<title>page</title>" in ask_page(stack, "/")
    assert json.loads(ask_page(stack, "/api/echo"))["path"] == "/api/echo"


def test_the_page_may_ask_for_what_pre_signed_urls_lead_to(stack: Stack, aws: Callable[[str], Any]) -> None:
    assert stack.console is not None
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(stack.console) as answer:
        policy = answer.headers["Content-Security-Policy"]
    url = aws("s3").generate_presigned_url("put_object", Params={"Bucket": stack.bucket, "Key": "images/x"})
    assert f"connect-src 'self' {'/'.join(url.split('/')[:3])};" in policy


def test_the_page_keeps_its_address_and_goes_when_it_is_left_out(
    local_stack: LocalStack, stack: Stack, options: Options, tmp_path: Path
) -> None:
    assert local_stack.up(options)[0].console == stack.console
    unbuilt = replace(options, console_files=tmp_path)
    assert local_stack.up(unbuilt)[0].console is None
    assert local_stack.console.record() is None
    assert local_stack.up(options)[0].console == stack.console


def test_a_page_that_is_not_built_is_left_out_with_the_way_to_it(
    local_stack: LocalStack, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    for console, said in ((None, "make console"), (stack.console, f"page       {stack.console}")):
        print_stack(local_stack, replace(stack, console=console), Deployed("x1", {}), 1.0)
        assert said in capsys.readouterr().out
