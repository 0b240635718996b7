"""The deployer against moto's tables, topic and parameters and a Rekognition that stands as told."""

import json

import pytest

from contracts.events import (
    ModelDeployed,
    ModelDeploymentStarted,
    ModelRejected,
    ModelStopped,
    StageFailed,
    StageParked,
    StopCause,
)
from runtime.consume import consume
from tests.integration.deployer.bench import PROJECT, VERSION, Bench
from tests.support.builders import (
    JOB,
    OTHER_JOB,
    TRACEPARENT,
    a_plan,
    model_trained,
    project_arn,
    types_of,
    version_arn,
)
from tests.support.context import FakeContext
from tests.support.events import start_requested, stop_requested
from tests.support.rekognition import refusal
from tests.support.world import failed_messages, sqs_batch

# ---- starting


def test_a_trained_model_is_started_and_paid_for_from_then_on(bench: Bench) -> None:
    bench.deployer.deploy(model_trained(plan=a_plan(inference_units=3)))
    started = bench.last(ModelDeploymentStarted)
    assert bench.status == "STARTING"
    assert (started.data.run, started.data.inference_units, started.data.started_at) == (1, 3, bench.clock())
    assert (started.data.project_version_arn, started.traceparent) == (version_arn(), TRACEPARENT)


def test_a_model_that_runs_is_deployed_and_named_in_the_parameters(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    assert bench.ssm.parameters == {}  # a model that only starts answers nobody
    bench.becomes("RUNNING")
    assert (bench.last(ModelDeployed).data.run, bench.status) == (1, "RUNNING")
    assert bench.ssm.parameters == {PROJECT: project_arn(), VERSION: version_arn()}


def test_how_long_a_model_has_been_paid_for_is_recorded_at_every_look(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.deployer.deploy(model_trained())
    bench.becomes("RUNNING", after_minutes=30)
    bench.tick(minutes=60)
    recorded = [
        json.loads(line)["ModelRunningHours"]
        for line in capsys.readouterr().out.splitlines()
        if '"ModelRunningHours"' in line
    ]
    assert recorded[-1] == [1.5]


def test_a_model_that_waits_for_a_place_is_not_recorded_as_running(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("LimitExceededException")] * 2
    bench.deployer.deploy(model_trained())
    bench.tick()
    assert types_of(bench.world.published()) == ["StageParked"]
    assert "ModelRunningHours" not in capsys.readouterr().out


def test_a_model_is_not_deployed_before_the_parameters_name_it(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.ssm.refusal = refusal("ThrottlingException")
    bench.becomes("RUNNING")
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]
    bench.ssm.refusal = None
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelDeployed"]


def test_a_model_that_nobody_can_be_told_of_is_stopped_for_it_costs_money(bench: Bench) -> None:
    bench.ssm.refusal = refusal("AccessDeniedException")
    bench.deploy()
    failed = bench.last(StageFailed)
    assert "/ekyc/model/project-arn" in failed.data.reason
    assert "permission" in failed.data.advice
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    assert bench.last(ModelStopped).data.cause is StopCause.GIVEN_UP


def test_a_repeated_event_starts_the_model_once(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.deployer.deploy(model_trained())
    assert bench.rekognition.times("start_project_version") == 1
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]


def test_a_lost_answer_to_the_start_does_not_start_twice(bench: Bench) -> None:
    bench.rekognition.lost_answers.add("start_project_version")
    bench.deployer.deploy(model_trained())
    assert (bench.status, bench.world.published()) == ("STARTING", [])
    bench.tick()
    assert bench.rekognition.times("start_project_version") == 1
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]


def test_a_model_that_somebody_is_starting_already_is_taken_as_started(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("ResourceInUseException")]
    bench.deployer.deploy(model_trained())
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]


def test_throttling_is_tried_again_without_a_word(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("ThrottlingException")]
    bench.deployer.deploy(model_trained())
    assert bench.world.published() == []
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]


def test_a_start_that_iam_refuses_fails_the_stage_with_advice(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("AccessDeniedException")]
    bench.deployer.deploy(model_trained())
    failed = bench.last(StageFailed)
    assert (failed.data.stage, failed.data.run, failed.data.code) == (
        "deployment",
        1,
        "AccessDeniedException",
    )
    assert "permission" in failed.data.advice


