"""Dataset against moto's S3, tables and topic, and a Rekognition that stands as told."""

from typing import Any

import pytest

from contracts.events import DatasetCreationStarted, StageFailed, TrainingJobRetried
from contracts.stages import Stage
from services.dataset import handler
from tests.integration.dataset.conftest import Bench, ten_lines
from tests.support.builders import JOB, TRACEPARENT, a_plan, types_of
from tests.support.context import FakeContext
from tests.support.events import job_retried
from tests.support.manifest_lines import IMAGES, a_box, a_line, an_expired_line
from tests.support.rekognition import refusal
from tests.support.world import BUCKET, failed_messages, sqs_batch


def started(bench: Bench) -> DatasetCreationStarted:
    [event] = bench.world.published()
    assert isinstance(event, DatasetCreationStarted)
    return event


def failure(bench: Bench) -> StageFailed:
    [event] = bench.world.published()
    assert isinstance(event, StageFailed)
    assert (event.source, event.data.stage) == ("/ekyc/dataset", "dataset")
    return event


def test_labels_become_a_train_and_a_test_dataset(bench: Bench) -> None:
    bench.dataset.begin(bench.complete())
    project = bench.rekognition.only
    assert list(bench.rekognition.projects) == [f"ekyc-{JOB}-1"]
    assert {name: dataset.manifest for name, dataset in project.datasets.items()} == {
        "TRAIN": f"s3://{BUCKET}/datasets/{JOB}/1/train.manifest",
        "TEST": f"s3://{BUCKET}/datasets/{JOB}/1/test.manifest",
    }
    train, test = bench.manifest("train"), bench.manifest("test")
    assert (len(train), len(test)) == (8, 2)
    assert sorted(train + test) == sorted(f"{n}.jpg" for n in range(10))


def test_what_was_made_is_told_with_the_split_of_every_label(bench: Bench) -> None:
    bench.dataset.begin(bench.complete(plan=a_plan("passport", "id-card", "visa")))
    event = started(bench)
    assert event.traceparent == TRACEPARENT
    assert event.data.datasets.project_arn == bench.rekognition.only.arn
    assert event.data.datasets.test_dataset_arn == bench.rekognition.only.datasets["TEST"].arn
    assert [(split.label, split.train, split.test) for split in event.data.split] == [
        ("passport", 4, 1),
        ("id-card", 4, 1),
        ("visa", 0, 0),
    ]
    assert (event.data.left_out, event.data.left_out_report) == ([], None)


def test_what_was_left_out_is_told_by_reason_and_reported_in_full(bench: Bench) -> None:
    bad: list[Any] = ["{broken", an_expired_line(), a_line("empty.jpg", annotations=[]), a_line("0.jpg")]
    bad += [
        a_line("x.jpg") | {"source-ref": "s3://elsewhere/x.jpg"},
        a_line("cut.jpg", a_box(), a_box(left=2000)),
    ]
    bench.dataset.begin(bench.complete(*ten_lines(), *bad))
    data = started(bench).data
    assert {case.code: case.examples for case in data.left_out} == {
        "not-json": ["line 11"],
        "labelling-failed": ["expired.jpg"],
        "no-document": ["empty.jpg"],
        "repeated-image": ["0.jpg"],
        "foreign-image": ["s3://elsewhere/x.jpg"],
        "box-outside-image": ["cut.jpg"],
    }
    assert data.left_out_report == f"s3://{BUCKET}/datasets/{JOB}/1/left-out.jsonl"
    report = bench.lines(f"datasets/{JOB}/1/left-out.jsonl")
    assert [entry["line"] for entry in report] == [11, 12, 13, 14, 15, 16]
    assert len(bench.manifest("train")) + len(bench.manifest("test")) == 11


def test_a_label_with_one_example_is_trained_only(bench: Bench) -> None:
    lines = [a_line(f"{n}.jpg") for n in range(9)] + [a_line("single.jpg", a_box("id-card"))]
    bench.dataset.begin(bench.complete(*lines))
    assert [(s.label, s.train, s.test) for s in started(bench).data.split] == [
        ("passport", 7, 2),
        ("id-card", 1, 0),
    ]
    assert "single.jpg" in bench.manifest("train")


def test_the_same_images_test_whatever_the_order_of_the_manifest(bench: Bench) -> None:
    lines = ten_lines()
    bench.dataset.begin(bench.complete(*lines))
    bench.dataset.begin(bench.complete(*lines[::-1], attempt=2))
    assert sorted(bench.manifest("test")) == sorted(bench.manifest("test", attempt=2))
    assert bench.manifest("train") != bench.manifest("train", attempt=2)


def test_a_repeated_event_makes_one_project_and_one_pair_of_datasets(bench: Bench) -> None:
    event = bench.complete()
    for _ in range(3):
        bench.dataset.begin(event)
        bench.restarted()
    assert bench.rekognition.calls["create_project"] == 1
    assert bench.rekognition.calls["create_dataset"] == 2
    assert types_of(bench.world.published()) == ["DatasetCreationStarted"]


def test_a_late_event_of_an_earlier_attempt_changes_nothing(bench: Bench) -> None:
    first = bench.complete()
    bench.dataset.begin(bench.complete(attempt=2))
    row = bench.row()
    bench.dataset.begin(first)
    assert bench.row() == row
    assert list(bench.rekognition.projects) == [f"ekyc-{JOB}-2"]


def test_a_new_attempt_gets_a_project_of_its_own(bench: Bench) -> None:
    bench.dataset.begin(bench.complete())
    bench.dataset.begin(bench.complete(attempt=2))
    assert list(bench.rekognition.projects) == [f"ekyc-{JOB}-1", f"ekyc-{JOB}-2"]


