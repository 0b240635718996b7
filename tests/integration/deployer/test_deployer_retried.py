"""Another attempt at a job: a model of an earlier one that may be up is brought down first."""

import pytest

from contracts.events import ModelDeploymentStarted, ModelStopped, StopCause
from contracts.stages import Stage
from runtime.consume import consume
from tests.integration.deployer.bench import MINE, Bench
from tests.support.builders import JOB, OTHER_JOB, a_plan, model_trained, project_arn, types_of
from tests.support.context import FakeContext
from tests.support.events import job_cancelled, job_retried, start_requested, stop_requested
from tests.support.rekognition import refusal
from tests.support.world import failed_messages, sqs_batch

SECOND = (project_arn(JOB), "attempt-2")


@pytest.fixture(autouse=True)
def _second_version(bench: Bench) -> None:
    bench.rekognition.statuses[SECOND] = "TRAINING_COMPLETED"


def given_up(bench: Bench) -> None:
    """Let an hour pass in which the first attempt's model does not come to run."""
    bench.deployer.deploy(model_trained())
    bench.becomes("STARTING", after_minutes=61)
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted", "StageFailed"]


def test_a_retry_starts_the_same_model_again(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("AccessDeniedException")]
    bench.deployer.deploy(model_trained())
    assert types_of(bench.world.published()) == ["StageFailed"]
    bench.deployer.retry(job_retried(Stage.DEPLOYMENT))
    bench.deployer.retry(job_retried(Stage.DEPLOYMENT))
    started = bench.last(ModelDeploymentStarted)
    assert (started.attempt, started.data.run, bench.status) == (2, 1, "STARTING")
    assert bench.rekognition.times("start_project_version") == 2


def test_a_model_that_was_given_up_is_brought_down_before_it_is_started_again(bench: Bench) -> None:
    given_up(bench)
    bench.deployer.retry(job_retried(Stage.DEPLOYMENT))
    bench.tick()
    assert (bench.world.published(), bench.rekognition.times("start_project_version")) == ([], 1)
    bench.becomes("RUNNING")
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    stopped, started = bench.world.published()
    assert isinstance(stopped, ModelStopped)
    assert isinstance(started, ModelDeploymentStarted)
    assert (stopped.attempt, stopped.data.cause, stopped.data.unit_seconds) == (
        1,
        StopCause.GIVEN_UP,
        64 * 60,
    )
    assert (started.attempt, bench.status) == (2, "STARTING")


def test_the_cost_of_the_earlier_attempts_model_is_carried_on(bench: Bench) -> None:
    given_up(bench)
    bench.deployer.deploy(model_trained(attempt=2))
    bench.becomes("RUNNING")
    bench.becomes("STOPPED")
    assert bench.rekognition.statuses[SECOND] == "STARTING"
    bench.rekognition.statuses[SECOND] = "RUNNING"
    bench.tick()
    bench.deployer.stop(stop_requested(attempt=2))
    bench.rekognition.statuses[SECOND] = "STOPPED"
    bench.tick()
    stopped = bench.last(ModelStopped)
    assert (stopped.attempt, stopped.data.unit_seconds) == (2, (63 + 2) * 60)


def test_a_stop_of_the_earlier_model_that_aws_refuses_is_tried_until_it_works(bench: Bench) -> None:
    given_up(bench)
    bench.deployer.deploy(model_trained(attempt=2))
    bench.rekognition.refusals["stop_project_version"] = [
        refusal(code) for code in ("ThrottlingException", "AccessDeniedException") for _ in range(2)
    ]
    bench.becomes("RUNNING")
    for _ in range(6):
        bench.tick(minutes=6)
    assert (bench.status, bench.rekognition.statuses[SECOND]) == ("STOPPING", "TRAINING_COMPLETED")


def test_a_retry_that_is_cancelled_still_brings_the_earlier_model_down(bench: Bench) -> None:
    given_up(bench)
    bench.deployer.deploy(model_trained(attempt=2))
    bench.deployer.cancel(job_cancelled(attempt=2))
    bench.becomes("RUNNING")
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    bench.tick()
    assert bench.rekognition.statuses[SECOND] == "TRAINING_COMPLETED"
    assert [event.attempt for event in bench.world.published()] == [1, 2]


def test_a_retry_whose_model_is_rejected_still_brings_the_earlier_one_down(bench: Bench) -> None:
    given_up(bench)
    bench.deployer.deploy(model_trained(attempt=2, f1=0.1, plan=a_plan(min_f1=0.8)))
    assert types_of(bench.world.published()) == ["ModelRejected"]
    bench.becomes("RUNNING")
    bench.becomes("STOPPED")
    for _ in range(3):
        bench.tick(minutes=10)
    assert types_of(bench.world.published()) == ["ModelStopped"]
    assert bench.rekognition.statuses[SECOND] == "TRAINING_COMPLETED"


def test_a_third_attempt_sees_to_the_first_ones_model_too(bench: Bench) -> None:
    given_up(bench)
    bench.deployer.deploy(model_trained(attempt=2))
    bench.rekognition.statuses[project_arn(JOB), "attempt-3"] = "TRAINING_COMPLETED"
    bench.deployer.deploy(model_trained(attempt=3))
    bench.becomes("RUNNING")
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    for _ in range(3):
        bench.tick(minutes=10)
    assert bench.rekognition.statuses[SECOND] == "TRAINING_COMPLETED"
    assert bench.rekognition.statuses[project_arn(JOB), "attempt-3"] == "STARTING"


def test_a_retry_waits_in_line_and_not_before_its_predecessor_has_made_room(bench: Bench) -> None:
    given_up(bench)
    bench.rekognition.refusals["start_project_version"] = [refusal("LimitExceededException")]
    bench.deployer.deploy(model_trained(OTHER_JOB))
    bench.clock.advance(seconds=1)
    bench.deployer.deploy(model_trained(attempt=2))
    bench.becomes("RUNNING")
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    bench.tick()
    assert bench.rekognition.statuses[SECOND] == "STARTING"


def test_commands_are_for_the_models_of_their_attempt(bench: Bench) -> None:
    given_up(bench)
    bench.becomes("RUNNING")
    bench.becomes("STOPPED")
    bench.deployer.retry(job_retried(Stage.DEPLOYMENT))
    bench.becomes("RUNNING", after_minutes=5)
    batch = sqs_batch(
        stop_requested(attempt=1, run=9), start_requested(attempt=1, run=9), stop_requested(attempt=3)
    )
    answer = consume(batch, FakeContext(), bench.deployer.routes)  # type: ignore[arg-type]
    bench.tick()
    assert (failed_messages(answer), bench.rekognition.statuses[MINE]) == (["m2"], "RUNNING")


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.DEPLOYMENT])
def test_a_retry_from_another_stage_starts_nothing_yet(bench: Bench, stage: Stage) -> None:
    bench.deployer.retry(job_retried(stage))
    assert bench.rekognition.calls == []


def test_the_cost_of_a_model_that_is_down_already_is_carried_on_too(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.becomes("FAILED", after_minutes=30)
    assert types_of(bench.world.published())[-1] == "StageFailed"
    bench.deployer.deploy(model_trained(attempt=2))
    bench.rekognition.statuses[SECOND] = "RUNNING"
    bench.tick()
    bench.deployer.stop(stop_requested(attempt=2))
    bench.rekognition.statuses[SECOND] = "STOPPED"
    bench.tick()
    assert bench.last(ModelStopped).data.unit_seconds == (30 + 2) * 60
