"""What should stand, from the services' own files: no AWS in sight."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.deployment import Deployment
from local.desired import desired_key, desired_resources, visibility_seconds
from local.resources import Policy, Resources
from local.service_spec import read_services
from local.stack import ROOT

KEY = "arn:aws:kms:eu-west-1:111122223333:key/k"
AT = Deployment(
    prefix="two",
    account="111122223333",
    architecture="arm64",
    key=KEY,
    endpoints={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
)


@pytest.fixture(scope="module")
def ours() -> Resources:
    return desired_resources(read_services(ROOT / "services"), AT)


@pytest.fixture(scope="module")
def small(make_services: Callable[..., Path]) -> Resources:
    return desired_resources(read_services(make_services()), AT)


def statements(policy: Policy | None) -> list[dict[str, Any]]:
    assert policy is not None
    found = policy["Statement"]
    assert isinstance(found, list)
    return found


def test_functions_are_named_after_service_and_function(ours: Resources) -> None:
    names = [function.name for function in ours.functions]
    assert len(set(names)) == len(names)
    assert "two-dataset-watcher-tick" in names
    assert all(name.startswith("two-") for name in names)


def test_a_function_finds_the_standard_variables(small: Resources) -> None:
    function = next(item for item in small.functions if item.name == "two-echo-box-events")
    assert function.environment == {
        "NAME_PREFIX": "two",
        "BUCKET": "two-111122223333-eu-west-1",
        "TOPIC_ARN": "arn:aws:sns:eu-west-1:111122223333:two-events",
        "TABLE_NAME": "two-echo-box",
        "CRUMBS_TABLE_NAME": "two-echo-box-crumbs",
        "CHECK_EVERY_SECONDS": "0",
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "echo-box",
        "POWERTOOLS_METRICS_NAMESPACE": "two",
        "COLOUR": "two-red",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }
    assert (function.runtime, function.architecture) == ("python3.13", "arm64")
    assert (function.timeout, function.memory, function.package) == (7, 128, "echo-box")


def test_a_service_may_have_further_tables(small: Resources) -> None:
    assert [table.name for table in small.tables] == ["two-echo-box", "two-echo-box-crumbs"]
    role = next(item for item in small.roles if item.name == "two-echo-box-events")
    resources = [resource for statement in statements(role.policy) for resource in statement["Resource"]]
    assert "arn:aws:dynamodb:eu-west-1:111122223333:table/two-echo-box-crumbs" in resources


def test_a_service_without_a_table_of_its_own_finds_the_shared_one(ours: Resources) -> None:
    watcher = next(item for item in ours.functions if item.package == "dataset-watcher")
    assert watcher.environment["TABLE_NAME"] == "two-dataset"
    assert "two-dataset-watcher" not in {table.name for table in ours.tables}
    role = next(item for item in ours.roles if item.name == "two-dataset-watcher-tick")
    resources = [resource for statement in statements(role.policy) for resource in statement["Resource"]]
    assert "arn:aws:dynamodb:eu-west-1:111122223333:table/two-dataset" in resources


@pytest.mark.parametrize(("timeout", "hidden"), [(7, 67), (30, 180), (60, 360), (300, 900), (900, 960)])
def test_a_message_is_hidden_for_longer_than_work_on_it_takes_but_not_for_hours(
    timeout: int, hidden: int
) -> None:
    assert visibility_seconds(timeout) == hidden


def test_a_message_dies_after_five_receives(small: Resources) -> None:
    dead, queue = small.queues
    assert queue.attributes["VisibilityTimeout"] == "67"
    assert queue.redrive == {"deadLetterTargetArn": dead.arn, "maxReceiveCount": 5}
    assert dead.redrive_allow == {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}
    assert dead.attributes["MessageRetentionPeriod"] == "1209600"
    assert {item.attributes["KmsMasterKeyId"] for item in small.queues} == {KEY}


def test_a_queue_takes_messages_from_its_topic_and_its_rules_alone(small: Resources) -> None:
    dead, queue = small.queues
    rule = "arn:aws:events:eu-west-1:111122223333:rule/two-echo-box-noise"
    senders = {
        statement["Principal"]["Service"]: statement["Condition"]["ArnEquals"]["aws:SourceArn"]
        for statement in statements(queue.policy)
    }
    assert senders == {"sns.amazonaws.com": AT.topic, "events.amazonaws.com": rule}
    # What either cannot hand over comes to the dead letters, from the same sender.
    assert [
        (statement["Principal"]["Service"], statement["Condition"]["ArnEquals"]["aws:SourceArn"])
        for statement in statements(dead.policy)
    ] == list(senders.items())


def test_what_the_topic_cannot_hand_over_becomes_a_dead_letter(ours: Resources) -> None:
    assert len(ours.subscriptions) >= 5
    for subscription in ours.subscriptions:
        assert subscription.dead_letters == f"{subscription.queue}-dlq"
        (dead,) = (queue for queue in ours.queues if queue.arn == subscription.dead_letters)
        allowed = [
            (item["Principal"], item["Action"], item["Resource"], item["Condition"])
            for item in statements(dead.policy)
        ]
        topic = {"ArnEquals": {"aws:SourceArn": AT.topic}}
        assert ({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", dead.arn, topic) in allowed


def test_a_tick_that_failed_is_not_repeated(ours: Resources) -> None:
    assert {calls.function for calls in ours.asynchronous_calls} == {item.name for item in ours.schedules}
    assert {(calls.retries, calls.max_age_seconds) for calls in ours.asynchronous_calls} == {(0, 60)}


def test_every_queue_hears_exactly_what_its_service_consumes(ours: Resources) -> None:
    heard = {subscription.queue: list(subscription.types) for subscription in ours.subscriptions}
    wanted = {
        AT.arn("sqs", f"two-{spec.service}"): spec.consumes
        for spec in read_services(ROOT / "services")
        if spec.consumes
    }
    assert heard == wanted


def test_ground_truths_events_reach_labelling(ours: Resources) -> None:
    (rule,) = ours.rules
    assert rule.name == "two-labelling-ground-truth"
    assert rule.pattern["source"] == ["aws.sagemaker"]
    assert rule.target == AT.arn("sqs", "two-labelling")
    assert rule.dead_letter == AT.arn("sqs", "two-labelling-dlq")


def test_each_function_has_a_role_with_exactly_its_statements(small: Resources) -> None:
    roles = {role.name: statements(role.policy) for role in small.roles}
    own = [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem", "dynamodb:Query"],
            "Resource": [
                "arn:aws:dynamodb:eu-west-1:111122223333:table/two-echo-box",
                "arn:aws:dynamodb:eu-west-1:111122223333:table/two-echo-box/index/*",
            ],
        },
        {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem"],
            "Resource": ["arn:aws:dynamodb:eu-west-1:111122223333:table/two-echo-box-crumbs"],
        },
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::two-111122223333-eu-west-1"],
            "Condition": {"StringLike": {"s3:prefix": ["images/*"]}},
        },
    ]
    assert roles["two-echo-box-api"][-3:] == own
    assert [item.get("Sid") for item in roles["two-echo-box-api"]] == ["Logs", "Traces", None, None, None]
    assert [item.get("Sid") for item in roles["two-echo-box-events"]] == [
        "Logs",
        "Traces",
        "Queue",
        None,
        None,
        None,
    ]
    (logs,) = (item["Resource"] for item in roles["two-echo-box-tick"] if item.get("Sid") == "Logs")
    assert logs == ["arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/two-echo-box-tick:*"]


def test_no_placeholder_is_left_anywhere(ours: Resources) -> None:
    assert "${" not in repr(ours)


def test_the_scheduler_may_call_the_functions_of_the_clock_and_no_others(ours: Resources) -> None:
    role = next(item for item in ours.roles if item.name == "two-scheduler")
    (statement,) = statements(role.policy)
    assert sorted(statement["Resource"]) == sorted(schedule.target for schedule in ours.schedules)
    assert all(target.endswith("-tick") for target in statement["Resource"])
    assert {schedule.expression for schedule in ours.schedules} == {"rate(1 minute)"}


def test_labelling_may_pass_the_role_that_is_made_for_ground_truth(ours: Resources) -> None:
    function = next(item for item in ours.functions if item.name == "two-labelling-events")
    assert function.environment["LABELLING_ROLE_ARN"] == AT.role_arn("two-ground-truth")
    role = next(item for item in ours.roles if item.name == "two-ground-truth")
    (trusted,) = statements(role.trusted)
    assert trusted["Principal"] == {"Service": ["sagemaker.amazonaws.com"]}


def test_ground_truths_pages_may_read_images_across_origins(ours: Resources) -> None:
    assert {
        "AllowedOrigins": ["*"],
        "AllowedMethods": ["GET"],
        "ExposeHeaders": ["Access-Control-Allow-Origin"],
    } in ours.bucket.cors_rules


def test_every_route_of_the_services_is_in_the_api_once(ours: Resources) -> None:
    routes = Counter((route.method, route.path) for route in ours.api.routes)
    assert routes[("POST", "/api/training/create")] == 1
    assert set(routes.values()) == {1}


def test_a_mapping_bounds_batches_and_concurrency(small: Resources) -> None:
    (mapping,) = small.mappings
    assert (mapping.function, mapping.batch_size, mapping.max_concurrency) == ("two-echo-box-events", 5, 2)


def test_a_table_has_its_keys_indexes_and_expiry(small: Resources) -> None:
    table, _ = small.tables
    assert (table.partition_key, table.sort_key, table.ttl, table.key) == ("id", "part", "expires_at", KEY)
    (index,) = table.indexes
    assert (index.name, index.partition_key, index.sort_key, index.projection) == (
        "by_colour",
        "colour",
        "id",
        "KEYS_ONLY",
    )


def test_the_key_serves_the_services_that_move_messages() -> None:
    key = desired_key(AT)
    assert key.alias == "alias/two"
    services = [item["Principal"].get("Service") for item in statements(key.policy)]
    assert ["sns.amazonaws.com", "sqs.amazonaws.com", "events.amazonaws.com"] in services
