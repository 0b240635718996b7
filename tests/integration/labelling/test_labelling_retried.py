"""Another attempt at labelling: nobody draws the same boxes twice unless that is asked for."""

import json
from typing import Any

import pytest

from contracts.events import LabellingCompleted, LabellingStarted, LabellingStopped
from contracts.stages import Stage
from tests.integration.labelling.bench import Bench, jpeg, source_ref
from tests.integration.labelling.fake_sagemaker import error
from tests.support.builders import JOB, types_of
from tests.support.events import job_cancelled, job_retried
from tests.support.world import BUCKET


@pytest.fixture
def labelling(bench: Bench) -> Bench:
    bench.upload({"a.jpg": jpeg(), "b.jpg": jpeg(), "c.jpg": jpeg(), "d.jpg": b"x"})
    bench.start()
    assert types_of(bench.world.published()) == ["LabellingStarted"]
    return bench


def labelled(name: str, *, attempt: int = 1) -> dict[str, Any]:
    return {**source_ref(name), "document": {"annotations": [{"class_id": attempt}]}, "document-metadata": {}}


def expired(name: str) -> dict[str, Any]:
    return {**source_ref(name), "document-metadata": {"failure-reason": "ClientError: expired"}}


def end(bench: Bench, status: str, *lines: dict[str, Any] | str, attempt: int = 1) -> None:
    """Let an attempt's labelling job end, with these lines in its output."""
    job = bench.sagemaker.jobs[f"ekyc-{JOB}-{attempt}"]
    output = f"labelling/{JOB}/{attempt}/output/ekyc-{JOB}-{attempt}/manifests/output/output.manifest"
    body = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    bench.s3.put_object(Bucket=BUCKET, Key=output, Body=body.encode())
    done = sum("document" in line for line in lines)
    job.update(
        status=status,
        counters={"TotalLabeled": done, "FailedNonRetryableError": 0, "Unlabeled": len(lines) - done},
        output=f"s3://{BUCKET}/{output}",
    )


def retry(bench: Bench, *, relabel: bool = False, attempt: int = 2) -> None:
    assert bench.deliver(job_retried(Stage.LABELLING, attempt=attempt, relabel=relabel)) == []


def manifest(bench: Bench, uri: str) -> list[dict[str, Any]]:
    body = bench.s3.get_object(Bucket=BUCKET, Key=uri.removeprefix(f"s3://{BUCKET}/"))["Body"].read()
    return [json.loads(line) for line in body.splitlines()]


def asked_of_people(bench: Bench, attempt: int = 2) -> list[dict[str, Any]]:
    job = bench.sagemaker.jobs[f"ekyc-{JOB}-{attempt}"]
    return manifest(bench, job["request"]["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"])


def test_what_was_labelled_before_a_stop_is_kept_and_the_rest_is_labelled(labelling: Bench) -> None:
    end(labelling, "Stopped", labelled("b.jpg"), expired("a.jpg"), source_ref("c.jpg"))
    labelling.tick()
    assert types_of(labelling.world.published()) == ["LabellingStopped", "StageFailed"]
    retry(labelling)
    [started] = labelling.world.published()
    assert isinstance(started, LabellingStarted)
    assert (started.attempt, started.data.images.accepted, started.data.images.refused) == (2, 3, 1)
    assert asked_of_people(labelling) == [source_ref("a.jpg"), source_ref("c.jpg")]
    end(labelling, "Completed", labelled("a.jpg", attempt=2), expired("c.jpg"), attempt=2)
    labelling.tick()
    [completed] = labelling.world.published()
    assert isinstance(completed, LabellingCompleted)
    assert (completed.data.counts.labelled, completed.data.kept) == (2, 1)
    assert manifest(labelling, completed.data.output_manifest) == [
        labelled("b.jpg"),
        labelled("a.jpg", attempt=2),
        expired("c.jpg"),
    ]


