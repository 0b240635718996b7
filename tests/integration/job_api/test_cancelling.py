"""Cancelling a job for good, and what the answer says about what that cannot undo."""

from typing import TYPE_CHECKING, Any

import pytest

from contracts.events import StopCause, TrainingJobCancelled
from contracts.stages import Stage
from tests.integration.job_api.bench import Bench
from tests.support.builders import dataset_ready, model_trained, types_of
from tests.support.events import (
    deployment_started,
    labelling_completed,
    labelling_started,
    labelling_stopped,
    model_deployed,
    model_discarded,
    model_rejected,
    model_stopped,
    stage_failed,
    stage_parked,
    training_started,
)
from tests.support.http_face import assert_problem

if TYPE_CHECKING:
    from contracts.envelope import Event


def cancel(bench: Bench, job_id: str, body: object = None) -> str:
    """Cancel a job; give what its answer says cannot be undone."""
    answer = bench.post(f"/api/training/{job_id}/cancel", body)
    assert (answer.status, answer.json["status"]) == (202, "CANCELLED"), answer.text
    return " ".join(answer.json["cancellation"]["lasting"])


def test_a_cancelled_job_is_told_to_every_stage_with_the_reason(bench: Bench) -> None:
    job_id = bench.started()
    cancel(bench, job_id, {"reason": " wrong images "})
    [event] = bench.world.published()
    assert isinstance(event, TrainingJobCancelled)
    assert (event.job_id, event.data.reason) == (job_id, "wrong images")
    shown = bench.show(job_id)
    assert (shown["status"], shown["cancellation"]["reason"]) == ("CANCELLED", "wrong images")


def test_cancelling_again_gives_the_same_answer_and_tells_nobody(bench: Bench) -> None:
    job_id = bench.started()
    first = bench.post(f"/api/training/{job_id}/cancel", {"reason": "first"})
    bench.world.published()
    again = bench.post(f"/api/training/{job_id}/cancel", {"reason": "second"})
    assert (again.status, again.json) == (first.status, first.json)
    assert bench.world.published() == []


def test_a_job_that_was_not_started_can_be_cancelled_and_takes_nothing_more(bench: Bench) -> None:
    job_id = bench.create()
    bench.upload(job_id)
    assert cancel(bench, job_id) == ""
    problem = assert_problem(bench.post("/api/training/start", {"jobId": job_id}), 409, "wrong-state")
    assert "create a new one" in problem["detail"]
    assert_problem(bench.get(f"/api/training/url?jobId={job_id}&filename=b.jpg"), 409, "job-started")


def test_late_events_add_what_they_know_and_never_move_a_cancelled_job(bench: Bench) -> None:
    job_id = bench.started()
    cancel(bench, job_id)
    late: list[Event] = [
        labelling_started(job_id),
        labelling_completed(job_id),
        dataset_ready(job_id),
        stage_parked(Stage.TRAINING, job_id),
        training_started(job_id),
        model_trained(job_id),
        deployment_started(job_id, run=3),
        model_deployed(job_id, run=3),
        stage_failed(Stage.DEPLOYMENT, job_id, attempt=2, run=1),
        model_deployed(job_id, attempt=9, run=99),
    ]
    for event in late:
        bench.hear(event, event)
        assert bench.show(job_id)["status"] == "CANCELLED"
    assert bench.show(job_id)["failure"] is None


@pytest.mark.parametrize("status", ["STOPPED", "REJECTED", "FAILED"])
def test_a_job_that_is_over_and_costs_nothing_cannot_be_cancelled(bench: Bench, status: str) -> None:
    job_id = bench.started()
    ends: dict[str, list[Event]] = {
        "STOPPED": [model_trained(job_id), deployment_started(job_id), model_stopped(job_id)],
        "REJECTED": [model_trained(job_id), model_rejected(job_id)],
        "FAILED": [training_started(job_id), stage_failed(Stage.TRAINING, job_id)],
    }
    bench.hear(*ends[status])
    problem = assert_problem(bench.post(f"/api/training/{job_id}/cancel"), 409, "wrong-state")
    assert f"is {status}" in problem["detail"]
    assert bench.show(job_id)["status"] == status