def test_a_model_that_is_gone_fails_the_stage(bench: Bench) -> None:
    bench.rekognition.statuses.clear()
    bench.deployer.deploy(model_trained())
    assert bench.last(StageFailed).data.code == "model-deleted"


def test_a_project_that_is_gone_fails_the_stage(bench: Bench) -> None:
    bench.rekognition.refusals["describe_project_versions"] = [refusal("ResourceNotFoundException")]
    bench.deployer.deploy(model_trained())
    assert bench.last(StageFailed).data.code == "model-deleted"


def test_hosting_that_fails_says_why_and_ends_the_cost(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.world.published()
    bench.becomes("FAILED", message="No capacity.", after_minutes=30)
    stopped, failed = bench.world.published()
    assert isinstance(stopped, ModelStopped)
    assert isinstance(failed, StageFailed)
    assert (stopped.data.cause, stopped.data.unit_seconds) == (StopCause.OUTSIDE, 1800)
    assert (failed.data.code, failed.data.run) == ("model-will-not-start", 1)
    assert "No capacity." in failed.data.reason


def test_a_model_that_does_not_start_in_time_is_given_up_and_stopped_once_it_runs(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.becomes("STARTING", after_minutes=60)
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]
    bench.tick()
    assert bench.last(StageFailed).data.code == "model-not-running-in-time"
    assert bench.status == "STARTING"  # from there it cannot be stopped
    bench.becomes("RUNNING", after_minutes=5)
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    stopped = bench.last(ModelStopped)
    assert (stopped.data.cause, stopped.data.unit_seconds) == (StopCause.GIVEN_UP, 67 * 60)


# ---- the quality bar


def test_a_model_below_the_bar_is_rejected_and_not_started(bench: Bench) -> None:
    bench.deployer.deploy(model_trained(f1=0.79, plan=a_plan(min_f1=0.8)))
    rejected = bench.last(ModelRejected)
    assert (rejected.data.f1, rejected.data.min_f1) == (0.79, 0.8)
    bench.tick()
    assert bench.status == "TRAINING_COMPLETED"


def test_a_model_at_the_bar_is_deployed(bench: Bench) -> None:
    bench.deployer.deploy(model_trained(f1=0.8, plan=a_plan(min_f1=0.8)))
    assert bench.status == "STARTING"


def test_a_rejected_model_is_started_when_its_user_insists(bench: Bench) -> None:
    bench.deployer.deploy(model_trained(f1=0.1, plan=a_plan(min_f1=0.8)))
    bench.deployer.start(start_requested(run=1))
    assert bench.last(ModelDeploymentStarted).data.run == 1


# ---- waiting for a place


def test_a_full_quota_parks_the_model_until_there_is_a_place(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("LimitExceededException")] * 2
    bench.deployer.deploy(model_trained())
    bench.tick()
    [parked] = bench.world.published()
    assert isinstance(parked, StageParked)
    assert (parked.data.stage, parked.data.run) == ("deployment", 1)
    assert "two at a time" in parked.data.waiting_for
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]


def test_models_are_started_in_the_order_in_which_they_came(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("LimitExceededException")] * 2
    bench.deployer.deploy(model_trained(OTHER_JOB))
    bench.clock.advance(seconds=1)
    bench.deployer.deploy(model_trained(JOB))
    bench.tick()
    assert bench.rekognition.times("start_project_version") == 2  # the second in line is not tried
    bench.world.published()
    bench.tick()
    assert [event.job_id for event in bench.world.published()] == [OTHER_JOB, JOB]


def test_a_model_that_is_started_again_stands_in_line_behind_the_others(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested())
    bench.becomes("STOPPED")
    bench.rekognition.refusals["start_project_version"] = [refusal("LimitExceededException")]
    bench.deployer.deploy(model_trained(OTHER_JOB))
    bench.deployer.start(start_requested(run=2))
    assert bench.status == "STOPPED"
    assert types_of(bench.world.published())[-2:] == ["StageParked", "StageParked"]


def test_a_parked_model_that_is_stopped_never_starts(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("LimitExceededException")]
    bench.deployer.deploy(model_trained())
    bench.deployer.stop(stop_requested())
    stopped = bench.last(ModelStopped)
    assert (stopped.data.cause, stopped.data.unit_seconds) == (StopCause.REQUESTED, 0)
    bench.tick()
    bench.tick()
    assert bench.status == "TRAINING_COMPLETED"
    assert bench.world.published() == []


# ---- stopping


