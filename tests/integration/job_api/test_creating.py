"""POST /api/training/create."""

from typing import Any

import pytest

from tests.integration.job_api.bench import Bench
from tests.support.builders import TRACEPARENT
from tests.support.http_face import assert_problem

CREATE = "/api/training/create"


def test_a_job_can_be_created_with_nothing(bench: Bench) -> None:
    answer = bench.post(CREATE)
    assert (answer.status, answer.headers["content-type"]) == (201, "application/json")
    job = answer.json
    assert job["status"] == "CREATED"
    assert job["labels"] == ["passport", "id-card"]
    assert job["options"] == {
        "minF1": None,
        "inferenceUnits": 1,
        "autoStopAfterMinutes": None,
        "testFraction": 0.2,
        "workersPerImage": 1,
    }
    assert bench.show(job["jobId"]) == job


def test_a_job_is_as_it_was_asked_for(bench: Bench) -> None:
    options = {
        "minF1": 0.8,
        "inferenceUnits": 2,
        "autoStopAfterMinutes": 60,
        "testFraction": 0.3,
        "workersPerImage": 3,
    }
    job = bench.post(CREATE, {"name": "  My job ", "labels": ["a", "b"], "options": options}).json
    assert (job["name"], job["labels"], job["options"]) == ("My job", ["a", "b"], options)


@pytest.mark.parametrize("body", ["", "null", "{}", {"labels": None, "name": None}])
def test_nothing_can_be_said_in_several_ways(bench: Bench, body: Any) -> None:
    assert bench.post(CREATE, body).json["labels"] == ["passport", "id-card"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
    ],
)
def test_a_body_is_json_whatever_curl_calls_it(bench: Bench, content_type: str) -> None:
    for name in ("Content-Type", "content-type"):
        answer = bench.post(CREATE, {"name": "n"}, headers={name: content_type})
        assert (answer.status, answer.json["name"]) == (201, "n")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"labels": []}, "labels"),
        ({"labels": ["a", "A"]}, "body"),
        ({"labels": ["a/b"]}, "labels.0"),
        ({"labels": [None]}, "labels.0"),
        ({"labels": "passport"}, "labels"),
        ({"labels": [f"l{number}" for number in range(11)]}, "labels"),
        ({"name": ""}, "name"),
        ({"name": "n" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"nmae": "typo"}, "nmae"),
        ({"options": None}, "options"),
        ({"options": {"minF2": 1}}, "options.minF2"),
        ({"options": {"minF1": 1.01}}, "options.minF1"),
        ({"options": {"inferenceUnits": 6}}, "options.inferenceUnits"),
        ({"options": {"inferenceUnits": 1.5}}, "options.inferenceUnits"),
        ({"options": {"autoStopAfterMinutes": 0}}, "options.autoStopAfterMinutes"),
        ({"options": {"testFraction": 0.6}}, "options.testFraction"),
        ({"options": {"workersPerImage": 10}}, "options.workersPerImage"),
    ],
)
def test_a_wrong_member_is_named(bench: Bench, body: Any, field: str) -> None:
    problem = assert_problem(bench.post(CREATE, body), 422, "invalid-request")
    assert [fault["field"] for fault in problem["errors"]] == [field]
    assert problem["instance"] == CREATE
    assert field in problem["detail"]


def test_all_wrong_members_are_named_at_once(bench: Bench) -> None:
    body = {"labels": [], "options": {"minF1": 2}, "what": 1}
    problem = assert_problem(bench.post(CREATE, body), 422, "invalid-request")
    assert [fault["field"] for fault in problem["errors"]] == ["labels", "options.minF1", "what"]


def test_the_callers_trace_goes_with_the_job(bench: Bench) -> None:
    answer = bench.post(CREATE, headers={"traceparent": TRACEPARENT})
    bench.upload(answer.json["jobId"])
    bench.post("/api/training/start", {"jobId": answer.json["jobId"]})
    [event] = bench.world.published()
    assert event.traceparent == TRACEPARENT


# ---- Idempotency-Key


def test_the_same_request_with_the_same_key_gives_the_same_job(bench: Bench) -> None:
    headers = {"Idempotency-Key": "one"}
    first = bench.post(CREATE, {"name": "n"}, headers=headers)
    again = bench.post(CREATE, {"name": "n"}, headers=headers)
    assert (again.status, again.json) == (201, first.json)
    assert len(bench.get("/api/training/list").json["jobs"]) == 1


def test_a_key_in_other_letters_of_the_header_is_the_same(bench: Bench) -> None:
    first = bench.post(CREATE, headers={"idempotency-key": "one"})
    again = bench.post(CREATE, headers={"IDEMPOTENCY-KEY": "one"})
    assert again.json["jobId"] == first.json["jobId"]


def test_other_keys_and_no_keys_give_other_jobs(bench: Bench) -> None:
    keys: list[dict[str, str] | None] = [{"Idempotency-Key": "one"}, {"Idempotency-Key": "two"}, None, None]
    jobs = {bench.post(CREATE, headers=headers).json["jobId"] for headers in keys}
    assert len(jobs) == 4


def test_a_key_for_another_body_is_refused(bench: Bench) -> None:
    headers = {"Idempotency-Key": "one"}
    bench.post(CREATE, {"name": "n"}, headers=headers)
    assert_problem(bench.post(CREATE, {"name": "m"}, headers=headers), 422, "idempotency-key-reused")


def test_a_repeated_create_shows_the_job_as_it_is_by_then(bench: Bench) -> None:
    headers = {"Idempotency-Key": "one"}
    job_id = bench.post(CREATE, headers=headers).json["jobId"]
    bench.upload(job_id)
    bench.post("/api/training/start", {"jobId": job_id})
    assert bench.post(CREATE, headers=headers).json["status"] == "LABELLING"


def test_a_refused_request_does_not_use_up_its_key(bench: Bench) -> None:
    headers = {"Idempotency-Key": "one"}
    bench.post(CREATE, {"labels": []}, headers=headers)
    assert bench.post(CREATE, {"labels": ["a"]}, headers=headers).status == 201


def test_a_key_is_not_kept_for_ever_and_not_in_the_clear(bench: Bench) -> None:
    bench.post(CREATE, headers={"Idempotency-Key": "a-key-of-mine"})
    items = bench.world.dynamodb.scan(TableName="ekyc-job-api")["Items"]
    [kept] = [item for item in items if item["item"]["S"] == "idempotency"]
    assert int(kept["expires_at"]["N"]) == bench.clock().timestamp() + 24 * 3600
    assert "a-key-of-mine" not in str(items)


def test_an_overlong_key_is_refused(bench: Bench) -> None:
    answer = bench.post(CREATE, headers={"Idempotency-Key": "k" * 256})
    assert_problem(answer, 422, "invalid-request")