def test_datasets_wait_until_the_project_is_created(bench: Bench) -> None:
    bench.rekognition.new_status = "CREATING"
    bench.dataset.begin(bench.complete())
    bench.tick()
    assert bench.rekognition.calls["create_dataset"] == 0
    bench.rekognition.only.status = "CREATED"
    bench.tick()
    assert types_of(bench.world.published()) == ["DatasetCreationStarted"]


@pytest.mark.parametrize("operation", ["create_project", "create_dataset", "describe_projects"])
def test_a_lost_answer_makes_nothing_twice(bench: Bench, operation: str) -> None:
    bench.rekognition.lost_answers.add(operation)
    bench.dataset.begin(bench.complete())
    assert bench.world.published() == []
    bench.tick()
    assert list(bench.rekognition.only.datasets) == ["TRAIN", "TEST"]
    assert types_of(bench.world.published()) == ["DatasetCreationStarted"]


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "LimitExceededException", "ProvisionedThroughputExceededException"]
)
def test_a_busy_rekognition_is_asked_again(bench: Bench, code: str) -> None:
    bench.rekognition.refusals["create_dataset"] = [refusal(code)]
    bench.dataset.begin(bench.complete())
    bench.tick()
    assert types_of(bench.world.published()) == ["DatasetCreationStarted"]


def test_an_account_full_of_projects_fails_the_job_with_what_to_do(bench: Bench) -> None:
    bench.rekognition.refusals["create_project"] = [refusal("LimitExceededException")]
    bench.dataset.begin(bench.complete())
    data = failure(bench).data
    assert data.code == "too-many-projects"
    assert "Delete projects" in data.advice


def test_a_dataset_that_aws_refuses_fails_the_job_with_awss_words(bench: Bench) -> None:
    bench.rekognition.refusals["create_dataset"] = [
        refusal("InvalidS3ObjectException", message="Not readable.")
    ]
    bench.dataset.begin(bench.complete())
    assert "Not readable." in failure(bench).data.reason


def test_a_job_without_a_usable_image_fails_and_says_what_became_of_each(bench: Bench) -> None:
    bench.dataset.begin(bench.complete(an_expired_line("a.jpg"), a_line("b.jpg", annotations=[])))
    data = failure(bench).data
    assert data.code == "no-usable-image"
    assert any("labelling-failed" in detail and "a.jpg" in detail for detail in data.details)
    assert data.details[-1] == f"Every case: s3://{BUCKET}/datasets/{JOB}/1/left-out.jsonl"
    assert len(bench.lines(f"datasets/{JOB}/1/left-out.jsonl")) == 2
    assert bench.rekognition.projects == {}


def test_an_empty_manifest_fails_the_job(bench: Bench) -> None:
    bench.dataset.begin(bench.complete("", ""))
    assert failure(bench).data.code == "no-usable-image"


def test_a_single_usable_image_fails_the_job(bench: Bench) -> None:
    bench.dataset.begin(bench.complete(a_line("a.jpg")))
    assert failure(bench).data.code == "too-few-images"


def test_a_manifest_that_is_gone_fails_the_job(bench: Bench) -> None:
    event = bench.complete()
    bench.world.s3.delete_object(
        Bucket=BUCKET, Key=event.data.output_manifest.removeprefix(f"s3://{BUCKET}/")
    )
    bench.dataset.begin(event)
    assert failure(bench).data.code == "NoSuchKey"


def test_what_never_gets_done_ends_at_the_deadline(bench: Bench) -> None:
    bench.rekognition.new_status = "CREATING"
    bench.dataset.begin(bench.complete())
    bench.tick(minutes=361)
    assert failure(bench).data.code == "deadline-passed"


def test_messages_are_answered_one_by_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    handler.service.cache_clear()
    for name, value in bench.world.environment.items():
        monkeypatch.setenv(name, value)
    batch = sqs_batch("no JSON", bench.complete(a_line("a.jpg")))
    answer = handler.on_events(batch, FakeContext())  # type: ignore[arg-type]
    assert failed_messages(answer) == ["m0"]
    assert failure(bench).data.code == "too-few-images"
    handler.on_tick({}, FakeContext())  # type: ignore[arg-type]
    handler.service.cache_clear()


def test_images_are_those_of_the_job_in_the_bucket(bench: Bench) -> None:
    bench.dataset.begin(bench.complete())
    for line in bench.lines(f"datasets/{JOB}/1/train.manifest"):
        assert line["source-ref"].startswith(IMAGES)


def test_a_retry_makes_datasets_of_the_same_labels_in_a_project_of_its_own(bench: Bench) -> None:
    completed = bench.complete()
    bench.dataset.begin(completed)
    data = job_retried(Stage.DATASET).data.model_copy(update={"labelling": completed.data})
    again = TrainingJobRetried.about(JOB, 2, data, time=bench.clock())
    for _ in range(2):
        bench.dataset.retry(again)
    assert list(bench.rekognition.projects) == [f"ekyc-{JOB}-1", f"ekyc-{JOB}-2"]
    assert bench.manifest("train", attempt=2) == bench.manifest("train")
    assert [event.attempt for event in bench.world.published()] == [1, 2]


def test_a_retry_from_another_stage_makes_no_datasets(bench: Bench) -> None:
    for stage in (Stage.LABELLING, Stage.TRAINING, Stage.DEPLOYMENT):
        bench.dataset.retry(job_retried(stage))
    assert bench.rekognition.projects == {}