def test_a_running_model_is_stopped_on_request(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested())
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    stopped = bench.last(ModelStopped)
    assert (stopped.data.run, stopped.data.cause, stopped.data.unit_seconds) == (1, StopCause.REQUESTED, 120)
    assert stopped.data.stopped_at == bench.clock()


def test_a_model_that_starts_is_stopped_once_it_runs(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.deployer.stop(stop_requested())
    bench.tick()
    assert (bench.status, bench.rekognition.times("stop_project_version")) == ("STARTING", 0)
    bench.becomes("RUNNING")
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted", "ModelStopped"]


def test_stopping_twice_stops_once(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested())
    bench.deployer.stop(stop_requested())
    assert bench.rekognition.times("stop_project_version") == 1
    bench.becomes("STOPPED")
    bench.world.published()
    bench.deployer.stop(stop_requested())
    bench.tick()
    assert bench.world.published() == []


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "ResourceInUseException"])
def test_a_stop_that_is_refused_is_tried_until_it_works(bench: Bench, code: str) -> None:
    bench.deploy()
    bench.rekognition.refusals["stop_project_version"] = [refusal(code)] * 5
    bench.deployer.stop(stop_requested())
    for _ in range(6):
        bench.tick(minutes=5)
    assert bench.status == "STOPPING"
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted", "ModelDeployed"]


def test_a_stop_that_iam_refuses_is_told_once_and_tried_for_ever(bench: Bench) -> None:
    bench.deploy()
    bench.world.published()
    bench.rekognition.refusals["stop_project_version"] = [refusal("AccessDeniedException")] * 5
    bench.deployer.stop(stop_requested())
    for _ in range(3):
        bench.tick(minutes=5)
    [failed] = bench.world.published()
    assert isinstance(failed, StageFailed)
    assert "permission" in failed.data.advice
    bench.rekognition.refusals.clear()
    bench.tick(minutes=5)
    bench.becomes("STOPPED")
    assert bench.last(ModelStopped).data.cause is StopCause.REQUESTED


def test_a_running_model_is_not_lost_sight_of_when_aws_refuses_to_show_it(bench: Bench) -> None:
    bench.deploy(auto_stop_after_minutes=60)
    bench.world.published()
    bench.rekognition.refusals["describe_project_versions"] = [refusal("AccessDeniedException")] * 3
    for _ in range(6):
        bench.tick(minutes=20)
    assert bench.status == "STOPPING"
    assert bench.world.published() == []


def test_a_lost_answer_to_the_stop_does_no_harm(bench: Bench) -> None:
    bench.deploy()
    bench.rekognition.lost_answers.add("stop_project_version")
    bench.deployer.stop(stop_requested())
    bench.tick()
    bench.becomes("STOPPED")
    assert bench.last(ModelStopped).data.cause is StopCause.REQUESTED
    assert bench.rekognition.times("stop_project_version") == 1


def test_a_model_stops_by_itself_when_that_was_asked_for(bench: Bench) -> None:
    bench.deploy(auto_stop_after_minutes=90)
    until = bench.last(ModelDeployed).data.auto_stop_at
    assert until is not None
    assert (until - bench.clock()).total_seconds() == 90 * 60
    for _ in range(17):
        bench.tick(minutes=5)
    assert bench.status == "RUNNING"
    bench.tick(minutes=5)
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    assert bench.last(ModelStopped).data.cause is StopCause.AUTO_STOP


def test_the_moment_to_stop_by_itself_is_not_slept_through(bench: Bench) -> None:
    bench.deploy(auto_stop_after_minutes=2)
    bench.tick(minutes=1.5)
    bench.tick(minutes=0.5)
    assert bench.status == "STOPPING"


def test_a_model_stopped_by_hand_is_noticed(bench: Bench) -> None:
    bench.deploy()
    bench.becomes("STOPPING", after_minutes=5)
    bench.becomes("STOPPED", after_minutes=5)
    assert bench.last(ModelStopped).data.cause is StopCause.OUTSIDE
    bench.tick(minutes=10)
    assert bench.status == "STOPPED"  # it is not started again either


def test_who_stopped_an_earlier_run_is_not_blamed_for_the_next(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested(run=1))
    bench.becomes("STOPPED")
    bench.deployer.start(start_requested(run=2))
    bench.becomes("RUNNING")
    bench.becomes("STOPPED", after_minutes=5)
    assert bench.last(ModelStopped).data.cause is StopCause.OUTSIDE


