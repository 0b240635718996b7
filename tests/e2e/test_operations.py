"""What the operator's manual promises, tried on a stack: dead letters, the doctor, the operator's rights."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.config import Config, DeployedAs, config_path, save_config
from local.stack import Stack, endpoint_variables
from tests.cli.conftest import Cli, Ran
from tests.e2e.conftest import Photographs
from tests.e2e.pipeline import Pipeline
from tests.support.builders import TRACEPARENT, dataset_ready
from tests.support.waiting import wait_until

pytestmark = pytest.mark.e2e

TRACE = TRACEPARENT.split("-")[1]


@pytest.fixture
def ekyc(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line in a folder whose local stack is the one under test."""
    (tmp_path / ".local").mkdir()
    stack.write(tmp_path / ".local" / "stack.json")
    monkeypatch.chdir(tmp_path)
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "EKYC_API_URL": None, "COLUMNS": "200"}
    return Cli(tmp_path, environment)


@dataclass
class Impatient:
    """A queue that gives a message up after two receives three seconds apart, for as long as a test lasts."""

    sqs: Any
    name: str
    before: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return str(self.sqs.get_queue_url(QueueName=self.name)["QueueUrl"])

    def send(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def dead(self) -> int:
        url = self.sqs.get_queue_url(QueueName=f"{self.name}-dlq")["QueueUrl"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def make_impatient(self) -> None:
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        self.before = {name: attributes[name] for name in ("VisibilityTimeout", "RedrivePolicy")}
        policy = json.loads(attributes["RedrivePolicy"]) | {"maxReceiveCount": 2}
        changed = {"VisibilityTimeout": "3", "RedrivePolicy": json.dumps(policy)}
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes=changed)

    def make_patient(self) -> None:
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes=self.before)

    def restore(self) -> None:
        self.make_patient()
        self.sqs.purge_queue(QueueUrl=self.sqs.get_queue_url(QueueName=f"{self.name}-dlq")["QueueUrl"])


@pytest.fixture
def impatient(stack: Stack, aws: Callable[[str], Any]) -> Iterator[Callable[[str], Impatient]]:
    """Make the queue of a service impatient."""
    made: list[Impatient] = []

    def make(service: str) -> Impatient:
        queue = Impatient(aws("sqs"), f"{stack.prefix}-{service}")
        queue.make_impatient()
        made.append(queue)
        return queue

    yield make
    for queue in made:
        queue.restore()


def test_a_dead_letter_is_shown_with_its_reason_given_back_and_put_away(
    ekyc: Cli, impatient: Callable[[str], Impatient]
) -> None:
    trainer = impatient("trainer")
    event = json.loads(dataset_ready().to_json()) | {"type": "ekyc.dataset.ready.v9"}
    trainer.send(json.dumps(event))
    trainer.send("{no json")
    wait_until(trainer.dead, lambda count: count == 2, seconds=30)

    listed = {queue["service"]: queue for queue in ekyc("ops", "dlq", "list", "--json").json["queues"]}
    assert listed["trainer"]["messages"] == 2
    assert listed["trainer"]["oldestSeconds"] < 60

    of_an_event, of_no_json = shown(ekyc)
    assert of_an_event["jobId"] == event["subject"]
    assert of_an_event["correlationId"] == of_an_event["why"]["correlationId"] == TRACE
    assert of_an_event["why"]["reason"] == "unknown event type 'ekyc.dataset.ready.v9'"
    assert of_an_event["why"]["toldBy"] == "service"
    assert of_no_json["type"] is None
    assert of_no_json["why"]["errorType"] == "JSONDecodeError"
    assert [letter["messageId"] for letter in shown(ekyc)] == [
        of_an_event["messageId"],
        of_no_json["messageId"],
    ]

    asked = ekyc("ops", "doctor", "--json")
    assert asked.exit_code == 1
    assert checks(asked)["dead-letters"]["findings"] == ["trainer: 2 dead; ekyc ops dlq show trainer"]

    one = ekyc("ops", "dlq", "redrive", "trainer", "--message", of_an_event["messageId"], "--json")
    assert one.json["redriven"] == 1
    wait_until(trainer.dead, lambda count: count == 2, seconds=30)
    assert ekyc("ops", "dlq", "redrive", "trainer", "--json").json == {
        "service": "trainer",
        "redriven": 2,
        "done": True,
    }
    wait_until(trainer.dead, lambda count: count == 2, seconds=30)

    kept = ekyc.folder / "kept.jsonl"
    assert ekyc("ops", "dlq", "discard", "trainer", "--to", kept, "--json").json["discarded"] == 2
    assert {json.loads(line)["body"] for line in kept.read_text().splitlines()} == {
        json.dumps(event),
        "{no json",
    }
    assert trainer.dead() == 0


