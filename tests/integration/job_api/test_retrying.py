"""Another attempt at a job: from which stage, with what, and what the job shows then."""

from typing import TYPE_CHECKING

import pytest

from contracts.events import TrainingJobRetried
from contracts.stages import Stage
from tests.integration.job_api.bench import Bench
from tests.support.builders import dataset_ready, model_trained, types_of
from tests.support.events import (
    dataset_creation_started,
    deployment_started,
    labelling_completed,
    labelling_started,
    labelling_stopped,
    model_deployed,
    model_rejected,
    model_stopped,
    stage_failed,
    training_started,
)
from tests.support.http_face import assert_problem

if TYPE_CHECKING:
    from contracts.envelope import Event


def as_far_as(stage: Stage, job_id: str, *, attempt: int = 1) -> "list[Event]":
    """Give what was said about a job that went well as far as the beginning of a stage."""
    said: list[Event] = [labelling_started(job_id, attempt=attempt)]
    if stage is not Stage.LABELLING:
        said.append(labelling_completed(job_id, attempt=attempt))
    if stage in {Stage.TRAINING, Stage.DEPLOYMENT}:
        said += [dataset_creation_started(job_id, attempt=attempt), dataset_ready(job_id, attempt=attempt)]
    if stage is Stage.DEPLOYMENT:
        said += [training_started(job_id, attempt=attempt), model_trained(job_id, attempt=attempt)]
    return said


def failed_at(bench: Bench, stage: Stage) -> str:
    job_id = bench.started()
    bench.hear(*as_far_as(stage, job_id), stage_failed(stage, job_id))
    assert bench.show(job_id)["status"] == "FAILED"
    return job_id


def retry(bench: Bench, job_id: str, body: object = None) -> TrainingJobRetried:
    """Retry a job; give the event that tells the stages."""
    answer = bench.post(f"/api/training/{job_id}/retry", body)
    assert answer.status == 202, answer.text
    [event] = bench.world.published()
    assert isinstance(event, TrainingJobRetried)
    return event


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        (Stage.LABELLING, "LABELLING"),
        (Stage.DATASET, "CREATING_DATASET"),
        (Stage.TRAINING, "TRAINING"),
        (Stage.DEPLOYMENT, "DEPLOYING"),
    ],
)
def test_a_retry_begins_at_the_stage_that_failed_with_what_came_before(
    bench: Bench, stage: Stage, status: str
) -> None:
    job_id = failed_at(bench, stage)
    event = retry(bench, job_id)
    assert (event.attempt, event.data.stage, event.data.relabel) == (2, stage, False)
    assert event.data.images == f"s3://ekyc-images/images/{job_id}/"
    inputs = {
        Stage.DATASET: (event.data.labelling, labelling_completed(job_id).data),
        Stage.TRAINING: (event.data.dataset, dataset_ready(job_id).data),
        Stage.DEPLOYMENT: (event.data.model, model_trained(job_id).data),
    }
    for given_to, (given, known) in inputs.items():
        assert given == (known if given_to is stage else None)
    shown = bench.show(job_id)
    assert (shown["status"], shown["attempt"], shown["failure"]) == (status, 2, None)
    assert shown["stages"][-1]["stage"] == stage
    assert shown["stages"][-1]["endedAt"] is None


def test_a_retry_may_begin_earlier_and_leaves_behind_what_came_after(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.DEPLOYMENT)
    assert retry(bench, job_id, {"from": "dataset"}).data.stage is Stage.DATASET
    shown = bench.show(job_id)
    assert (shown["status"], shown["dataset"], shown["model"], shown["f1"]) == (
        "CREATING_DATASET",
        None,
        None,
        None,
    )
    assert shown["labelling"]["labels"]["labelled"] == 100
    assert [timing["stage"] for timing in shown["stages"]] == ["labelling", "dataset"]


def test_the_failure_stays_in_the_history_and_late_events_do_not_bring_it_back(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.TRAINING)
    retry(bench, job_id)
    late = stage_failed(Stage.TRAINING, job_id)
    bench.hear(late, model_trained(job_id), model_deployed(job_id, run=9))
    shown = bench.show(job_id)
    assert (shown["status"], shown["failure"]) == ("TRAINING", None)
    history = bench.get(f"/api/training/{job_id}/events").json["events"]
    assert {(event["type"], event["attempt"]) for event in history} >= {
        ("ekyc.stage.failed.v1", 1),
        ("ekyc.training-job.retried.v1", 2),
    }


