"""Starting a job, starting and stopping its model, and how the other services learn of it."""

from dataclasses import replace

from contracts.events import ModelStartRequested, ModelStopRequested, TrainingJobStarted
from contracts.stages import Stage
from services.job_api.handler import JobApi
from services.job_api.training_jobs import TrainingJobs
from tests.integration.job_api.bench import Bench
from tests.support.builders import model_trained, types_of
from tests.support.events import (
    deployment_started,
    model_deployed,
    model_rejected,
    model_stopped,
    stage_failed,
)
from tests.support.http_face import assert_problem

START = "/api/training/start"


def outbox(bench: Bench) -> list[str]:
    items = bench.world.dynamodb.scan(TableName="ekyc-job-api")["Items"]
    return [item["item"]["S"] for item in items if item["item"]["S"].startswith("outbox#")]


def tick(bench: Bench, api: JobApi | None = None, *, seconds: float = 11) -> int:
    bench.clock.advance(seconds=seconds)
    training_jobs = (api or bench.api).training_jobs
    return training_jobs.outbox.send_older_than(bench.clock())


# ---- starting a job


def test_a_started_job_is_labelled_and_its_labelling_job_named(bench: Bench) -> None:
    job_id = bench.create({"labels": ["a", "b"], "options": {"minF1": 0.5}})
    bench.upload(job_id)
    answer = bench.post(START, {"jobId": job_id})
    assert (answer.status, answer.json) == (
        202,
        {
            "jobId": job_id,
            "status": "LABELLING",
            "labellingJobArn": f"arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/ekyc-{job_id}-1",
        },
    )
    [event] = bench.world.published()
    assert isinstance(event, TrainingJobStarted)
    assert event.data.images == f"s3://ekyc-images/images/{job_id}/"
    assert (event.data.plan.labels, event.data.plan.options.min_f1) == (["a", "b"], 0.5)
    assert outbox(bench) == []


def test_starting_again_gives_the_same_answer_and_starts_nothing(bench: Bench) -> None:
    job_id = bench.create()
    bench.upload(job_id)
    first = bench.post(START, {"jobId": job_id})
    again = bench.post(START, {"jobId": job_id})
    assert (again.status, again.json) == (first.status, first.json)
    assert len(bench.world.published()) == 1


def test_a_job_can_be_named_in_the_query_as_the_original_did(bench: Bench) -> None:
    for parameter in ("jobId", "JobId"):
        job_id = bench.create()
        bench.upload(job_id)
        for body in (None, "", "null"):
            answer = bench.post(f"{START}?{parameter}={job_id}", body)
            assert (answer.status, answer.json["jobId"]) == (202, job_id)


def test_a_start_names_its_job(bench: Bench) -> None:
    for body in (None, "", {}, {"jobId": ""}, {"jobId": None}, {"job": "x"}):
        assert_problem(bench.post(START, body), 422, "invalid-request")


def test_a_job_without_images_does_not_start(bench: Bench) -> None:
    job_id = bench.create()
    bench.get(f"/api/training/url?jobId={job_id}&filename=a.jpg")  # asked for, never uploaded
    problem = assert_problem(bench.post(START, {"jobId": job_id}), 409, "no-images")
    assert "upload" in problem["detail"]
    assert (bench.show(job_id)["status"], bench.world.published()) == ("CREATED", [])


def test_images_of_another_job_do_not_count(bench: Bench) -> None:
    bench.upload(bench.create())
    assert_problem(bench.post(START, {"jobId": bench.create()}), 409, "no-images")


class OvertakenUploads:
    """Lets another process start the job just after this one has read it."""

    def __init__(self, other: TrainingJobs) -> None:
        self.other = other
        self.answers: list[object] = []

    def any_arrived(self, job_id: str) -> bool:
        self.answers.append(self.other.start(job_id))
        return True


def test_of_two_who_start_at_once_one_does_and_both_get_the_same_answer(bench: Bench) -> None:
    job_id = bench.create()
    bench.upload(job_id)
    uploads = OvertakenUploads(bench.process().training_jobs)
    overtaken = replace(bench.api.training_jobs, uploads=uploads)  # type: ignore[arg-type]
    assert [overtaken.start(job_id)] == uploads.answers
    assert types_of(bench.world.published()) == ["TrainingJobStarted"]


def test_with_sns_down_a_start_is_taken_and_a_tick_tells_of_it(bench: Bench) -> None:
    job_id = bench.create()
    bench.upload(job_id)
    healthy = bench.app
    bench.app = bench.routes_of(bench.process(TOPIC_ARN=bench.world.topic_arn + "-gone"))
    assert bench.post(START, {"jobId": job_id}).status == 202
    assert (bench.world.published(), len(outbox(bench))) == ([], 1)
    bench.app = healthy
    assert tick(bench) == 1
    assert types_of(bench.world.published()) == ["TrainingJobStarted"]
    assert (outbox(bench), tick(bench)) == ([], 0)