@pytest.fixture
def labelling_without_sense(stack: Stack, aws: Callable[[str], Any]) -> Iterator[Callable[[], None]]:
    """Break labelling's environment; gives what repairs it."""
    functions, name = aws("lambda"), f"{stack.prefix}-labelling-events"
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def set_environment(variables: dict[str, str]) -> None:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
        functions.get_waiter("function_updated_v2").wait(FunctionName=name)

    set_environment(before | {"LABELLING_DEADLINE_DAYS": "nonsense"})
    yield lambda: set_environment(before)
    set_environment(before)


def test_what_died_of_a_broken_deployment_is_handled_once_that_is_repaired(
    ekyc: Cli, impatient: Callable[[str], Impatient], labelling_without_sense: Callable[[], None]
) -> None:
    labelling = impatient("labelling")
    arn = "arn:aws:sagemaker:eu-west-1:000000000000:labeling-job/ekyc-01m81h5swf60rk4csm6mv3ee1s-1"
    notice = {
        "detail-type": "SageMaker Ground Truth Labeling Job State Change",
        "resources": [arn],
        "detail": {"LabelingJobStatus": "Completed"},
    }
    labelling.send(json.dumps(notice))
    wait_until(labelling.dead, lambda count: count == 1, seconds=60)

    [letter] = shown(ekyc, "labelling")
    assert letter["jobId"] == "01m81h5swf60rk4csm6mv3ee1s"
    assert "LABELLING_DEADLINE_DAYS" in letter["why"]["reason"]
    assert letter["why"]["toldBy"] == "guess"

    labelling_without_sense()
    labelling.make_patient()  # a busy machine starts the repaired function in more than three seconds
    assert ekyc("ops", "dlq", "redrive", "labelling", "--json").json["redriven"] == 1
    wait_until(lambda: counts(labelling), lambda count: count == 0, seconds=30)
    assert labelling.dead() == 0


def test_the_doctor_names_a_queue_that_nobody_reads_and_a_clock_that_stands_still(
    ekyc: Cli, stack: Stack, aws: Callable[[str], Any]
) -> None:
    functions, scheduler = aws("lambda"), aws("scheduler")
    arn = f"arn:aws:sqs:{stack.region}:{stack.account_id}:{stack.prefix}-trainer"
    [mapping] = functions.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
    schedule = scheduler.get_schedule(Name=f"{stack.prefix}-deployer-tick")
    given = {name: schedule[name] for name in ("Name", "ScheduleExpression", "Target", "FlexibleTimeWindow")}
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    scheduler.update_schedule(**given, State="DISABLED")
    try:
        found = checks(ekyc("ops", "doctor", "--json"))
    finally:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
        scheduler.update_schedule(**given, State="ENABLED")
    assert any("trainer: nobody reads the queue" in finding for finding in found["queues"]["findings"])
    assert any(
        "deployer-tick: its schedule is switched off" in told for told in found["watchers"]["findings"]
    )
    wait_until(
        lambda: checks(ekyc("ops", "doctor", "--json")),
        lambda now: now["queues"]["state"] == now["watchers"]["state"] == "ok",
        seconds=20,
    )


