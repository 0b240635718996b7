"""What is sent to hurt is refused, costs little memory, and leaves no trace of itself in logs or answers."""

import json
import tracemalloc
from collections.abc import Iterator

import boto3
import pytest

from tests.integration.job_api.bench import Bench
from tests.support.builders import JOB
from tests.support.clock import ManualClock
from tests.support.http_face import assert_problem
from tests.support.world import World, pretended_aws

MEGABYTE = 1024 * 1024
PAYLOAD = "Erika Mustermann, T22000129, 1964-08-12 "


@pytest.fixture(scope="module")
def bench(boto_session: boto3.Session) -> Iterator[Bench]:
    """One for all: what is refused changes nothing."""
    with pretended_aws(boto_session):
        yield Bench(World("job-api"), ManualClock())


@pytest.fixture(scope="module")
def job(bench: Bench) -> str:
    return bench.create()


FILENAMES = {
    "a folder above": "../../models/a.jpg",
    "a folder above, encoded": "..%2f..%2fa.jpg",
    "a folder above, encoded twice": "%252e%252e%252fa.jpg",
    "a folder above, as Windows writes it": "..\\..\\a.jpg",
    "a folder above, in overlong UTF-8": "..\u00c0\u00afa.jpg",
    "an absolute path": "/etc/passwd.jpg",
    "a drive": "C:a.jpg",
    "a share": "\\\\host\\share\\a.jpg",
    "an address": "s3://other-bucket/a.jpg",
    "another job's image": f"../{JOB}/a.jpg",
    "a query": "a.jpg?versionId=1",
    "a fragment": "a.jpg#.jpg",
    "a Cyrillic look-alike": "p\u0430ssport.jpg",
    "full-width dots": "\uff0e\uff0e\uff0fa.jpg",
    "a slash that is none": "..\u2215a.jpg",
    "a dot that is none": "a\u2024jpg",
    "text that runs backwards": "gpj.\u202eexe.jpg",
    "a joiner that is not seen": "a\u200d.jpg",
    "a combining accent": "a\u0301.jpg",
    "a NUL": "a.jpg\x00.png",
    "a line's end": "a.jpg\r\nSet-Cookie: x=1",
    "a terminal's command": "\x1b[2Ja.jpg",
    "a bell": "\x07.jpg",
    "half a character": "\ud800.jpg",
    "a template": "${jndi:ldap://x}.jpg",
    "a shell's command": "$(reboot).jpg",
    "a database's": "a'; DROP TABLE jobs; --.jpg",
    "a script": "<script>alert(1)</script>.jpg",
    "two lines of a manifest": 'a.jpg"}\n{"source-ref": "s3://b/c.jpg',
    "a very long name": "a" * 10_000 + ".jpg",
}


@pytest.mark.parametrize("filename", FILENAMES.values(), ids=FILENAMES)
def test_a_filename_meant_to_hurt_gets_no_url(bench: Bench, job: str, filename: str) -> None:
    answer = bench.post("/api/training/urls", {"jobId": job, "filenames": [filename]})
    if answer.status == 422:
        assert_problem(answer, 422, "invalid-request")
        return
    assert answer.status == 200
    assert answer.json["urls"] == []
    assert [refused["code"] for refused in answer.json["refused"]] == ["invalid-filename"]


IDS = {
    "look-alike digits": JOB[:-1] + "\uff11",
    "letters that the alphabet leaves out": JOB[:-1] + "u",
    "a line's end": JOB + "\n",
    "a trailing slash": JOB + "/",
    "a path": f"../{JOB}",
    "a path, encoded": f"..%2f{JOB}",
    "another kind of row": "image#a.jpg",
    "a NUL": JOB + "\x00",
    "a wildcard": "*",
    "half a character": "\ud800" * 26,
    "two megabytes": "0" * 2 * MEGABYTE,
}


@pytest.mark.parametrize("job_id", IDS.values(), ids=IDS)
def test_an_id_meant_to_hurt_is_not_found(bench: Bench, job_id: str) -> None:
    for route, body in (
        ("/api/training/start", {"jobId": job_id}),
        ("/api/training/urls", {"jobId": job_id, "filenames": ["a.jpg"]}),
    ):
        answer = bench.post(route, body)
        assert_problem(answer, 404, "job-not-found")
        assert len(answer.text) < 2000


LONG = PAYLOAD * (10 * MEGABYTE // len(PAYLOAD))
BODIES = {
    "no JSON": LONG,
    "a text": json.dumps(LONG),
    "an unknown member": json.dumps({"x": LONG}),
    "an unknown member's name": json.dumps({LONG: 1}),
    "a name": json.dumps({"name": LONG, "jobId": LONG}),
    "a label": json.dumps({"labels": [LONG], "jobId": 1}),
    "many labels": json.dumps({"labels": [PAYLOAD] * (10 * MEGABYTE // len(PAYLOAD)), "jobId": 1}),
    "many names of images": json.dumps({"filenames": [PAYLOAD] * (10 * MEGABYTE // len(PAYLOAD))}),
    "an endless number": f'{{"jobId": {"9" * (10 * MEGABYTE)}}}',
    "many members": json.dumps({f"{PAYLOAD}{number}": 1 for number in range(200_000)}),
    "deep arrays": "[" * 10 * MEGABYTE,
    "a text of nothing but escapes": '{"name": "' + "\\u0041" * (10 * MEGABYTE // 6) + '", "jobId": 1}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("route", ["create", "urls", "start"])
def test_ten_megabytes_are_refused_with_a_short_answer_and_in_little_memory(
    bench: Bench, capsys: pytest.CaptureFixture[str], route: str, body: str
) -> None:
    bench.get("/api/health")
    tracemalloc.start()
    try:
        answer = bench.post(f"/api/training/{route}", body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status in {404, 413, 422}, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.text) < 20_000
    assert peak < 12 * len(body) + 10 * MEGABYTE
    written = "".join(capsys.readouterr())
    assert PAYLOAD.split(",")[0] not in written
    assert len(written) < 20_000
