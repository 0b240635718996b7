"""Labellers look and try; leads, programs, IAM principals and whoever needs no sign-in also change things."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.service_spec import read_services
from services.job_api.guard import FOR_EVERYBODY
from tests.integration.job_api.bench import Bench
from tests.support.http_face import Answer, ask, assert_problem
from tools.schemas import openapi

ROUTES = sorted(
    route
    for spec in read_services(Path("services"))
    if spec.service == "job-api"
    for function in spec.functions.values()
    for route in function.routes
)
LOOKING = {route for route in ROUTES if route.startswith("GET ")} - {"GET /api/training/url"}
TRYING = {"POST /api/training/{jobId}/detect"}
COMMANDS = set(ROUTES) - LOOKING - TRYING
BODIES: dict[str, Any] = {
    "POST /api/training/urls": {"filenames": ["a.jpg"]},
    "POST /api/training/start": {},
    "POST /api/training/{jobId}/detect": {"image": "aGVsbG8="},
}
"""The least that is a request; a job's id is added where the path has none."""

LABELLER = {
    "authorizer": {"claims": {"username": "bob", "sub": "9d2a", "cognito:groups": "[ekyc-labellers]"}}
}
LEAD = {"authorizer": {"claims": {"username": "ann", "sub": "6f1c", "cognito:groups": "[others ekyc-leads]"}}}
PROGRAM = {"authorizer": {"claims": {"sub": "abc", "client_id": "abc", "scope": "ekyc-api/write"}}}
PRINCIPAL = {"identity": {"userArn": "arn:aws:sts::123456789012:assumed-role/operators/ann"}}
NOBODY: dict[str, Any] = {"identity": {"userArn": None}, "authorizer": None}


def call(bench: Bench, route: str, job_id: str, context: dict[str, Any]) -> Answer:
    method, path = route.split()
    target = path.replace("{jobId}", job_id)
    if route == "GET /api/training/url":
        target += f"?jobId={job_id}&filename=b.jpg"
    body = BODIES.get(route)
    if body is not None and "{jobId}" not in path:
        body = body | {"jobId": job_id}
    return ask(bench.app, method, target, None if body is None else json.dumps(body), context=context)


@pytest.mark.parametrize("route", sorted(COMMANDS))
def test_a_labeller_changes_nothing(bench: Bench, route: str) -> None:
    job_id = bench.create()
    bench.upload(job_id)
    before = bench.show(job_id)
    problem = assert_problem(call(bench, route, job_id, LABELLER), 403, "not-a-lead")
    assert "ask one of them" in problem["detail"]
    assert bench.show(job_id) == before
    assert bench.world.published() == []
    assert len(bench.get("/api/training/list").json["jobs"]) == 1


@pytest.mark.parametrize("route", sorted(LOOKING | TRYING))
def test_a_labeller_may_look_at_everything_and_try_the_model(bench: Bench, route: str) -> None:
    job_id = bench.create()
    answer = call(bench, route, job_id, LABELLER)
    assert answer == call(bench, route, job_id, LEAD)
    # Without results and a model there is nothing to see, whoever asks.
    assert answer.status in {200, 409}, answer.text


@pytest.mark.parametrize("route", sorted(COMMANDS))
@pytest.mark.parametrize(
    "context",
    [
        pytest.param(LEAD, id="lead"),
        pytest.param(PROGRAM, id="program"),
        pytest.param(PRINCIPAL, id="principal"),
        pytest.param(NOBODY, id="nobody signs in"),
    ],
)
def test_who_commands_is_not_refused(bench: Bench, route: str, context: dict[str, Any]) -> None:
    job_id = bench.create()
    bench.upload(job_id)
    assert call(bench, route, job_id, context).status in {200, 201, 202, 409}


def test_a_lead_of_another_deployment_is_none_here(bench: Bench) -> None:
    claims = {"username": "ann", "cognito:groups": "kyc-leads,ekyc-leads-not"}
    answer = ask(bench.app, "POST", "/api/training/create", context={"authorizer": {"claims": claims}})
    assert_problem(answer, 403, "not-a-lead")


def test_only_what_changes_nothing_is_for_everybody() -> None:
    assert FOR_EVERYBODY == LOOKING | TRYING


def test_the_refusal_stands_in_the_description_of_every_command_and_of_no_other_route() -> None:
    documented = {
        f"{method.upper()} {path}"
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
        if "not-a-lead" in operation["responses"].get("403", {}).get("description", "")
    }
    assert {route for route in documented if route in ROUTES} == COMMANDS
