"""The trainer against moto's tables and topic and a Rekognition that stands as told."""

import pytest

from contracts.events import ModelTrained, ModelTrainingStarted, StageFailed, StageParked
from contracts.stages import Stage
from tests.integration.trainer.bench import Bench
from tests.support.builders import JOB, OTHER_JOB, a_plan, dataset_ready, project_arn, types_of, version_arn
from tests.support.events import job_retried
from tests.support.rekognition import refusal
from tests.support.world import BUCKET


def test_ready_datasets_are_trained_on(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    [event] = bench.world.published()
    assert isinstance(event, ModelTrainingStarted)
    assert event.data.project_version_arn == version_arn()
    assert event.traceparent == dataset_ready().traceparent


def test_a_finished_training_tells_how_good_the_model_is(bench: Bench) -> None:
    plan = a_plan(min_f1=0.5)
    bench.trainer.train(dataset_ready(plan=plan))
    bench.tick()
    bench.finish_training()
    bench.tick()
    trained = bench.world.published()[-1]
    assert isinstance(trained, ModelTrained)
    assert (trained.data.f1, trained.data.billable_training_seconds) == (0.91, 1899)
    assert trained.data.plan == plan
    passport, id_card = trained.data.labels
    assert (passport.label, passport.test_images, passport.threshold) == ("passport", 12, 0.4)
    assert (id_card.label, id_card.f1) == ("id-card", None)


def test_a_finished_training_tells_where_the_results_of_the_single_images_are(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    where = {"Bucket": BUCKET, "Name": "models/any/Rekognition-chose-this.json"}
    bench.rekognition.tested = {"Output": {"Assets": [{}, {"GroundTruthManifest": {"S3Object": where}}]}}
    bench.finish_training()
    bench.tick()
    trained = bench.world.published()[-1]
    assert isinstance(trained, ModelTrained)
    assert trained.data.test_results == f"s3://{BUCKET}/models/any/Rekognition-chose-this.json"


def test_a_training_without_results_of_single_images_is_none_the_worse(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.finish_training()
    bench.tick()
    trained = bench.world.published()[-1]
    assert isinstance(trained, ModelTrained)
    assert trained.data.test_results is None


def test_a_repeated_event_trains_once(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.trainer.train(dataset_ready())
    assert bench.rekognition.times("create_project_version") == 1
    assert types_of(bench.world.published()) == ["ModelTrainingStarted"]


def test_a_lost_answer_does_not_train_twice(bench: Bench) -> None:
    bench.rekognition.lost_answers.add("create_project_version")
    bench.trainer.train(dataset_ready())
    assert bench.world.published() == []
    bench.tick()
    assert len(bench.rekognition.statuses) == 1
    assert types_of(bench.world.published()) == ["ModelTrainingStarted"]


def test_a_full_quota_parks_the_job_and_says_what_it_waits_for(bench: Bench) -> None:
    bench.rekognition.refusals["create_project_version"] = [refusal("LimitExceededException")] * 3
    bench.trainer.train(dataset_ready())
    bench.tick()
    bench.tick()
    [parked] = bench.world.published()
    assert isinstance(parked, StageParked)
    assert "training slot" in parked.data.waiting_for
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelTrainingStarted"]


def test_parked_jobs_are_trained_in_the_order_in_which_they_came(bench: Bench) -> None:
    bench.rekognition.refusals["create_project_version"] = [refusal("LimitExceededException")]
    bench.trainer.train(dataset_ready(JOB))
    bench.clock.advance(seconds=1)
    bench.trainer.train(dataset_ready(OTHER_JOB))  # the quota is free again, yet somebody waits for it
    assert bench.rekognition.statuses == {}
    bench.rekognition.refusals["create_project_version"] = []
    bench.tick()
    assert [project for project, _ in bench.rekognition.statuses] == [
        project_arn(JOB),
        project_arn(OTHER_JOB),
    ]


def test_a_parked_job_in_front_is_not_overtaken_by_the_next(bench: Bench) -> None:
    bench.rekognition.refusals["create_project_version"] = [refusal("LimitExceededException")] * 2
    bench.trainer.train(dataset_ready(JOB))
    bench.clock.advance(seconds=1)
    bench.trainer.train(dataset_ready(OTHER_JOB))
    bench.tick()  # refused for the first: the second must not even be tried
    assert bench.rekognition.statuses == {}
    assert bench.rekognition.times("create_project_version") == 2


def test_a_failed_training_says_why_and_what_to_do(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.rekognition.becomes("TRAINING_FAILED", message="Too few labels.")
    bench.tick()
    failed = bench.world.published()[-1]
    assert isinstance(failed, StageFailed)
    assert (failed.data.stage, failed.data.code) == ("training", "training-failed")
    assert "Too few labels." in failed.data.reason
    assert failed.data.advice


def test_a_version_deleted_by_hand_fails_the_job(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.rekognition.statuses.clear()
    bench.tick(minutes=5)
    failed = bench.world.published()[-1]
    assert isinstance(failed, StageFailed)
    assert failed.data.code == "model-deleted"


def test_a_training_that_is_not_shown_at_once_is_not_taken_for_deleted(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    begun = dict(bench.rekognition.statuses)
    bench.rekognition.statuses.clear()
    bench.trainer.train(dataset_ready())
    bench.tick()
    bench.rekognition.statuses.update(begun)
    bench.finish_training()
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelTrainingStarted", "ModelTrained"]


def test_throttling_is_tried_again_without_a_word(bench: Bench) -> None:
    bench.rekognition.refusals["create_project_version"] = [refusal("ThrottlingException")]
    bench.trainer.train(dataset_ready())
    assert bench.world.published() == []
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelTrainingStarted"]


def test_a_refusal_by_iam_fails_the_job_with_advice(bench: Bench) -> None:
    bench.rekognition.refusals["create_project_version"] = [refusal("AccessDeniedException")]
    bench.trainer.train(dataset_ready())
    [failed] = bench.world.published()
    assert isinstance(failed, StageFailed)
    assert "permission" in failed.data.advice


def test_a_training_that_never_ends_fails_at_its_deadline(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.tick(minutes=26 * 60)
    bench.world.published()
    bench.tick()
    [failed] = bench.world.published()
    assert isinstance(failed, StageFailed)
    assert failed.data.code == "deadline-passed"


def test_a_restarted_service_goes_on(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.trainer = bench.restarted()
    bench.finish_training()
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelTrainingStarted", "ModelTrained"]


def test_an_event_of_an_earlier_attempt_changes_nothing(bench: Bench) -> None:
    bench.trainer.train(dataset_ready(attempt=2))
    bench.trainer.train(dataset_ready(attempt=1))
    assert [name for _, name in bench.rekognition.statuses] == ["attempt-2"]


def test_an_event_that_cannot_be_published_is_published_by_the_next_tick(bench: Bench) -> None:
    topic = bench.world.environment["TOPIC_ARN"]
    bench.world.environment["TOPIC_ARN"] = topic + "-gone"
    bench.trainer = bench.restarted()
    with pytest.raises(Exception, match="publish an event"):
        bench.trainer.train(dataset_ready())
    bench.world.environment["TOPIC_ARN"] = topic
    bench.trainer = bench.restarted()
    bench.tick()
    assert types_of(bench.world.published()) == ["ModelTrainingStarted"]
    assert bench.rekognition.times("create_project_version") == 1


# ---- another attempt


def retry(bench: Bench, stage: Stage = Stage.TRAINING, *, attempt: int = 2) -> None:
    bench.trainer.retry(job_retried(stage, attempt=attempt))


def test_a_retry_trains_another_version_on_the_same_datasets(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.rekognition.becomes("TRAINING_FAILED")
    bench.tick()
    bench.world.published()
    retry(bench)
    retry(bench)
    assert bench.rekognition.statuses == {
        (project_arn(), "attempt-1"): "TRAINING_FAILED",
        (project_arn(), "attempt-2"): "TRAINING_IN_PROGRESS",
    }
    bench.finish_training()
    bench.tick()
    said = bench.world.published()
    assert [(type(event).__name__, event.attempt) for event in said] == [
        ("ModelTrainingStarted", 2),
        ("ModelTrained", 2),
    ]
    assert bench.rekognition.times("create_project_version") == 2


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.TRAINING])
def test_a_retry_from_another_stage_trains_nothing_yet(bench: Bench, stage: Stage) -> None:
    bench.trainer.train(dataset_ready())
    retry(bench, stage)
    assert list(bench.rekognition.statuses) == [(project_arn(), "attempt-1")]


def test_an_event_of_the_attempt_before_the_retry_changes_nothing(bench: Bench) -> None:
    retry(bench)
    bench.trainer.train(dataset_ready())
    assert [name for _, name in bench.rekognition.statuses] == ["attempt-2"]


def test_the_clock_of_a_retry_starts_anew(bench: Bench) -> None:
    bench.trainer.train(dataset_ready())
    bench.tick(minutes=27 * 60)
    assert types_of(bench.world.published())[-1] == "StageFailed"
    retry(bench)
    bench.tick(minutes=25 * 60)
    assert types_of(bench.world.published()) == ["ModelTrainingStarted"]