def test_what_people_did_is_told_before_the_failure(labelling: Bench) -> None:
    end(labelling, "Stopped", labelled("b.jpg"), source_ref("a.jpg"))
    for _ in range(3):
        labelling.tick()
    stopped, failed = labelling.world.published()
    assert isinstance(stopped, LabellingStopped)
    assert (stopped.data.counts.labelled, stopped.data.counts.unlabelled) == (1, 1)
    assert types_of([failed]) == ["StageFailed"]


def test_labels_are_carried_through_several_attempts(labelling: Bench) -> None:
    end(labelling, "Stopped", labelled("b.jpg"), source_ref("a.jpg"), source_ref("c.jpg"))
    labelling.tick()
    retry(labelling)
    end(labelling, "Stopped", labelled("c.jpg", attempt=2), source_ref("a.jpg"), attempt=2)
    labelling.tick()
    labelling.world.published()
    retry(labelling, attempt=3)
    assert asked_of_people(labelling, 3) == [source_ref("a.jpg")]
    end(labelling, "Completed", labelled("a.jpg", attempt=3), attempt=3)
    labelling.tick()
    completed = labelling.world.published()[-1]
    assert isinstance(completed, LabellingCompleted)
    assert manifest(labelling, completed.data.output_manifest) == [
        labelled("b.jpg"),
        labelled("c.jpg", attempt=2),
        labelled("a.jpg", attempt=3),
    ]
    assert (completed.data.counts.labelled, completed.data.kept) == (3, 2)


def test_a_retry_that_breaks_off_before_its_labelling_forgets_no_labels(labelling: Bench) -> None:
    end(labelling, "Stopped", labelled("b.jpg"), expired("a.jpg"), source_ref("c.jpg"))
    labelling.tick()

    def refused(**_: Any) -> tuple[Any, dict[str, Any]]:
        return error("AccessDenied", "No.")

    labelling.intercept("ListObjectsV2", refused)
    retry(labelling)
    assert types_of(labelling.world.published())[-1] == "StageFailed"
    labelling.restart()
    retry(labelling, attempt=3)
    assert asked_of_people(labelling, attempt=3) == [source_ref("a.jpg"), source_ref("c.jpg")]


@pytest.mark.parametrize("relabel", [True, False])
def test_whether_to_label_anew_is_what_the_last_retry_says(labelling: Bench, relabel: bool) -> None:
    labelling.tick(days=32)  # the deadline: the labelling job goes on, and the retry sees to it first
    retry(labelling, relabel=not relabel)
    retry(labelling, attempt=3, relabel=relabel)
    end(labelling, "Stopped", labelled("b.jpg"), expired("a.jpg"), source_ref("c.jpg"))
    labelling.tick(minutes=10)
    assert (source_ref("b.jpg") in asked_of_people(labelling, attempt=3)) is relabel


def test_when_all_is_labelled_already_nobody_is_asked(labelling: Bench) -> None:
    end(labelling, "Stopped", *(labelled(name) for name in ("a.jpg", "b.jpg", "c.jpg")))
    labelling.tick()
    labelling.world.published()
    retry(labelling)
    [completed] = labelling.world.published()
    assert isinstance(completed, LabellingCompleted)
    assert (completed.data.counts.labelled, completed.data.kept, completed.data.counts.failed) == (3, 3, 0)
    assert len(manifest(labelling, completed.data.output_manifest)) == 3
    assert labelling.sagemaker.creations == 1


def test_what_is_asked_for_again_is_labelled_again(labelling: Bench) -> None:
    end(labelling, "Completed", *(labelled(name) for name in ("a.jpg", "b.jpg", "c.jpg")))
    labelling.tick()
    labelling.world.published()
    retry(labelling, relabel=True)
    assert asked_of_people(labelling) == [source_ref(name) for name in ("a.jpg", "b.jpg", "c.jpg")]
    end(labelling, "Completed", labelled("a.jpg", attempt=2), attempt=2)
    labelling.tick()
    completed = labelling.world.published()[-1]
    assert isinstance(completed, LabellingCompleted)
    assert (completed.data.counts.labelled, completed.data.kept) == (1, 0)