def test_the_doctor_knows_what_a_model_costs_and_which_one_nobody_will_stop(
    ekyc: Cli,
    pipeline: Pipeline,
    photographs: Photographs,
    aws: Callable[[str], Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    images = photographs.named("ops", 24, tmp_path_factory.mktemp("ops"))
    pipeline.annotate(images.coco)
    job_id = pipeline.create(name="operations", labels=["passport", "id-card", "driving-licence"])
    pipeline.upload(job_id, images.files)
    pipeline.start(job_id)
    pipeline.wait_for(job_id, "RUNNING")

    [model] = [model for model in models(ekyc) if model["jobId"] == job_id]
    assert (model["status"], model["dollarsPerHour"], model["known"]) == ("RUNNING", 4.0, True)

    table = f"{pipeline.stack.prefix}-deployer"
    row = aws("dynamodb").get_item(TableName=table, Key={"job_id": {"S": job_id}})["Item"]
    aws("dynamodb").delete_item(TableName=table, Key={"job_id": {"S": job_id}})
    asked = ekyc("ops", "doctor", "--json")
    aws("dynamodb").put_item(TableName=table, Item=row)
    assert asked.exit_code == 1
    [finding] = [told for told in checks(asked)["models"]["findings"] if job_id in told]
    assert "no job knows it" in finding
    assert model["projectVersionArn"] in finding

    assert ekyc("model", "stop", job_id, "--wait").exit_code == 0
    assert job_id not in [model["jobId"] for model in models(ekyc)]


@pytest.fixture
def operator(stack: Stack, ekyc: Cli, aws: Callable[[str], Any]) -> Iterator[Cli]:
    """The command line far from the stack's folder, with the rights of the manual's policy and no others."""
    manual = Path(__file__).parents[2].joinpath("docs", "operations.md").read_text(encoding="utf-8")
    [policy] = re.findall(r"```json\n(\{\n  \"Version\".*?)```", manual, re.DOTALL)
    for name, value in {
        "REGION": stack.region,
        "ACCOUNT": stack.account_id,
        "PREFIX": stack.prefix,
        "KEY": "*",
    }.items():
        policy = policy.replace(f":{name}:", f":{value}:").replace(f"/{name}", f"/{value}")
        policy = policy.replace(f"{name}-", f"{value}-")
    iam, user = aws("iam"), f"{stack.prefix}-operator-{time.time_ns()}"
    iam.create_user(UserName=user)
    iam.put_user_policy(UserName=user, PolicyName="operator", PolicyDocument=policy)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    (ekyc.folder / ".local" / "stack.json").unlink()
    deployed = DeployedAs(region=stack.region, name_prefix=stack.prefix)
    environment = {name: value for name, value in ekyc.env.items() if value is not None}
    save_config(config_path(environment), Config(api=stack.api, deployed=deployed))
    ekyc.env |= {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        **endpoint_variables(stack.aws, stack.simulator, stack.elsewhere),
        "AWS_PROFILE": None,
        "NO_PROXY": "127.0.0.1",
    }
    yield ekyc
    iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=user, PolicyName="operator")
    iam.delete_user(UserName=user)


def test_the_manuals_policy_is_enough_for_every_command(
    operator: Cli, impatient: Callable[[str], Impatient], aws: Callable[[str], Any]
) -> None:
    trainer = impatient("trainer")
    trainer.send("{no json")
    wait_until(trainer.dead, lambda count: count == 1, seconds=30)
    assert checks(operator("ops", "doctor", "--json"))["dead-letters"]["state"] == "attention"
    unknown = [
        check for check in checks(operator("ops", "doctor", "--json")).values() if check["state"] == "unknown"
    ]
    assert unknown == []
    assert operator("ops", "dlq", "list").exit_code == 0
    [letter] = shown(operator)
    assert letter["why"]["errorType"] == "JSONDecodeError"
    assert operator("ops", "dlq", "redrive", "trainer", "--message", letter["messageId"]).exit_code == 0
    wait_until(trainer.dead, lambda count: count == 1, seconds=30)
    assert operator("ops", "dlq", "discard", "trainer", "--to", operator.folder / "kept").exit_code == 0
    assert trainer.dead() == 0


@pytest.mark.not_on("LocalStack")
def test_without_rights_the_doctor_says_that_it_could_not_look(
    operator: Cli, aws: Callable[[str], Any]
) -> None:
    iam = aws("iam")
    key = str(operator.env["AWS_ACCESS_KEY_ID"])
    [user] = [
        user["UserName"]
        for user in iam.list_users()["Users"]
        if key in json.dumps(iam.list_access_keys(UserName=user["UserName"]), default=str)
    ]
    nothing = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": ["sqs:*", "logs:*"], "Resource": "*"}],
    }
    iam.put_user_policy(UserName=user, PolicyName="nothing", PolicyDocument=json.dumps(nothing))
    try:
        asked = operator("ops", "doctor", "--json")
        assert operator("ops", "dlq", "list").exit_code == 1
    finally:
        iam.delete_user_policy(UserName=user, PolicyName="nothing")
    assert asked.exit_code == 4
    found = checks(asked)
    assert {name for name, check in found.items() if check["state"] == "unknown"} == {
        "queues",
        "dead-letters",
        "watchers",
    }
    assert "AccessDenied" in found["queues"]["error"]


def shown(ekyc: Cli, service: str = "trainer") -> list[dict[str, Any]]:
    """What `show` tells once the logs have arrived, the readable first."""

    def look() -> list[dict[str, Any]]:
        return list(ekyc("ops", "dlq", "show", service, "--json").json["messages"])

    messages = wait_until(look, lambda seen: all(message["why"] for message in seen), seconds=15)
    return sorted(messages, key=lambda message: message["type"] is None)


def checks(asked: Ran) -> dict[str, dict[str, Any]]:
    return {check["check"]: check for check in asked.json["checks"]}


def models(ekyc: Cli) -> list[dict[str, Any]]:
    return list(checks(ekyc("ops", "doctor", "--json"))["models"]["facts"])


def counts(queue: Impatient) -> int:
    attributes = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"]) + int(
        attributes["ApproximateNumberOfMessagesNotVisible"]
    )