def test_a_command_on_its_way_is_left_alone_by_the_tick(bench: Bench) -> None:
    job_id = bench.create()
    bench.upload(job_id)
    bench.app = bench.routes_of(bench.process(TOPIC_ARN=bench.world.topic_arn + "-gone"))
    bench.post(START, {"jobId": job_id})
    assert bench.api.training_jobs.outbox.send_older_than(bench.clock()) == 0


def test_a_command_that_cannot_be_sent_holds_up_no_other(bench: Bench) -> None:
    """Of two stops that wait in the outbox, the first is spoilt."""
    bench.app = bench.routes_of(bench.process(TOPIC_ARN=bench.world.topic_arn + "-gone"))
    jobs = [bench.create(), bench.create()]
    for job_id in jobs:
        bench.upload(job_id)
        bench.post(START, {"jobId": job_id})
        bench.clock.advance(seconds=1)
    items = bench.world.dynamodb.scan(TableName="ekyc-job-api")["Items"]
    [spoilt] = [
        item for item in items if item["job_id"]["S"] == jobs[0] and item["item"]["S"].startswith("outbox#")
    ]
    bench.world.dynamodb.put_item(TableName="ekyc-job-api", Item=spoilt | {"body": {"S": "x" * 300_000}})
    assert tick(bench) == 1
    assert [event.job_id for event in bench.world.published()] == [jobs[1]]
    assert len(outbox(bench)) == 1


# ---- starting and stopping the model


def running(bench: Bench) -> str:
    job_id = bench.started()
    bench.hear(model_trained(job_id), deployment_started(job_id), model_deployed(job_id))
    return job_id


def test_a_running_model_can_be_stopped(bench: Bench) -> None:
    job_id = running(bench)
    answer = bench.post(f"/api/training/{job_id}/model/stop")
    assert (answer.status, answer.json["status"]) == (202, "STOPPING")
    [event] = bench.world.published()
    assert isinstance(event, ModelStopRequested)
    assert (event.job_id, event.data.run) == (job_id, 1)


def test_stopping_again_asks_nothing_more(bench: Bench) -> None:
    job_id = running(bench)
    for _ in range(2):
        assert bench.post(f"/api/training/{job_id}/model/stop").json["status"] == "STOPPING"
    bench.hear(model_stopped(job_id))
    assert bench.post(f"/api/training/{job_id}/model/stop").json["status"] == "STOPPED"
    assert len(bench.world.published()) == 1


def test_a_model_that_starts_can_be_stopped(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(model_trained(job_id))
    assert bench.post(f"/api/training/{job_id}/model/stop").json["status"] == "STOPPING"


def test_a_stopped_model_can_be_started_again_as_run_2(bench: Bench) -> None:
    job_id = running(bench)
    bench.post(f"/api/training/{job_id}/model/stop")
    bench.hear(model_stopped(job_id))
    bench.world.published()
    answer = bench.post(f"/api/training/{job_id}/model/start")
    assert (answer.status, answer.json["status"], answer.json["model"]["run"]) == (202, "DEPLOYING", 2)
    assert bench.post(f"/api/training/{job_id}/model/start").status == 202
    [event] = bench.world.published()
    assert isinstance(event, ModelStartRequested)
    assert event.data.run == 2


def test_a_rejected_model_can_be_started_all_the_same(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(model_trained(job_id, f1=0.1), model_rejected(job_id))
    assert bench.post(f"/api/training/{job_id}/model/start").json["model"]["run"] == 1


def test_a_model_that_is_stopping_cannot_be_started_yet(bench: Bench) -> None:
    job_id = running(bench)
    bench.post(f"/api/training/{job_id}/model/stop")
    problem = assert_problem(bench.post(f"/api/training/{job_id}/model/start"), 409, "wrong-state")
    assert "STOPPING" in problem["detail"]


def test_a_rejected_model_cannot_be_stopped(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(model_trained(job_id), model_rejected(job_id))
    assert_problem(bench.post(f"/api/training/{job_id}/model/stop"), 409, "wrong-state")


def test_a_job_without_a_model_can_do_neither(bench: Bench) -> None:
    for job_id in (bench.create(), bench.started()):
        for command in ("start", "stop"):
            assert_problem(bench.post(f"/api/training/{job_id}/model/{command}"), 409, "no-model")


def test_a_model_whose_start_failed_can_still_be_stopped_for_it_may_cost_money(bench: Bench) -> None:
    job_id = bench.started()
    failed = stage_failed(Stage.DEPLOYMENT, job_id, run=1)
    bench.hear(model_trained(job_id), deployment_started(job_id), failed)
    answer = bench.post(f"/api/training/{job_id}/model/stop")
    assert (answer.status, answer.json["status"]) == (202, "FAILED")
    assert types_of(bench.world.published()) == ["ModelStopRequested"]
    assert bench.post(f"/api/training/{job_id}/model/start").json["status"] == "DEPLOYING"


def test_a_stop_is_never_lost(bench: Bench) -> None:
    job_id = running(bench)
    bench.app = bench.routes_of(bench.process(TOPIC_ARN=bench.world.topic_arn + "-gone"))
    assert bench.post(f"/api/training/{job_id}/model/stop").status == 202
    assert tick(bench) == 1
    assert types_of(bench.world.published()) == ["ModelStopRequested"]
