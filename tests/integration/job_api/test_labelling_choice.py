"""Where a job's boxes come from, as its user chooses."""

from contracts.events import TrainingJobStarted
from tests.integration.job_api.bench import Bench
from tests.support.builders import model_trained, version_arn
from tests.support.events import deployment_started, labelling_completed, model_deployed
from tests.support.http_face import assert_problem
from tests.support.world import BUCKET

START = "/api/training/start"
IMPORT = {"labelling": {"backend": "import"}}


def give_labels(bench: Bench, job_id: str) -> None:
    """Put labels where the job's upload URL for them points."""
    bench.world.s3.put_object(Bucket=BUCKET, Key=f"imports/{job_id}/annotations", Body=b"{}")


def running_job(bench: Bench) -> str:
    job_id = bench.started({"labels": ["passport", "id-card"]})
    bench.hear(model_trained(job_id), deployment_started(job_id), model_deployed(job_id))
    return job_id


def test_people_in_ground_truth_draw_the_boxes_unless_another_way_is_asked_for(bench: Bench) -> None:
    job_id = bench.started()
    assert bench.show(job_id)["labellingBackend"] == "ground-truth"


def test_a_deployment_may_have_another_default(bench: Bench) -> None:
    bench.app = bench.routes_of(bench.process(DEFAULT_LABELLING_BACKEND="console"))
    assert bench.show(bench.create())["labellingBackend"] == "console"
    assert bench.show(bench.create(IMPORT))["labellingBackend"] == "import"


def test_labelling_learns_where_the_boxes_come_from(bench: Bench) -> None:
    job_id = bench.create(IMPORT)
    bench.upload(job_id)
    give_labels(bench, job_id)
    answer = bench.post(START, {"jobId": job_id})
    assert (answer.status, answer.json["labellingJobArn"]) == (202, None)
    [event] = bench.world.published()
    assert isinstance(event, TrainingJobStarted)
    assert event.data.plan.labelling.backend == "import"


def test_labels_are_uploaded_by_a_url_of_their_own(bench: Bench) -> None:
    job_id = bench.create(IMPORT)
    answer = bench.post(f"/api/training/{job_id}/annotations")
    assert (answer.status, answer.json["method"]) == (200, "PUT")
    assert f"/imports/{job_id}/annotations?" in answer.json["url"]
    assert bench.post(f"/api/training/{job_id}/annotations").status == 200


def test_a_job_that_imports_does_not_start_without_labels(bench: Bench) -> None:
    job_id = bench.create(IMPORT)
    bench.upload(job_id)
    assert_problem(bench.post(START, {"jobId": job_id}), 409, "no-annotations")
    assert bench.show(job_id)["status"] == "CREATED"
    give_labels(bench, job_id)
    assert bench.post(START, {"jobId": job_id}).status == 202


def test_labels_for_a_job_that_people_label_are_refused(bench: Bench) -> None:
    assert_problem(bench.post(f"/api/training/{bench.create()}/annotations"), 409, "wrong-state")


def test_labels_come_too_late_for_a_job_that_has_started(bench: Bench) -> None:
    job_id = bench.create(IMPORT)
    bench.upload(job_id)
    give_labels(bench, job_id)
    bench.post(START, {"jobId": job_id})
    assert_problem(bench.post(f"/api/training/{job_id}/annotations"), 409, "job-started")


def test_only_what_ground_truths_people_label_is_paid_for(bench: Bench) -> None:
    imported, labelled = bench.create(IMPORT), bench.create()
    for job_id in (imported, labelled):
        bench.upload(job_id)
        give_labels(bench, job_id)
        bench.post(START, {"jobId": job_id})
        bench.hear(labelling_completed(job_id))
    assert bench.show(imported)["cost"]["labelling"] == 0
    assert bench.show(labelled)["cost"]["labelling"] > 0


def test_a_running_model_suggests_boxes(bench: Bench) -> None:
    model = running_job(bench)
    job_id = bench.create(
        {"labels": ["passport"], "labelling": {"backend": "console", "suggestionsFromJob": model}}
    )
    bench.upload(job_id)
    bench.post(START, {"jobId": job_id})
    event = bench.world.published()[-1]
    assert isinstance(event, TrainingJobStarted)
    assert event.data.plan.labelling.suggestions_from == version_arn(model)


def test_what_cannot_suggest_boxes_is_refused(bench: Bench) -> None:
    model, idle = running_job(bench), bench.create()

    def asked(backend: str, job_id: str, *labels: str) -> object:
        wanted = {"backend": backend, "suggestionsFromJob": job_id}
        return {"labels": [*labels], "labelling": wanted}

    create = "/api/training/create"
    assert_problem(bench.post(create, asked("import", model, "passport")), 422, "invalid-request")
    assert_problem(bench.post(create, asked("console", idle, "passport")), 409, "no-model")
    unknown = assert_problem(bench.post(create, asked("console", model, "visa")), 422, "invalid-request")
    assert "does not know visa" in unknown["detail"]
    gone = asked("console", "01hzzzzzzzzzzzzzzzzzzzzzzz", "passport")
    assert_problem(bench.post(create, gone), 404, "job-not-found")
