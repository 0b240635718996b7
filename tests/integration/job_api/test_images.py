"""GET /api/training/url and POST /api/training/urls."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts.problems import JOB_STARTED
from runtime.problem_error import ProblemError
from services.job_api.image_names import Claim
from services.job_api.image_urls import ImageUrls
from services.job_api.job import Job
from tests.integration.job_api.bench import Bench
from tests.support.http_face import assert_problem
from tests.support.world import BUCKET

URLS = "/api/training/urls"


def test_an_upload_url_takes_a_plain_put_for_a_while(bench: Bench) -> None:
    job_id = bench.create()
    answer = bench.get(f"/api/training/url?jobId={job_id}&filename=a b.jpg")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    upload = answer.json
    assert (upload["filename"], upload["method"]) == ("a b.jpg", "PUT")
    assert upload["expiresAt"] == (bench.clock() + timedelta(minutes=15)).isoformat().replace("+00:00", "Z")
    url = urlsplit(upload["url"])
    query = parse_qs(url.query)
    assert (url.netloc, url.path) == (f"{BUCKET}.s3.eu-west-1.amazonaws.com", f"/images/{job_id}/a%20b.jpg")
    assert query["X-Amz-SignedHeaders"] == ["host"]  # so that no client needs a header of its own
    assert query["X-Amz-Expires"] == ["900"]


def test_curl_gets_the_bare_url(bench: Bench) -> None:
    job_id = bench.create()
    for number, accept in enumerate(["text/plain", "text/plain; charset=utf-8", "text/plain, */*;q=0.1"]):
        answer = bench.get(f"/api/training/url?jobId={job_id}&filename={number}.jpg", {"Accept": accept})
        assert (answer.status, answer.headers["content-type"]) == (200, "text/plain")
        assert answer.text.startswith("https://")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/plain, */*", ""])
def test_everybody_else_gets_json(bench: Bench, accept: str) -> None:
    answer = bench.get(f"/api/training/url?jobId={bench.create()}&filename=a.jpg", {"accept": accept})
    assert answer.headers["content-type"] == "application/json"


def test_a_problem_is_a_problem_document_even_for_curl(bench: Bench) -> None:
    answer = bench.get("/api/training/url?jobId=x&filename=a.jpg", {"Accept": "text/plain"})
    assert_problem(answer, 404, "job-not-found")


def test_the_original_parameter_names_work_too(bench: Bench) -> None:
    job_id = bench.create()
    assert bench.get(f"/api/training/url?JobId={job_id}&S3Key=a.jpg").json["filename"] == "a.jpg"
    assert bench.get(f"/api/training/url?jobId=&JobId={job_id}&S3Key=b.jpg").json["filename"] == "b.jpg"


def test_a_filename_is_used_once_per_job(bench: Bench) -> None:
    job_id = bench.create()
    target = f"/api/training/url?jobId={job_id}&filename=a.jpg"
    assert bench.get(target).status == 200
    assert_problem(bench.get(target), 409, "filename-taken")
    assert bench.get(target.replace("a.jpg", "A.jpg")).status == 200
    assert bench.get(target.replace(job_id, bench.create())).status == 200


@pytest.mark.parametrize(
    "filename", ["a.gif", "x/../a.jpg", "Pässe.jpg", ".jpg", "a" * 201 + ".jpg", "\ud800.jpg"]
)
def test_a_bad_filename_is_refused_with_its_reason(bench: Bench, filename: str) -> None:
    answer = bench.get(f"/api/training/url?jobId={bench.create()}&filename={filename}")
    problem = assert_problem(answer, 422, "invalid-filename")
    assert "file name" in problem["detail"]


def test_an_interrupted_upload_can_be_renewed_until_the_image_is_there(bench: Bench) -> None:
    job_id = bench.create()
    target = f"/api/training/url?jobId={job_id}&filename=a.jpg"
    bench.get(target)
    assert bench.get(target + "&renew=true").status == 200
    assert_problem(bench.get(target), 409, "filename-taken")
    bench.upload(job_id)
    assert_problem(bench.get(target + "&renew=true"), 409, "image-exists")


def test_a_name_can_be_renewed_that_was_never_asked_for(bench: Bench) -> None:
    target = f"/api/training/url?jobId={bench.create()}&filename=a.jpg"
    assert bench.get(target + "&renew=true").status == 200
    assert_problem(bench.get(target), 409, "filename-taken")


@pytest.mark.parametrize("filename", ["new.jpg", "old.jpg", "bad.gif"])
def test_after_the_start_there_are_no_more_urls(bench: Bench, filename: str) -> None:
    job_id = bench.create()
    bench.get(f"/api/training/url?jobId={job_id}&filename=old.jpg")
    bench.upload(job_id)
    bench.post("/api/training/start", {"jobId": job_id})
    for answer in (
        bench.get(f"/api/training/url?jobId={job_id}&filename={filename}"),
        bench.get(f"/api/training/url?jobId={job_id}&filename={filename}&renew=true"),
        bench.post(URLS, {"jobId": job_id, "filenames": [filename]}),
    ):
        problem = assert_problem(answer, 409, "job-started")
        assert "LABELLING" in problem["detail"]


def test_many_names_get_their_urls_or_their_reasons_in_the_order_asked(bench: Bench) -> None:
    job_id = bench.create()
    bench.get(f"/api/training/url?jobId={job_id}&filename=taken.jpg")
    names = ["b.jpg", "x.gif", "a.jpg", "taken.jpg", "b.jpg", "x.gif", "c.png"]
    answer = bench.post(URLS, {"jobId": job_id, "filenames": names})
    assert answer.status == 200
    assert [upload["filename"] for upload in answer.json["urls"]] == ["b.jpg", "a.jpg", "c.png"]
    assert [(refused["filename"], refused["code"]) for refused in answer.json["refused"]] == [
        ("x.gif", "invalid-filename"),
        ("taken.jpg", "filename-taken"),
        ("b.jpg", "filename-taken"),
        ("x.gif", "invalid-filename"),
    ]


def test_an_upload_of_many_goes_on_where_it_broke_off(bench: Bench) -> None:
    job_id = bench.create()
    names = [f"{number}.jpg" for number in range(5)]
    bench.post(URLS, {"jobId": job_id, "filenames": names})
    for name in names[:3]:
        bench.upload(job_id, name)
    again = bench.post(URLS, {"jobId": job_id, "filenames": [*names, "new.jpg"], "renew": True}).json
    assert [upload["filename"] for upload in again["urls"]] == ["3.jpg", "4.jpg", "new.jpg"]
    assert {(refused["filename"], refused["code"]) for refused in again["refused"]} == {
        (name, "image-exists") for name in names[:3]
    }


def test_how_large_the_image_is_that_has_a_name_already_is_told(bench: Bench) -> None:
    job_id = bench.create()
    bench.post(URLS, {"jobId": job_id, "filenames": ["a.jpg"]})
    bench.upload(job_id, "a.jpg")
    asked = {"jobId": job_id, "filenames": ["a.jpg", "a.gif"], "renew": True}
    there, unusable = bench.post(URLS, asked).json["refused"]
    assert there["sizeBytes"] == 1
    assert unusable.get("sizeBytes") is None


def test_more_names_at_once_than_a_transaction_takes(bench: Bench) -> None:
    job_id = bench.create()
    names = [f"{'n' * 190}{number}.jpg" for number in range(250)]  # moto copies its tables with each write
    answer = bench.post(URLS, {"jobId": job_id, "filenames": names})
    assert [upload["filename"] for upload in answer.json["urls"]] == names
    assert len(answer.text) * 4 < 3_000_000  # for a thousand; Lambda answers with 6 MB at most
    again = bench.post(URLS, {"jobId": job_id, "filenames": [names[0], "new.jpg", names[-1]]}).json
    assert [upload["filename"] for upload in again["urls"]] == ["new.jpg"]


def test_a_thousand_bad_names_are_refused_within_what_lambda_can_answer(bench: Bench) -> None:
    names = ["\x00" * 490 + f"{number}" for number in range(1000)]
    answer = bench.post(URLS, {"jobId": bench.create(), "filenames": names})
    assert len(answer.json["refused"]) == 1000
    assert len(answer.text) < 5_000_000


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ([], "filenames"),
        (["a.jpg"] * 1001, "filenames"),
        ("a.jpg", "filenames"),
        ([None], "filenames.0"),
        (["n" * 501], "filenames.0"),
    ],
)
def test_a_bad_list_of_names_is_refused(bench: Bench, names: object, field: str) -> None:
    problem = assert_problem(
        bench.post(URLS, {"jobId": bench.create(), "filenames": names}), 422, "invalid-request"
    )
    assert [fault["field"] for fault in problem["errors"]] == [field]


def test_of_two_who_claim_a_name_at_once_one_gets_it(bench: Bench) -> None:
    job_id = bench.create()
    mine, yours = (bench.process().images.names for _ in range(2))
    assert mine.claim(job_id, ["a.jpg", "b.jpg"]) == {"a.jpg": Claim.GRANTED, "b.jpg": Claim.GRANTED}
    assert yours.claim(job_id, ["b.jpg", "c.jpg"]) == {"b.jpg": Claim.TAKEN, "c.jpg": Claim.GRANTED}


def test_a_job_that_starts_between_the_look_and_the_claim_takes_no_image(bench: Bench) -> None:
    """The claim's own condition decides, not the look before it."""
    job_id = bench.create()
    images = bench.api.images

    def look_then_start(asked: str) -> Job:
        job = images.require_job(asked)
        bench.upload(job_id)
        bench.post("/api/training/start", {"jobId": job_id})
        return job

    racing = ImageUrls(look_then_start, images.names, images.uploads)
    with pytest.raises(ProblemError) as caught:
        racing.many(job_id, ["a.jpg"], renew=False)
    assert caught.value.problem_type is JOB_STARTED
