"""GET /api/training/{jobId}/results: the test images, the worst first."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from contracts.events import ModelTrained
from contracts.stages import Stage
from tests.integration.job_api.bench import Bench
from tests.support.builders import JOB, model_trained
from tests.support.evaluated import PASSPORT, found, line
from tests.support.events import job_retried, stage_failed
from tests.support.http_face import assert_problem
from tests.support.world import BUCKET

KEY = "models/any/Rekognition-chose-this.json"


def trained(job_id: str, *, attempt: int = 1, key: str = KEY) -> ModelTrained:
    event = model_trained(job_id, attempt=attempt)
    data = event.data.model_copy(update={"test_results": f"s3://{BUCKET}/{key}"})
    return event.model_copy(update={"data": data})


def evaluate(bench: Bench, job_id: str, *lines: bytes) -> None:
    bench.world.s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"\n".join(lines) + b"\n")
    bench.hear(trained(job_id))


def image(job_id: str, filename: str, *, missed: int) -> bytes:
    return line(f"s3://{BUCKET}/images/{job_id}/{filename}", [PASSPORT] * missed, [])


def names(page: Any) -> list[str]:
    return [image["filename"] for image in page["images"]]


def test_results_tell_how_good_the_model_is_and_where_it_is_wrong(bench: Bench) -> None:
    job_id = bench.started()
    source = f"s3://{BUCKET}/images/{job_id}/a b.jpg"
    evaluate(
        bench,
        job_id,
        image(job_id, "fine.jpg", missed=0),
        line(source, [PASSPORT], [found(0.9, "false-positive", label=1)]),
    )
    answer = bench.get(f"/api/training/{job_id}/results")
    assert answer.status == 200, answer.text
    assert (answer.json["f1"], answer.json["total"], answer.json["nextToken"]) == (0.9, 2, None)
    assert answer.json["labels"][0]["threshold"] == 0.5
    worst, fine = answer.json["images"]
    edges = {"left": 10, "top": 20, "width": 300, "height": 200}
    assert worst | {"imageUrl": None} == {
        "filename": "a b.jpg",
        "imageUrl": None,
        "width": 640,
        "height": 480,
        "truth": [{"label": "passport", **edges}],
        "predictions": [{"label": "id-card", **edges, "confidence": 0.9}],
        "wrong": 2,
    }
    assert (fine["filename"], fine["wrong"]) == ("fine.jpg", 0)


def test_an_image_is_shown_by_a_url_that_lives_some_minutes(bench: Bench) -> None:
    job_id = bench.started()
    evaluate(bench, job_id, image(job_id, "a b.png", missed=1))
    [shown] = bench.get(f"/api/training/{job_id}/results").json["images"]
    url = urlsplit(shown["imageUrl"])
    query = parse_qs(url.query)
    assert url.path == f"/images/{job_id}/a%20b.png"
    assert query["X-Amz-Expires"] == ["900"]
    assert query["response-content-type"] == ["image/png"]  # whatever type it was uploaded with


@pytest.mark.parametrize(
    "source",
    [
        f"s3://{BUCKET}/images/{JOB}/a.jpg",
        f"s3://{BUCKET}/labelling/secret.jpg",
        "s3://another-bucket/images/JOB/a.jpg",
        f"s3://{BUCKET}/images/JOB/more/a.jpg",
    ],
)
def test_what_is_no_upload_of_the_job_gets_no_url(bench: Bench, source: str) -> None:
    job_id = bench.started()
    evaluate(bench, job_id, line(source.replace("JOB", job_id), [PASSPORT], []))
    [shown] = bench.get(f"/api/training/{job_id}/results").json["images"]
    assert (shown["imageUrl"], shown["filename"]) == (None, source.rpartition("/")[2])


def test_the_worst_come_first_page_by_page(bench: Bench) -> None:
    job_id = bench.started()
    evaluate(
        bench, job_id, *(image(job_id, f"{n}.jpg", missed=missed) for n, missed in enumerate([0, 2, 1, 2, 0]))
    )
    target = f"/api/training/{job_id}/results?limit=2"
    pages = [bench.get(target).json]
    while pages[-1]["nextToken"] is not None and len(pages) < 5:
        pages.append(bench.get(f"{target}&nextToken={pages[-1]['nextToken']}").json)
    assert [names(page) for page in pages] == [["1.jpg", "3.jpg"], ["2.jpg", "0.jpg"], ["4.jpg"]]


def test_a_page_has_twenty_images_when_nothing_is_said(bench: Bench) -> None:
    job_id = bench.started()
    evaluate(bench, job_id, *(image(job_id, f"{n}.jpg", missed=0) for n in range(21)))
    assert len(bench.get(f"/api/training/{job_id}/results").json["images"]) == 20


@pytest.mark.parametrize("limit", ["0", "51", "many"])
def test_a_page_has_one_to_fifty_images(bench: Bench, limit: str) -> None:
    assert_problem(bench.get(f"/api/training/{bench.create()}/results?limit={limit}"), 422, "invalid-request")


@pytest.mark.parametrize("token", ["1-2", "2-1-1", "1-1-1x", "1-%2D1-1", "1-1-9999999999999"])
def test_a_token_that_is_none_of_this_training_is_refused(bench: Bench, token: str) -> None:
    job_id = bench.started()
    evaluate(bench, job_id, image(job_id, "a.jpg", missed=1))
    answer = bench.get(f"/api/training/{job_id}/results?nextToken={token}")
    assert "first page" in assert_problem(answer, 422, "invalid-request")["detail"]


def test_before_the_training_has_ended_there_are_no_results(bench: Bench) -> None:
    problem = assert_problem(bench.get(f"/api/training/{bench.started()}/results"), 409, "no-results")
    assert "LABELLING" in problem["detail"]


def test_a_model_without_results_of_single_images_says_so(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(model_trained(job_id))
    assert_problem(bench.get(f"/api/training/{job_id}/results"), 409, "no-results")


def test_another_attempt_leaves_behind_the_results_of_the_one_before(bench: Bench) -> None:
    job_id = bench.started()
    evaluate(bench, job_id, image(job_id, "a.jpg", missed=1))
    bench.hear(stage_failed(Stage.DEPLOYMENT, job_id))
    assert bench.get(f"/api/training/{job_id}/results").status == 200
    bench.hear(job_retried(Stage.TRAINING, job_id))
    assert_problem(bench.get(f"/api/training/{job_id}/results"), 409, "no-results")


def test_an_unknown_job_has_no_results(bench: Bench) -> None:
    assert_problem(bench.get(f"/api/training/{JOB}/results"), 404, "job-not-found")


def test_results_that_are_gone_are_a_fault_of_ours(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(trained(job_id, key="models/any/gone.json"))
    assert_problem(bench.get(f"/api/training/{job_id}/results"), 500, "internal")
