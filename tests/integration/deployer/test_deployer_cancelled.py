"""A job that nobody wants any more: its model is brought down, and never started if it is not up."""

from contracts.events import ModelStopped, StopCause
from runtime.consume import consume
from services.deployer.handler import Deployer
from tests.integration.deployer.bench import MINE, Bench
from tests.support.builders import JOB, OTHER_JOB, a_plan, model_trained, types_of
from tests.support.context import FakeContext
from tests.support.events import job_cancelled, start_requested, stop_requested
from tests.support.rekognition import refusal
from tests.support.world import failed_messages, sqs_batch


def cancel(bench: Bench, job_id: str = JOB) -> None:
    answer = consume(sqs_batch(job_cancelled(job_id)), FakeContext(), bench.deployer.routes)  # type: ignore[arg-type]
    assert failed_messages(answer) == []


def test_a_running_model_is_stopped_and_its_cost_told(bench: Bench) -> None:
    bench.deploy(inference_units=2)
    cancel(bench)
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    stopped = bench.last(ModelStopped)
    assert (stopped.data.cause, stopped.data.unit_seconds) == (StopCause.CANCELLED, 240)


def test_a_starting_model_is_stopped_once_it_runs(bench: Bench) -> None:
    bench.deployer.deploy(model_trained())
    cancel(bench)
    bench.tick()
    assert (bench.status, bench.rekognition.times("stop_project_version")) == ("STARTING", 0)
    bench.becomes("RUNNING", after_minutes=30)
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED")
    assert bench.last(ModelStopped).data.cause is StopCause.CANCELLED


def test_a_model_trained_after_the_cancellation_is_never_started(bench: Bench) -> None:
    cancel(bench)
    bench.deployer = bench.restarted()
    bench.deployer.deploy(model_trained())
    bench.deployer.deploy(model_trained(f1=0.1, plan=a_plan(min_f1=0.8)))
    bench.deployer.deploy(model_trained(attempt=2))
    bench.tick()
    assert (bench.rekognition.calls, bench.world.published()) == ([], [])


def test_commands_for_a_cancelled_job_are_answered_and_do_nothing(bench: Bench) -> None:
    cancel(bench, OTHER_JOB)
    bench.deploy()
    cancel(bench)
    bench.becomes("STOPPED")
    bench.world.published()
    commands = [start_requested(run=2), stop_requested(run=2), start_requested(OTHER_JOB, run=1)]
    answer = consume(sqs_batch(*commands), FakeContext(), bench.deployer.routes)  # type: ignore[arg-type]
    bench.tick()
    assert (failed_messages(answer), bench.status, bench.world.published()) == ([], "STOPPED", [])


def test_a_parked_model_gives_its_place_up(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("LimitExceededException")]
    bench.deployer.deploy(model_trained())
    bench.clock.advance(seconds=1)
    bench.deployer.deploy(model_trained(OTHER_JOB))
    cancel(bench)
    bench.tick()
    assert bench.status == "TRAINING_COMPLETED"
    assert bench.rekognition.statuses[MINE[0].replace(JOB, OTHER_JOB), "attempt-1"] == "STARTING"


class Overtaken:
    """Lets another process hear of the cancellation while this one's start is on its way."""

    def __init__(self, bench: Bench, other: Deployer) -> None:
        self.rekognition, self.other = bench.rekognition, other
        self.start = bench.rekognition.start_project_version

    def __call__(self, *, ProjectVersionArn: str, MinInferenceUnits: int) -> object:  # noqa: N803
        self.other.cancel(job_cancelled())
        return self.start(ProjectVersionArn=ProjectVersionArn, MinInferenceUnits=MinInferenceUnits)


def test_a_start_that_was_on_its_way_is_undone(bench: Bench) -> None:
    bench.rekognition.start_project_version = Overtaken(bench, bench.restarted())  # type: ignore[method-assign]
    bench.deployer.deploy(model_trained())
    assert bench.status == "STARTING"
    bench.becomes("RUNNING", after_minutes=10)
    assert bench.status == "STOPPING"
    bench.becomes("STOPPED", after_minutes=1)
    stopped = bench.last(ModelStopped)
    assert (stopped.data.cause, stopped.data.unit_seconds) == (StopCause.CANCELLED, 60)


def test_a_model_that_was_not_started_is_left_alone_once_no_start_can_be_on_its_way(bench: Bench) -> None:
    bench.rekognition.refusals["start_project_version"] = [refusal("ThrottlingException")]
    bench.deployer.deploy(model_trained())
    cancel(bench)
    assert types_of(bench.world.published()) == ["ModelStopped"]
    for _ in range(5):
        bench.tick(minutes=5)
    looks = bench.rekognition.times("describe_project_versions")
    bench.tick(minutes=5)
    assert bench.rekognition.times("describe_project_versions") == looks
    assert bench.world.published() == []


def test_a_stop_that_aws_refuses_is_tried_until_it_works(bench: Bench) -> None:
    bench.deploy()
    bench.rekognition.refusals["stop_project_version"] = [
        refusal(code) for code in ("ThrottlingException", "AccessDeniedException") for _ in range(3)
    ]
    cancel(bench)
    for _ in range(8):
        bench.tick(minutes=6)
    assert bench.status == "STOPPING"


def test_a_model_that_stops_already_stops_for_its_own_reason(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested())
    cancel(bench)
    bench.becomes("STOPPED")
    assert bench.last(ModelStopped).data.cause is StopCause.REQUESTED


def test_a_model_that_is_down_stays_down_without_a_word(bench: Bench) -> None:
    bench.deploy()
    bench.deployer.stop(stop_requested())
    bench.becomes("STOPPED")
    bench.world.published()
    cancel(bench)
    bench.tick()
    assert bench.world.published() == []
