"""The configuration as text, and what Terraform itself says of it."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from contracts.events import EVENTS, event_type
from local.stack import ROOT
from tests.terraform.mocked import Made, Runs
from tools.terraform import Terraform

FILES = sorted((ROOT / "terraform").rglob("*.tf"))
MODULES = sorted({file.parent for file in FILES})


def test_it_is_formatted(configuration: Terraform) -> None:
    assert configuration.run("fmt", "-check", "-recursive") == ""


def test_it_is_valid(configuration: Terraform) -> None:
    assert "valid" in configuration.run("validate")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_has_the_known_files(module: Path) -> None:
    assert {"main.tf", "variables.tf", "outputs.tf", "versions.tf"} <= {
        file.name for file in module.glob("*.tf")
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_variable_has_a_type_and_every_variable_and_output_a_description(module: Path) -> None:
    for name, needed in (("variables.tf", ("type", "description")), ("outputs.tf", ("description",))):
        blocks = re.split(r'(?m)^(?=(?:variable|output) ")', (module / name).read_text())[1:]
        assert blocks or name == "outputs.tf"
        for block in blocks:
            for attribute in needed:
                assert re.search(rf"(?m)^  {attribute} +=", block), block


def test_every_skipped_check_has_its_reason() -> None:
    skips = [line for file in FILES for line in file.read_text().splitlines() if "checkov:skip" in line]
    assert skips
    assert all(re.fullmatch(r"  #checkov:skip=CKV2?_AWS_\d+: .{20,}", line) for line in skips)


def test_nothing_of_a_state_or_a_lock_is_committed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "terraform"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [
        file for file in listed if "tfstate" in file or file.endswith((".terraform.lock.hcl", ".tfplan"))
    ]


def test_what_is_refused_is_refused_and_what_is_let_through_passes(runs: Runs) -> None:
    assert len(runs.outcomes) >= 20
    assert {name: outcome for name, outcome in runs.outcomes.items() if outcome != "pass"} == {}


def test_everything_bears_the_prefix(made: Made) -> None:
    for kind in (
        "aws_lambda_function",
        "aws_sqs_queue",
        "aws_dynamodb_table",
        "aws_iam_role",
        "aws_sns_topic",
    ):
        for resource in made.of(kind):
            name = resource.values.get("name") or resource.values["function_name"]
            assert name.startswith("ekyc-"), resource.address


def test_two_prefixes_share_no_name(runs: Runs) -> None:
    one, other = (names(runs.made[run]) for run in ("with_the_defaults", "with_everything_that_is_optional"))
    assert len(one) > 30
    assert {name for name in one & other if not name.startswith("API-Gateway-Execution-Logs_")} == set()


def names(made: Made) -> set[str]:
    kinds = (
        "aws_sqs_queue",
        "aws_dynamodb_table",
        "aws_iam_role",
        "aws_sns_topic",
        "aws_cloudwatch_log_group",
        "aws_scheduler_schedule",
    )
    return {name for kind in kinds for name in made.named(kind)}


def test_a_firewall_and_a_domain_come_only_when_asked_for(runs: Runs) -> None:
    with_all = runs.made["with_everything_that_is_optional"]
    plain = runs.made["with_the_defaults"]
    for kind in (
        "aws_wafv2_web_acl_association",
        "aws_wafv2_web_acl_logging_configuration",
        "aws_api_gateway_domain_name",
        "aws_route53_record",
        "aws_budgets_budget",
        "aws_s3_bucket_logging",
    ):
        assert (len(plain.of(kind)), len(with_all.of(kind))) == (0, 1), kind


def test_scheduled_rules_stand_in_for_the_scheduler(runs: Runs) -> None:
    rules = runs.made["with_rules_instead_of_the_scheduler_and_no_alarm_about_models"]
    clocks = {
        item.values["name"]
        for item in rules.of("aws_cloudwatch_event_rule")
        if item.values["schedule_expression"]
    }
    schedules = {item.values["name"] for item in runs.made["with_the_defaults"].of("aws_scheduler_schedule")}
    assert clocks == schedules
    assert not rules.of("aws_scheduler_schedule")
    assert {item.values["function_name"] for item in rules.of("aws_lambda_permission")} >= clocks


def test_what_the_topic_cannot_hand_over_becomes_a_dead_letter(made: Made) -> None:
    subscriptions = {
        item.address.split('"')[1]: item.values for item in made.of("aws_sns_topic_subscription")
    }
    assert len(subscriptions) >= 5
    for service, values in subscriptions.items():
        if values["protocol"] == "sqs":
            target = f"arn:aws:sqs:eu-west-1:123456789012:ekyc-{service}-dlq"
            assert json.loads(values["redrive_policy"] or "null") == {"deadLetterTargetArn": target}, service


@pytest.mark.parametrize(
    "run", ["with_the_defaults", "with_rules_instead_of_the_scheduler_and_no_alarm_about_models"]
)
def test_a_tick_that_failed_is_not_repeated(runs: Runs, run: str) -> None:
    made = runs.made[run]
    calls = made.named("aws_lambda_function_event_invoke_config", "function_name")
    assert set(calls) == {
        name for name in made.named("aws_lambda_function", "function_name") if name.endswith("-tick")
    }
    for values in calls.values():
        assert (values["maximum_retry_attempts"], values["maximum_event_age_in_seconds"]) == (0, 60)


@pytest.mark.parametrize(
    ("run", "team"),
    [
        ("with_the_defaults", True),
        ("with_people_labelling_on_the_page_there_is_no_work_team", False),
        ("with_the_page_by_default_and_a_work_team_all_the_same", True),
        ("with_a_work_team_of_ones_own_the_user_pool_is_told_all_the_same", False),
    ],
)
def test_a_work_team_is_made_only_where_it_is_needed(runs: Runs, run: str, team: bool) -> None:
    made = runs.made[run]
    for kind in ("aws_sagemaker_workforce", "aws_sagemaker_workteam", "aws_cognito_user_group"):
        found = [item for item in made.of(kind) if "labelling" in item.address]
        assert len(found) == int(team), kind


def test_without_a_work_team_labelling_is_told_of_none(runs: Runs) -> None:
    made = runs.made["with_people_labelling_on_the_page_there_is_no_work_team"]
    functions = made.named("aws_lambda_function", "function_name")
    variables = functions["ekyc-labelling-events"]["environment"][0]["variables"]
    assert "WORKTEAM_ARN" not in variables
    assert all(variables.values())
    for item in made.of("aws_iam_role_policy"):
        for statement in json.loads(item.values["policy"])["Statement"]:
            assert all(statement["Resource"]), item.address


def test_every_method_needs_a_token_but_those_that_are_open(made: Made) -> None:
    methods = made.of("aws_api_gateway_method")
    by_authorization = {authorization: set[str]() for authorization in ("COGNITO_USER_POOLS", "NONE")}
    for method in methods:
        by_authorization[method.values["authorization"]].add(method.address.split('"')[1])
        scopes = method.values["authorization_scopes"] or []
        wanted = "read" if method.values["http_method"] == "GET" else "write"
        assert scopes == ([] if method.values["authorization"] == "NONE" else [f"ekyc-api/{wanted}"])
    assert by_authorization["NONE"] == {"GET /api/health", "GET /openapi.json"}
    assert len(by_authorization["COGNITO_USER_POOLS"]) >= 9


def test_a_body_that_must_be_there_is_checked_by_a_schema_that_stands_alone(made: Made) -> None:
    models = made.named("aws_api_gateway_model")
    assert set(models) == {"Answer", "AssignTask", "TryModel", "UploadUrlsRequest"}
    for model in models.values():
        assert "#/components/" not in model["schema"]
        assert '"$schema":"http://json-schema.org/draft-04/schema#"' in model["schema"]


def test_alarms_look_at_what_is_there(made: Made) -> None:
    functions = set(made.named("aws_lambda_function", "function_name"))
    queues = set(made.named("aws_sqs_queue"))
    for alarm in made.of("aws_cloudwatch_metric_alarm"):
        dimensions = alarm.values["dimensions"] or {}
        assert dimensions.get("FunctionName") in {None, *functions}, alarm.address
        assert dimensions.get("QueueName") in {None, *queues}, alarm.address
    watched = {
        alarm.values["dimensions"]["service"]
        for alarm in made.of("aws_cloudwatch_metric_alarm")
        if alarm.values["metric_name"] == "TickCompleted"
    }
    ticking = {
        item.values["name"].removeprefix("ekyc-").removesuffix("-tick")
        for item in made.of("aws_scheduler_schedule")
    }
    assert watched == ticking


def test_what_dashboard_and_alarms_look_for_is_what_the_code_writes(made: Made) -> None:
    code = "".join(
        path.read_text() for folder in ("runtime", "services") for path in (ROOT / folder).rglob("*.py")
    )
    (dashboard,) = made.of("aws_cloudwatch_dashboard")
    body = dashboard.values["dashboard_body"]
    own = {
        alarm.values["metric_name"]
        for alarm in made.of("aws_cloudwatch_metric_alarm")
        if alarm.values["namespace"] == "ekyc"
    }
    named = own | set(re.findall(r"""ekyc,service[^}]*} MetricName=\\+"(\w+)""", body))
    counted = {"TickCompleted", "MessageFailed", "LookFailed", "TriedInVain", "StageFailed"}
    assert named == counted | {"ModelRunningHours"}
    assert counted == {name for name in named if f'count("{name}"' in code}
    assert 'level("ModelRunningHours"' in code
    assert 'logger.info("event received")' in code
    assert set(re.findall(r"ekyc\.[a-z.-]+\.v\d", body)) <= {event_type(event) for event in EVENTS}