def test_a_failed_job_whose_model_may_be_up_can_be_cancelled(bench: Bench) -> None:
    job_id = bench.started()
    failed = stage_failed(Stage.DEPLOYMENT, job_id, run=1)
    bench.hear(model_trained(job_id), deployment_started(job_id), failed)
    assert "$4.00 an hour" in cancel(bench, job_id)


def test_a_failed_job_whose_labelling_may_go_on_can_be_cancelled(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(labelling_started(job_id), stage_failed(Stage.LABELLING, job_id))
    assert "is being stopped" in cancel(bench, job_id)


# ---- what cannot be undone


def test_what_people_label_until_the_stop_is_paid_for_and_kept(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(labelling_started(job_id))
    assert "$0.08 an image" in cancel(bench, job_id)
    bench.hear(labelling_stopped(job_id, labelled=40))
    shown = bench.show(job_id)
    [lasting] = shown["cancellation"]["lasting"]
    assert "40 images were labelled, for about $3.20." in lasting
    assert "output.manifest" in lasting
    assert shown["cost"]["labelling"] == 3.2
    assert shown["labelling"]["labels"]["labelled"] == 40


def test_a_training_goes_on_and_the_job_says_so(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(labelling_completed(job_id, labelled=10), dataset_ready(job_id), training_started(job_id))
    lasting = cancel(bench, job_id)
    assert "10 images were labelled, for about $0.80." in lasting
    assert "AWS cannot cancel a training" in lasting
    assert "Its model is not deployed." in lasting
    bench.hear(model_discarded(job_id, seconds=1800))
    shown = bench.show(job_id)
    assert "for about $0.50" in shown["cancellation"]["lasting"][1]
    assert shown["cost"]["training"] == 0.5


def test_a_training_that_failed_after_all_is_not_billed(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(training_started(job_id))
    cancel(bench, job_id)
    bench.hear(model_discarded(job_id, succeeded=False, seconds=0))
    [lasting] = bench.show(job_id)["cancellation"]["lasting"]
    assert "does not bill" in lasting


def test_a_model_costs_until_it_is_down(bench: Bench) -> None:
    job_id = bench.started()
    started_at = bench.clock.now
    bench.hear(model_trained(job_id), deployment_started(job_id, at=started_at), model_deployed(job_id))
    bench.clock.advance(hours=2)
    lasting = cancel(bench, job_id)
    assert "was trained, for about $1.00" in lasting
    assert "$4.00 an hour, so far about $8.00" in lasting
    bench.hear(model_stopped(job_id, unit_seconds=7200, cause=StopCause.CANCELLED))
    shown = bench.show(job_id)
    assert "it ran for about $8.00 in all" in shown["cancellation"]["lasting"][1]
    assert (shown["model"]["stopCause"], shown["cost"]["perHourNow"]) == ("cancelled", 0)


# ---- promises


def test_a_cancellation_is_never_lost(bench: Bench) -> None:
    job_id = bench.started()
    healthy = bench.app
    bench.app = bench.routes_of(bench.process(TOPIC_ARN=bench.world.topic_arn + "-gone"))
    cancel(bench, job_id)
    assert bench.world.published() == []
    bench.app = healthy
    bench.clock.advance(seconds=11)
    assert bench.api.training_jobs.outbox.send_older_than(bench.clock()) == 1
    assert types_of(bench.world.published()) == ["TrainingJobCancelled"]


def test_a_cancelled_job_takes_no_commands_for_its_model(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(model_trained(job_id), deployment_started(job_id), model_deployed(job_id))
    cancel(bench, job_id)
    bench.world.published()
    problem = assert_problem(bench.post(f"/api/training/{job_id}/model/start"), 409, "wrong-state")
    assert "create a new job" in problem["detail"]
    assert bench.post(f"/api/training/{job_id}/model/stop").json["status"] == "CANCELLED"
    assert bench.world.published() == []


def test_a_reason_is_a_short_text(bench: Bench) -> None:
    job_id = bench.started()
    bodies: tuple[Any, ...] = ({"reason": ""}, {"reason": "x" * 501}, {"reason": 1}, {"why": "x"}, [])
    for body in bodies:
        assert_problem(bench.post(f"/api/training/{job_id}/cancel", body), 422, "invalid-request")
    assert_problem(bench.post("/api/training/nonsense/cancel"), 404, "job-not-found")
