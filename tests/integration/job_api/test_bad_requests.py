"""Nothing ever answers 500 for bad input."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.integration.job_api.bench import Bench
from tests.support.builders import JOB
from tests.support.clock import ManualClock
from tests.support.http_face import assert_problem
from tests.support.world import World, pretended_aws


@pytest.fixture(scope="module")
def bench(boto_session: boto3.Session) -> Iterator[Bench]:
    """One for all: what is refused changes nothing."""
    with pretended_aws(boto_session):
        yield Bench(World("job-api"), ManualClock())


POSTS = ["/api/training/create", "/api/training/urls", "/api/training/start"]
BAD_BODIES = {
    "no json": "{nope",
    "single quotes": "{'a': 1}",
    "two documents": "{} {}",
    "blank": "   ",
    "a NUL": "\x00",
    "a byte order mark": "\ufeff{}",
    "an array": "[1]",
    "an array of nothing": "[]",
    "an array of nulls": "[null, null]",
    "an array of one that would do": '[{"name": "n", "jobId": "j", "filenames": ["a.jpg"]}]',
    "a text": '"x"',
    "true": "true",
    "a number": "5",
    "infinity": "1e999",
    "not a number": "NaN",
    "not a number inside": '{"options": {"minF1": NaN}, "jobId": NaN}',
    "infinity inside": '{"options": {"minF1": -Infinity}, "jobId": 1e999}',
    "a huge number": f'{{"options": {{"inferenceUnits": {"9" * 400}}}, "jobId": 1}}',
    "a number past Python's patience": f'{{"options": {{"inferenceUnits": {"9" * 5000}}}}}',
    "half a character": '{"name": "\\ud800", "jobId": 1}',
    "half a character as a name": '{"\\ud800": 1}',
    "a member twice": '{"a": 1, "a": 2}',
    "deep arrays": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "rather deep options": '{"options": ' + "[" * 900 + "]" * 900 + "}",
    "nulls": '{"labels": null, "options": null, "jobId": null, "filenames": null}',
    "objects for everything": '{"labels": {}, "name": {}, "jobId": {}, "filenames": {}}',
    "Python's innards": '{"__class__": 1, "model_config": 2}',
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
@pytest.mark.parametrize("route", POSTS)
def test_a_bad_body_is_the_senders_fault(bench: Bench, route: str, body: str) -> None:
    problem = assert_problem(bench.post(route, body), 422, "invalid-request")
    assert problem["errors"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "too many digits"),
        ("{nope", "no JSON document"),
    ],
)
def test_what_is_wrong_with_a_body_is_said(bench: Bench, body: str, why: str) -> None:
    problem = assert_problem(bench.post(POSTS[0], body), 422, "invalid-request")
    assert [fault["field"] for fault in problem["errors"]] == ["body"]
    assert why in problem["detail"]


def test_a_body_in_base64_is_read(bench: Bench) -> None:
    body = base64.b64encode('{"name": "Pässe"}'.encode()).decode()
    answer = bench.request("POST", POSTS[0], body, base64=True)
    assert (answer.status, answer.json["name"]) == (201, "Pässe")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("!!!", id="no base64"),
        pytest.param("a", id="cut off"),
        pytest.param("é", id="no ASCII"),
        pytest.param("//8=", id="no UTF-8"),
        pytest.param(base64.b64encode('{"name": "Pässe"}'.encode("latin-1")).decode(), id="Latin-1"),
        pytest.param(base64.b64encode('{"name": "n"}'.encode("utf-16")).decode(), id="UTF-16"),
        pytest.param(base64.b64encode(b"\x89PNG\r\n\x1a\n").decode(), id="an image"),
    ],
)
@pytest.mark.parametrize("route", POSTS)
def test_a_body_that_is_no_text_is_the_senders_fault(bench: Bench, route: str, body: str) -> None:
    problem = assert_problem(bench.request("POST", route, body, base64=True), 422, "invalid-request")
    assert "UTF-8" in problem["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "jobId=",
        "jobId=x",
        "filename=a.jpg",
        "jobId=x&filename=a.jpg&renew=maybe",
        "jobId=x&jobId=y&filename=a.jpg",
        "jobId=x&filename=a.jpg&filename=b.jpg",
        "S3Key=a.jpg",
    ],
)
def test_a_bad_query_is_the_senders_fault(bench: Bench, query: str) -> None:
    assert_problem(bench.get(f"/api/training/url?{query}"), 422, "invalid-request")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=abc", "limit=1.5", f"limit={'9' * 5000}", "status=", "status=created"],
)
def test_a_bad_query_of_the_list_is_the_senders_fault(bench: Bench, query: str) -> None:
    problem = assert_problem(bench.get(f"/api/training/list?{query}"), 422, "invalid-request")
    assert [fault["field"] for fault in problem["errors"]] == [query.split("=")[0]]


@pytest.mark.parametrize("token", ["", "x", "01m81h5swf60rk4csm6mv3ee1", "é"])
def test_a_token_that_is_none_is_the_senders_fault(bench: Bench, token: str) -> None:
    assert_problem(bench.get(f"/api/training/list?nextToken={token}"), 422, "invalid-request")


STRANGE_JOBS = [
    "nope",
    "é",
    "\x00",
    "..",
    JOB,
    JOB.upper(),
    "idempotency#x",
    "x" * 5000,
]


@pytest.mark.parametrize("job_id", STRANGE_JOBS)
def test_an_unknown_job_is_not_found_anywhere(bench: Bench, job_id: str) -> None:
    for answer in (
        bench.get(f"/api/training/url?jobId={job_id.replace('#', '')}&filename=a.jpg"),
        bench.post("/api/training/urls", {"jobId": job_id, "filenames": ["a.jpg"]}),
        bench.post("/api/training/urls", {"jobId": job_id, "filenames": ["a.gif"]}),
        bench.post("/api/training/start", {"jobId": job_id}),
    ):
        assert_problem(answer, 404, "job-not-found")


@pytest.mark.parametrize("job_id", ["", "\ud800"])
def test_what_is_not_even_an_id_is_not_found_either(bench: Bench, job_id: str) -> None:
    answer = bench.post("/api/training/urls", {"jobId": job_id, "filenames": ["a.jpg"]})
    assert_problem(answer, 404, "job-not-found")


@pytest.mark.parametrize(
    "job_id", ["nope", "create", "start", "%20", "01m81h5swf60rk4csm6mv3ee1s", "x" * 5000]
)
def test_an_unknown_job_in_the_path_is_not_found(bench: Bench, job_id: str) -> None:
    for method, tail in (("GET", ""), ("GET", "/events"), ("POST", "/model/start"), ("POST", "/model/stop")):
        assert_problem(bench.request(method, f"/api/training/{job_id}{tail}"), 404, "job-not-found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api"),
        ("GET", "/api/training"),
        ("GET", "/api/training/a/b/c"),
        ("POST", "/api/health"),
        ("DELETE", "/api/training/list"),
        ("PUT", "/api/training/create"),
        ("HEAD", "/api/health"),
    ],
)
def test_an_unknown_route_is_a_problem_too(bench: Bench, method: str, path: str) -> None:
    problem = assert_problem(bench.request(method, path), 404, "route-not-found")
    assert "openapi.json" in problem["detail"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(["name", "labels", "options", "jobId", "filenames", "renew"])


@settings(max_examples=60)
@given(
    route=st.sampled_from(POSTS),
    body=st.dictionaries(MEMBERS | st.text(max_size=5), JSON, max_size=5).map(json.dumps)
    | st.text(max_size=20),
)
def test_no_body_whatever_is_our_fault(bench: Bench, route: str, body: str) -> None:
    answer = bench.post(route, body)
    if answer.status >= 300:
        assert_problem(answer, answer.status, answer.json["type"].removeprefix("urn:ekyc:problem:"))
    assert answer.status in {200, 201, 404, 422}