def test_a_running_model_that_is_deleted_by_hand_ends_and_fails(bench: Bench) -> None:
    bench.deploy()
    bench.world.published()
    bench.rekognition.statuses.clear()
    bench.tick(minutes=6)
    stopped, failed = bench.world.published()
    assert isinstance(stopped, ModelStopped)
    assert isinstance(failed, StageFailed)
    assert failed.data.code == "model-deleted"


# ---- runs


def test_a_stopped_model_starts_again_as_run_2_and_is_paid_for_in_all(bench: Bench) -> None:
    bench.deploy(inference_units=2)
    bench.deployer.stop(stop_requested(run=1))
    bench.becomes("STOPPED", after_minutes=9)
    assert bench.last(ModelStopped).data.unit_seconds == 2 * 600
    bench.clock.advance(hours=5)  # nothing is paid while it is down
    bench.deployer.start(start_requested(run=2))
    assert bench.last(ModelDeploymentStarted).data.run == 2
    bench.becomes("RUNNING")
    assert bench.last(ModelDeployed).data.run == 2
    bench.deployer.stop(stop_requested(run=2))
    bench.becomes("STOPPED", after_minutes=4)
    stopped = bench.last(ModelStopped)
    assert (stopped.data.run, stopped.data.unit_seconds) == (2, 2 * 600 + 2 * 300)


def test_what_a_given_up_run_cost_is_not_forgotten_by_the_next(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.becomes("STARTING", after_minutes=61)
    bench.deployer.start(start_requested(run=2))
    bench.becomes("RUNNING")
    bench.deployer.stop(stop_requested(run=2))
    bench.becomes("STOPPED")
    assert bench.last(ModelStopped).data.unit_seconds == 63 * 60


def test_a_stop_that_overtakes_its_start_wins(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested(run=1))
    bench.becomes("STOPPED")
    bench.world.published()
    bench.deployer.stop(stop_requested(run=2))
    bench.deployer.start(start_requested(run=2))
    bench.tick()
    assert bench.status == "STOPPED"
    [stopped] = bench.world.published()
    assert isinstance(stopped, ModelStopped)
    assert (stopped.data.run, stopped.data.cause) == (2, StopCause.REQUESTED)


def test_a_stop_that_overtakes_the_start_of_a_rejected_model_wins(bench: Bench) -> None:
    bench.deployer.deploy(model_trained(f1=0.1, plan=a_plan(min_f1=0.8)))
    bench.deployer.stop(stop_requested(run=1))
    bench.deployer.start(start_requested(run=1))
    bench.tick()
    assert bench.status == "TRAINING_COMPLETED"


def test_a_start_that_comes_twice_or_late_changes_nothing(bench: Bench) -> None:
    bench.deploy()
    bench.world.published()
    bench.deployer.start(start_requested(run=1))
    bench.tick()
    assert (bench.rekognition.times("start_project_version"), bench.world.published()) == (1, [])


def test_a_stop_for_an_earlier_run_leaves_the_model_running(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested(run=1))
    bench.becomes("STOPPED")
    bench.deployer.start(start_requested(run=2))
    bench.becomes("RUNNING")
    bench.deployer.stop(stop_requested(run=1))
    bench.tick(minutes=6)
    assert bench.status == "RUNNING"


def test_a_failed_model_can_be_started_again(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.becomes("FAILED")
    bench.deployer.start(start_requested(run=2))
    assert bench.last(ModelDeploymentStarted).data.run == 2
    bench.becomes("RUNNING")
    assert bench.last(ModelDeployed).data.run == 2


def test_a_command_before_its_model_is_known_goes_back_to_the_queue(bench: Bench) -> None:
    batch = sqs_batch(stop_requested(run=1), model_trained(OTHER_JOB))
    answer = consume(batch, FakeContext(), bench.deployer.routes)  # type: ignore[arg-type]
    assert failed_messages(answer) == ["m0"]
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted"]


def test_a_restarted_service_goes_on(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    bench.deployer = bench.restarted()
    bench.becomes("RUNNING")
    bench.deployer = bench.restarted()
    bench.deployer.stop(stop_requested())
    bench.becomes("STOPPED")
    assert types_of(bench.world.published()) == ["ModelDeploymentStarted", "ModelDeployed", "ModelStopped"]