def test_images_that_were_never_labelled_can_be_given_another_chance(labelling: Bench) -> None:
    end(labelling, "Completed", labelled("a.jpg"), labelled("b.jpg"), expired("c.jpg"))
    labelling.tick()
    retry(labelling)
    assert asked_of_people(labelling) == [source_ref("c.jpg")]


def test_a_labelling_job_that_was_left_at_its_deadline_is_stopped_and_its_labels_are_kept(
    labelling: Bench,
) -> None:
    labelling.tick(days=32)
    assert types_of(labelling.world.published()) == ["StageFailed"]
    retry(labelling)
    assert labelling.sagemaker.only_job["status"] == "Stopping"
    labelling.tick()
    assert labelling.sagemaker.creations == 1
    end(labelling, "Stopped", labelled("a.jpg"), source_ref("b.jpg"), source_ref("c.jpg"))
    labelling.tick()
    stopped, started = labelling.world.published()
    assert isinstance(stopped, LabellingStopped)
    assert (stopped.attempt, stopped.data.counts.labelled) == (1, 1)
    assert types_of([started]) == ["LabellingStarted"]
    assert asked_of_people(labelling) == [source_ref("b.jpg"), source_ref("c.jpg")]


def test_a_retry_that_is_cancelled_still_stops_the_labelling_job_of_the_attempt_before(
    labelling: Bench,
) -> None:
    labelling.tick(days=32)
    labelling.sagemaker.refusal = ("ThrottlingException", "later")
    retry(labelling)
    labelling.deliver(job_cancelled(attempt=2))
    labelling.sagemaker.refusal = None
    labelling.tick(minutes=6)
    assert labelling.sagemaker.only_job["status"] == "Stopping"
    end(labelling, "Stopped", labelled("a.jpg"))
    labelling.tick()
    labelling.tick(minutes=20)
    assert labelling.sagemaker.creations == 1
    assert types_of(labelling.world.published())[-1] == "LabellingStopped"


def test_an_image_that_was_removed_since_and_lines_that_cannot_be_read_are_left_out(labelling: Bench) -> None:
    lines = (labelled("a.jpg"), labelled("a.jpg", attempt=9), labelled("b.jpg"), "no json", "[]", "{}")
    end(labelling, "Stopped", *lines)
    labelling.tick()
    labelling.s3.delete_object(Bucket=BUCKET, Key=f"images/{JOB}/b.jpg")
    retry(labelling)
    assert asked_of_people(labelling) == [source_ref("c.jpg")]
    assert manifest(labelling, f"s3://{BUCKET}/labelling/{JOB}/2/kept.manifest") == [labelled("a.jpg")]


def test_an_attempt_without_a_labelling_job_leaves_nothing_to_keep(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.sagemaker.refusal = ("AccessDeniedException", "no")
    bench.start()
    assert types_of(bench.world.published()) == ["StageFailed"]
    bench.sagemaker.refusal = None
    retry(bench)
    assert asked_of_people(bench) == [source_ref("a.jpg")]


def test_a_job_that_had_no_image_can_be_retried_once_it_has(bench: Bench) -> None:
    bench.start()
    assert types_of(bench.world.published()) == ["StageFailed"]
    bench.upload({"a.jpg": jpeg()})
    retry(bench)
    assert asked_of_people(bench) == [source_ref("a.jpg")]


def test_a_retry_from_another_stage_labels_nothing(labelling: Bench) -> None:
    for stage in (Stage.DATASET, Stage.TRAINING, Stage.DEPLOYMENT):
        labelling.deliver(job_retried(stage))
    assert labelling.sagemaker.creations == 1


def test_the_clock_of_a_retry_starts_anew(labelling: Bench) -> None:
    labelling.tick(days=30)
    end(labelling, "Stopped", source_ref("a.jpg"))
    labelling.tick()
    retry(labelling)
    labelling.world.published()
    labelling.tick(days=30)
    assert labelling.world.published() == []
