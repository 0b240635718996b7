"""`ekyc ops doctor`: what it calls healthy, what needs a person, and what it could not look at."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cli.client import PipelineApi
from cli.exits import ExitCode
from cli.operations.aws import services_with_a_queue
from cli.operations.checkup import Check, State, exit_code_of, run_checks
from cli.operations.jobs import job_check
from cli.operations.models import (
    Account,
    Version,
    known_models,
    model_check,
    quota_check,
    read_account,
    read_quotas,
)
from cli.operations.queues import QueueState, dead_letter_check, queue_check, read_queues
from cli.operations.rows import WaitingRow, read_waiting_rows, row_check
from cli.operations.watchers import Clock, Run, read_clocks, read_runs, watcher_check
from contracts.stages import JobStatus
from tests.cli.conftest import Cli
from tests.cli.fake_api import NOON, FakeApi
from tests.cli.operating import PREFIX, Queues
from tests.support.builders import JOB, OTHER_JOB, project_arn, version_arn
from tests.support.rekognition import refusal
from tests.support.world import World

MINUTE = timedelta(minutes=1)


# ---- the round


def test_what_cannot_be_looked_at_keeps_nothing_else_from_it() -> None:
    def refused() -> Check:
        raise refusal("AccessDenied")

    unknown, fine = run_checks({"queues": refused, "api": lambda: Check("api", "answers")})
    assert (unknown.name, unknown.state, fine.state) == ("queues", State.UNKNOWN, State.OK)
    assert "AccessDenied" in str(unknown.error)


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ("ok ok", ExitCode.OK),
        ("ok unknown", ExitCode.UNREACHABLE),
        ("unknown attention", ExitCode.REFUSED),
        ("attention ok", ExitCode.REFUSED),
    ],
)
def test_the_exit_code_says_it_to_monitoring(states: str, code: ExitCode) -> None:
    made = {
        "ok": Check("a", ""),
        "unknown": Check("b", "", error="no"),
        "attention": Check("c", "", findings=("do",)),
    }
    assert exit_code_of([made[state] for state in states.split()]) is code


def test_a_deployment_that_nobody_named_is_asked_for(no_api_cli: Cli, api: FakeApi) -> None:
    ran = no_api_cli("ops", "doctor", "--api", api.url)
    assert ran.exit_code == 2
    assert "--from-terraform" in ran.stderr


# ---- queues

FINE = QueueState("trainer", 0, 0, 0, 180, None, "ekyc-trainer-events", reading=True)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"reading": False}, "nobody reads the queue"),
        ({"oldest_seconds": 901}, "the oldest message is 901 s old"),
        ({"oldest_seconds": 900}, None),
        ({"oldest_seconds": 901, "visibility_seconds": 5400}, None),
        ({"waiting": 9999, "in_work": 9}, None),
    ],
)
def test_a_queue_needs_a_person_when_it_is_not_worked_off(
    change: dict[str, Any], finding: str | None
) -> None:
    check = queue_check([replace(FINE, **change)])
    assert [finding in told for told in check.findings if finding] == ([True] if finding else [])
    assert check.state is (State.ATTENTION if finding else State.OK)


def test_a_dead_letter_needs_a_person() -> None:
    assert dead_letter_check([FINE]).state is State.OK
    check = dead_letter_check([FINE, replace(FINE, service="dataset", dead=2)])
    assert check.findings == ["dataset: 2 dead; ekyc ops dlq show dataset"]


@pytest.mark.usefixtures("world")
def test_queues_are_looked_at_without_receiving_anything() -> None:
    queues = Queues()
    queues.died("a", "b")
    boto3.client("sqs").create_queue(QueueName="ekycx-other-dlq")
    services = services_with_a_queue(boto3.client("sqs"), PREFIX)
    assert services == ["trainer"]
    [state] = read_queues(
        queues.sqs,  # type: ignore[arg-type]
        boto3.client("lambda"),
        boto3.client("cloudwatch"),
        PREFIX,
        services,
        datetime.now(UTC),
    )
    assert (state.dead, state.waiting, state.reader, state.reading) == (2, 0, None, False)
    assert "receive_message" not in queues.sqs.calls


# ---- watchers

CLOCK = Clock("ekyc-trainer-tick", MINUTE, enabled=True)


@pytest.mark.parametrize(
    ("run", "finding"),
    [
        (Run(CLOCK, NOON, 0), None),
        (Run(CLOCK, None, 0), "trainer-tick: has not run through for 5 minutes"),
        (Run(replace(CLOCK, enabled=False), NOON, 0), "its schedule is switched off"),
        (Run(CLOCK, NOON, 3), "3 looks at a job failed"),
    ],
)
def test_a_watcher_needs_a_person_when_it_does_not_run_through(run: Run, finding: str | None) -> None:
    check = watcher_check([run], PREFIX, NOON)
    assert [finding in told for told in check.findings if finding] == ([True] if finding else [])
    assert check.state is (State.ATTENTION if finding else State.OK)


def test_no_clock_at_all_needs_a_person() -> None:
    assert watcher_check([], PREFIX, NOON).state is State.ATTENTION


@pytest.mark.usefixtures("world")
def test_the_last_run_is_read_in_the_log() -> None:
    scheduler, logs, now = boto3.client("scheduler"), boto3.client("logs"), datetime.now(UTC)
    scheduler.create_schedule(
        Name="ekyc-trainer-tick",
        ScheduleExpression="rate(2 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:lambda:eu-west-1:123456789012:function:ekyc-trainer-tick",
            "RoleArn": "arn:aws:iam::123456789012:role/r",
        },
    )
    [found] = read_clocks(scheduler, PREFIX)
    assert found == replace(CLOCK, every=2 * MINUTE)
    group = "/aws/lambda/ekyc-trainer-tick"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    ages = {"TickCompleted": (11, 7, 3), "look failed": (4,)}
    lines = sorted((now - age * MINUTE, text) for text, many in ages.items() for age in many)
    logs.put_log_events(
        logGroupName=group,
        logStreamName="s",
        logEvents=[{"timestamp": int(at.timestamp() * 1000), "message": text} for at, text in lines],
    )
    [run] = read_runs(logs, [found], now)
    assert run.last is not None
    assert abs(run.last - (now - 3 * MINUTE)) < timedelta(seconds=1)
    assert run.sick_rows == 1


@pytest.mark.usefixtures("world")
def test_a_run_of_more_than_five_turns_ago_is_none() -> None:
    logs, now = boto3.client("logs"), datetime.now(UTC)
    logs.create_log_group(logGroupName="/aws/lambda/ekyc-trainer-tick")
    logs.create_log_stream(logGroupName="/aws/lambda/ekyc-trainer-tick", logStreamName="s")
    logs.put_log_events(
        logGroupName="/aws/lambda/ekyc-trainer-tick",
        logStreamName="s",
        logEvents=[{"timestamp": int((now - 6 * MINUTE).timestamp() * 1000), "message": "TickCompleted"}],
    )
    assert read_runs(logs, [CLOCK], now) == [Run(CLOCK, None, 0)]


# ---- rows

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("partition", "ago", "late"),
    [
        ("training", timedelta(minutes=19), False),
        ("training", timedelta(minutes=21), True),
        ("outbox", timedelta(minutes=21), True),
        ("slot", timedelta(hours=23), False),
        ("slot", timedelta(hours=25), True),
    ],
)
def test_a_row_needs_a_person_when_its_turn_is_long_past(partition: str, ago: timedelta, late: bool) -> None:
    check = row_check([WaitingRow("trainer", JOB, partition, NOW - ago)], MINUTE, NOW)
    assert check.state is (State.ATTENTION if late else State.OK)
    assert all(JOB in finding for finding in check.findings)


@pytest.mark.parametrize(
    ("service", "item", "row"),
    [
        (
            "trainer",
            {"waiting": "training", "due": "2026-11-22T12:00:00.000000Z"},
            WaitingRow("trainer", JOB, "training", NOW),
        ),
        ("trainer", {"waiting": "outbox", "due": "0"}, WaitingRow("trainer", JOB, "outbox", None)),
        ("trainer", {}, None),
        (
            "job-api",
            {"item": "event", "outbox": "outbox", "queued_at": "2026-11-22T12:00:00.000000Z"},
            WaitingRow("job-api", JOB, "outbox", NOW),
        ),
    ],
)
def test_what_waits_is_read_in_the_sparse_indexes(
    world: Callable[[str], World], service: str, item: dict[str, str], row: WaitingRow | None
) -> None:
    dynamodb, table = boto3.client("dynamodb"), world(service).table_name
    members: Any = {name: {"S": value} for name, value in {"job_id": JOB, **item}.items()}
    dynamodb.put_item(TableName=table, Item=members)
    assert read_waiting_rows(dynamodb, PREFIX) == ([] if row is None else [row])
    assert read_waiting_rows(dynamodb, "other") == []


# ---- jobs


def test_jobs_under_way_say_what_they_wait_for(api: FakeApi) -> None:
    parked = api.add_job(JobStatus.TRAINING, waiting_for="a free training slot")
    labelled = api.add_job(JobStatus.LABELLING)
    for ended in (JobStatus.RUNNING, JobStatus.STOPPED, JobStatus.CREATED):
        api.add_job(ended)
    with PipelineApi(api.url) as client:
        check = job_check(client, NOON + timedelta(hours=1))
    told = {fact["jobId"]: fact["waitsFor"] for fact in check.facts}
    assert told.keys() == {parked, labelled}
    assert told[parked] == "a free training slot"
    assert check.state is State.OK


# ---- models


class Pages:
    """A paginator whose pages are made by a function."""

    def __init__(self, pages: Callable[..., Iterator[dict[str, Any]]]) -> None:
        self.paginate = pages


class Rekognition:
    """Projects by ARN, and the statuses of their versions."""

    def __init__(self, projects: dict[str, dict[str, str]]) -> None:
        self._projects = projects

    def get_paginator(self, name: str) -> Pages:
        return Pages(self._all if name == "describe_projects" else self._versions)

    def _all(self) -> Iterator[dict[str, Any]]:
        for arn in self._projects:
            yield {"ProjectDescriptions": [{"ProjectArn": arn}]}

    def _versions(self, *, ProjectArn: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's name
        for arn, status in self._projects[ProjectArn].items():
            yield {
                "ProjectVersionDescriptions": [
                    {"ProjectVersionArn": arn, "Status": status, "MinInferenceUnits": 2}
                ]
            }


OTHERS = "arn:aws:rekognition:eu-west-1:123456789012:project/other/1"
ACCOUNT = Rekognition(
    {
        project_arn(): {version_arn(): "RUNNING"},
        project_arn(OTHER_JOB): {version_arn(OTHER_JOB): "STARTING", version_arn(OTHER_JOB, 2): "STOPPED"},
        OTHERS: {"a": "RUNNING", "b": "TRAINING_IN_PROGRESS"},
    }
)


def test_what_costs_money_is_told_with_its_price_and_what_no_job_knows_with_how_to_stop_it() -> None:
    account = read_account(ACCOUNT)  # type: ignore[arg-type]
    check = model_check(account, {version_arn()}, PREFIX)
    assert {fact["jobId"]: (fact["dollarsPerHour"], fact["known"]) for fact in check.facts} == {
        JOB: (8.0, True),
        OTHER_JOB: (8.0, False),
    }
    [finding] = check.findings
    assert f"stop-project-version --project-version-arn {version_arn(OTHER_JOB)}" in finding
    assert "$16.00" in check.summary


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({"waiting": "model", "arn": version_arn()}, True),
        ({"arn": version_arn()}, False),
        ({"waiting": "model", "arn": version_arn(attempt=2)}, False),
        (None, False),
    ],
)
def test_a_job_knows_its_model_as_long_as_the_deployer_watches_that_very_model(
    world: Callable[[str], World], row: dict[str, str] | None, known: bool
) -> None:
    dynamodb, table = boto3.client("dynamodb"), world("deployer").table_name
    if row is not None:
        item: Any = {
            "job_id": {"S": JOB},
            "body": {"S": json.dumps({"project_version_arn": row["arn"]})},
            **({"waiting": {"S": row["waiting"]}, "due": {"S": "0"}} if "waiting" in row else {}),
        }
        dynamodb.put_item(TableName=table, Item=item)
    version = Version(version_arn(), f"ekyc-{JOB}-1", "RUNNING", 1)
    assert known_models(dynamodb, PREFIX, [version]) == ({version.arn} if known else set())


# ---- quotas


class ServiceQuotas:
    """Service Quotas with these, or a refusal."""

    def __init__(self, *quotas: tuple[str, float], error: Exception | None = None) -> None:
        self._quotas = quotas
        self._error = error

    def get_paginator(self, _: str) -> Pages:
        return Pages(self._pages)

    def _pages(self, **_: str) -> Iterator[dict[str, Any]]:
        if self._error:
            raise self._error
        yield {"Quotas": [{"QuotaName": name, "Value": value} for name, value in self._quotas]}


def limits(quotas: ServiceQuotas, region: str = "eu-west-1") -> dict[str, tuple[int, str]]:
    found = read_quotas(quotas, Account(0, ()), region)
    return {quota.name: (quota.limit, quota.said_by) for quota in found}


def test_a_quota_is_what_service_quotas_says_and_else_the_documented_default() -> None:
    told = limits(ServiceQuotas(("Custom Labels concurrent training jobs", 5.0), ("DetectFaces TPS", 50)))
    assert told["trainings at once"] == (5, "Service Quotas")
    assert told["projects"] == (100, "documented default")
    assert limits(ServiceQuotas(error=refusal("AccessDenied")))["running models"] == (2, "documented default")
    assert limits(ServiceQuotas(), "ap-southeast-2")["trainings at once"] == (1, "documented default")


def test_only_a_quota_that_does_not_free_itself_needs_a_person() -> None:
    busy = Account(
        89, [Version("a", "p", "RUNNING", 1)] * 2 + [Version("b", "p", "TRAINING_IN_PROGRESS", 1)] * 2
    )
    check = quota_check(read_quotas(ServiceQuotas(), busy, "eu-west-1"))
    assert check.state is State.OK
    assert check.summary == "89 of 100 projects, 2 of 2 trainings at once, 2 of 2 running models"
    full = quota_check(read_quotas(ServiceQuotas(), replace(busy, projects=90), "eu-west-1"))
    assert full.state is State.ATTENTION


def test_an_unknown_error_is_not_taken_for_a_look_that_failed() -> None:
    def broken() -> Check:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        run_checks({"queues": broken})