def test_a_retried_job_goes_on_to_run_and_counts_what_all_attempts_cost(bench: Bench) -> None:
    job_id = bench.started()
    rejected = [*as_far_as(Stage.DEPLOYMENT, job_id), model_rejected(job_id)]
    bench.hear(*rejected)
    retry(bench, job_id, {"from": "training"})
    again = as_far_as(Stage.DEPLOYMENT, job_id, attempt=2)[-2:]
    bench.hear(*again, deployment_started(job_id, attempt=2), model_deployed(job_id, attempt=2))
    shown = bench.show(job_id)
    assert (shown["status"], shown["model"]["run"], shown["f1"]) == ("RUNNING", 1, 0.9)
    assert (shown["cost"]["labelling"], shown["cost"]["training"]) == (8.0, 2.0)


def test_images_labelled_in_two_attempts_are_paid_for_once_each(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(labelling_started(job_id), labelling_stopped(job_id, labelled=40))
    bench.hear(stage_failed(Stage.LABELLING, job_id))
    retry(bench, job_id)
    completed = labelling_completed(job_id, attempt=2, labelled=100)
    bench.hear(completed.model_copy(update={"data": completed.data.model_copy(update={"kept": 40})}))
    assert bench.show(job_id)["cost"]["labelling"] == 8.0


def test_the_model_of_a_retry_can_be_stopped_though_an_earlier_one_ran_more_often(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(*as_far_as(Stage.DEPLOYMENT, job_id), deployment_started(job_id, run=3))
    bench.hear(stage_failed(Stage.DEPLOYMENT, job_id, run=3), model_stopped(job_id, run=3))
    retry(bench, job_id)
    bench.hear(deployment_started(job_id, attempt=2, run=1, at=bench.clock.now))
    assert bench.show(job_id)["cost"]["perHourNow"] == 4
    assert bench.post(f"/api/training/{job_id}/model/stop").json["status"] == "STOPPING"
    [event] = bench.world.published()
    assert (event.attempt, event.data.run) == (2, 1)


def test_a_retry_under_way_gives_the_same_answer_and_begins_nothing(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.TRAINING)
    retry(bench, job_id)
    for body in (None, {"from": "training"}):
        answer = bench.post(f"/api/training/{job_id}/retry", body)
        assert (answer.status, answer.json["attempt"]) == (202, 2)
    bench.hear(training_started(job_id, attempt=2))
    assert bench.post(f"/api/training/{job_id}/retry").status == 202
    assert_problem(bench.post(f"/api/training/{job_id}/retry", {"from": "dataset"}), 409, "wrong-state")
    assert bench.world.published() == []


def test_a_retry_that_fails_can_be_retried(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.TRAINING)
    retry(bench, job_id)
    bench.hear(training_started(job_id, attempt=2), stage_failed(Stage.TRAINING, job_id, attempt=2))
    assert bench.show(job_id)["failure"] is not None
    assert retry(bench, job_id).attempt == 3


def test_a_retry_is_never_lost(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.TRAINING)
    bench.app = bench.routes_of(bench.process(TOPIC_ARN=bench.world.topic_arn + "-gone"))
    assert bench.post(f"/api/training/{job_id}/retry").status == 202
    assert bench.world.published() == []
    bench.clock.advance(seconds=11)
    assert bench.api.training_jobs.outbox.send_older_than(bench.clock()) == 1
    assert types_of(bench.world.published()) == ["TrainingJobRetried"]


# ---- refusals


def refusal(bench: Bench, job_id: str, code: str, body: object = None) -> str:
    before = bench.show(job_id)["status"]
    detail = assert_problem(bench.post(f"/api/training/{job_id}/retry", body), 409, code)["detail"]
    assert (bench.show(job_id)["status"], bench.world.published()) == (before, [])
    return str(detail)


def test_a_job_that_has_not_failed_cannot_be_retried(bench: Bench) -> None:
    created = bench.create()
    assert "start it" in refusal(bench, created, "wrong-state")
    job_id = bench.started()
    assert "wait until it has ended, or cancel it" in refusal(bench, job_id, "wrong-state")
    bench.hear(model_trained(job_id), deployment_started(job_id), model_deployed(job_id))
    assert "has succeeded" in refusal(bench, job_id, "wrong-state")
    bench.post(f"/api/training/{job_id}/cancel")
    bench.world.published()
    assert "create a new one" in refusal(bench, job_id, "wrong-state")


def test_a_rejected_job_is_retried_only_from_a_stage_that_is_named(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(*as_far_as(Stage.DEPLOYMENT, job_id), model_rejected(job_id))
    assert '"from"' in refusal(bench, job_id, "wrong-state")
    assert "rejected again" in refusal(bench, job_id, "wrong-state", {"from": "deployment"})
    assert retry(bench, job_id, {"from": "training"}).data.dataset == dataset_ready(job_id).data


@pytest.mark.parametrize(
    ("stage", "missing"),
    [("dataset", "no labels yet"), ("training", "no datasets yet"), ("deployment", "no trained model yet")],
)
def test_a_retry_cannot_begin_with_what_never_was(bench: Bench, stage: str, missing: str) -> None:
    job_id = failed_at(bench, Stage.LABELLING)
    assert missing in refusal(bench, job_id, "nothing-to-retry", {"from": stage})


def test_what_a_failure_overtook_is_waited_for_rather_than_made_again(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(stage_failed(Stage.DATASET, job_id))
    answer = bench.post(f"/api/training/{job_id}/retry")
    assert "Nothing has to be made again" in assert_problem(answer, 503, "try-again")["detail"]
    bench.hear(labelling_completed(job_id))
    assert retry(bench, job_id).data.labelling == labelling_completed(job_id).data


def test_a_retry_does_not_begin_with_the_labels_of_an_earlier_attempt(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.TRAINING)
    retry(bench, job_id, {"from": "labelling", "relabel": True})
    bench.hear(stage_failed(Stage.DATASET, job_id, attempt=2))
    assert_problem(bench.post(f"/api/training/{job_id}/retry"), 503, "try-again")
    newer = labelling_completed(job_id, attempt=2, labelled=7)
    bench.hear(newer)
    assert retry(bench, job_id).data.labelling == newer.data


def test_labels_are_not_thrown_away_unasked(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.TRAINING)
    detail = refusal(bench, job_id, "nothing-to-retry", {"from": "labelling"})
    assert '"relabel": true' in detail
    refusal(bench, job_id, "nothing-to-retry", {"relabel": True})
    event = retry(bench, job_id, {"from": "labelling", "relabel": True})
    assert (event.data.stage, event.data.relabel) == (Stage.LABELLING, True)
    assert bench.show(job_id)["labelling"] is None


def test_images_that_nobody_labelled_are_worth_a_retry(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(labelling_completed(job_id, labelled=90, failed=10), stage_failed(Stage.DATASET, job_id))
    assert not retry(bench, job_id, {"from": "labelling"}).data.relabel


def test_newer_labels_are_not_left_out_of_the_training(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.DEPLOYMENT)
    retry(bench, job_id, {"from": "labelling", "relabel": True})
    bench.hear(labelling_completed(job_id, attempt=2), stage_failed(Stage.DATASET, job_id, attempt=2))
    assert "labels are newer" in refusal(bench, job_id, "nothing-to-retry", {"from": "training"})
    assert "labels are newer" in refusal(bench, job_id, "nothing-to-retry", {"from": "deployment"})
    assert retry(bench, job_id).data.stage is Stage.DATASET


def test_a_body_that_makes_no_sense_is_refused_by_name(bench: Bench) -> None:
    job_id = failed_at(bench, Stage.TRAINING)
    bodies: tuple[object, ...] = ({"from": "nowhere"}, {"relabel": "perhaps"}, {"stage": "training"}, [])
    for body in bodies:
        assert_problem(bench.post(f"/api/training/{job_id}/retry", body), 422, "invalid-request")
    assert_problem(bench.post("/api/training/nonsense/retry"), 404, "job-not-found")
