"""A job that nobody wants any more: no training is begun, and one that has begun is seen out."""

from contracts.events import ModelDiscarded
from runtime.consume import consume
from tests.integration.trainer.bench import Bench
from tests.support.builders import JOB, OTHER_JOB, dataset_ready, project_arn, types_of, version_arn
from tests.support.context import FakeContext
from tests.support.events import job_cancelled
from tests.support.rekognition import refusal
from tests.support.world import failed_messages, sqs_batch


def cancel(bench: Bench, job_id: str = JOB) -> None:
    answer = consume(sqs_batch(job_cancelled(job_id)), FakeContext(), bench.trainer.routes)  # type: ignore[arg-type]
    assert failed_messages(answer) == []


def test_a_training_ends_by_itself_and_its_model_is_not_offered_for_deployment(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    cancel(bench)
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelTrainingStarted"]
    bench.finish_training()
    bench.tick()
    [discarded] = bench.world.published()
    assert isinstance(discarded, ModelDiscarded)
    assert (discarded.data.succeeded, discarded.data.billable_training_seconds) == (True, 1899)
    assert discarded.data.project_version_arn == version_arn()
    for _ in range(3):
        cancel(bench)
        bench.tick()
    assert bench.world.published() == []


def test_a_training_that_fails_afterwards_fails_no_stage(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    cancel(bench)
    bench.rekognition.becomes("TRAINING_FAILED")
    bench.tick()
    assert types_of(said := bench.world.published()) == ["ModelTrainingStarted", "ModelDiscarded"]
    assert isinstance(said[1], ModelDiscarded)
    assert not said[1].data.succeeded


def test_a_model_that_is_deleted_afterwards_is_not_waited_for(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    cancel(bench)
    bench.rekognition.refusals["describe_project_versions"] = [refusal("ResourceNotFoundException")] * 2
    bench.tick(minutes=5)
    said = bench.world.published()[-1]
    assert isinstance(said, ModelDiscarded)
    assert (said.data.succeeded, said.data.billable_training_seconds) == (False, 0)


def test_a_training_that_is_not_shown_at_once_is_seen_out_all_the_same(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.rekognition.refusals["describe_project_versions"] = [refusal("ResourceNotFoundException")]
    cancel(bench)
    bench.finish_training()
    bench.tick()
    said = bench.world.published()[-1]
    assert isinstance(said, ModelDiscarded)
    assert (said.data.succeeded, said.data.billable_training_seconds) == (True, 1899)


def test_a_cancellation_before_its_job_is_remembered(bench: Bench) -> None:
    cancel(bench)
    bench.trainer = bench.restarted()
    bench.trainer.train(dataset_ready())
    bench.trainer.train(dataset_ready(attempt=2))
    bench.tick()
    assert (bench.rekognition.calls, bench.world.published()) == ([], [])


def test_a_parked_job_never_trains_and_lets_the_next_one_in(bench: Bench) -> None:
    bench.rekognition.refusals["create_project_version"] = [refusal("LimitExceededException")]
    bench.trainer.train(dataset_ready(JOB))
    bench.clock.advance(seconds=1)
    bench.trainer.train(dataset_ready(OTHER_JOB))
    cancel(bench)
    bench.tick()
    assert list(bench.rekognition.statuses) == [(project_arn(OTHER_JOB), "attempt-1")]
    bench.tick(minutes=20)
    calls = len(bench.rekognition.calls)
    cancel(bench)
    bench.tick(minutes=20)
    assert bench.rekognition.times("create_project_version") == 2
    assert len(bench.rekognition.calls) == calls + 1  # only the other job's training is looked at


def test_a_training_whose_beginning_nobody_recorded_is_seen_out(bench: Bench) -> None:
    bench.rekognition.lost_answers.add("create_project_version")
    bench.trainer.train(dataset_ready())
    cancel(bench)
    bench.finish_training()
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelDiscarded"]


def test_a_training_that_has_not_begun_is_forgotten_once_nobody_can_be_at_it(bench: Bench) -> None:
    bench.rekognition.refusals["create_project_version"] = [refusal("ThrottlingException")]
    bench.trainer.train(dataset_ready())
    cancel(bench)
    bench.tick(minutes=14)
    assert bench.rekognition.times("describe_project_versions") == 2
    for _ in range(3):
        bench.tick(minutes=2)
    assert bench.rekognition.times("describe_project_versions") == 3
    assert bench.world.published() == []
