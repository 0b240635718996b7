"""From a labelling job to its outcome, by notice and by tick; and waiting for the account's quota."""

import pytest

from contracts.events import LabellingCompleted, StageFailed, StageParked
from services.labelling import handler
from tests.integration.labelling.bench import Bench, jpeg, training_job_started
from tests.support.builders import JOB, OTHER_JOB, a_plan, types_of
from tests.support.context import FakeContext
from tests.support.world import sqs_batch

OUTPUT = f"s3://ekyc-images/labelling/{JOB}/1/output/ekyc-{JOB}-1/manifests/output/output.manifest"


@pytest.fixture
def labelling(bench: Bench) -> Bench:
    bench.upload({"a.jpg": jpeg(), "b.jpg": jpeg()})
    bench.start(plan=a_plan("passport", "id-card", min_f1=0.7))
    assert types_of(bench.world.published()) == ["LabellingStarted"]
    return bench


def only_failure(bench: Bench) -> StageFailed:
    """Give the failure; what was labelled before it may be told, and nothing else."""
    *before, event = bench.world.published()
    assert types_of(before) in ([], ["LabellingStopped"])
    assert isinstance(event, StageFailed)
    return event


def test_a_completed_labelling_job_is_told_with_its_counts(labelling: Bench) -> None:
    labelling.sagemaker.end("Completed", labelled=5, failed=2, unlabelled=1)
    labelling.tick()
    [event] = labelling.world.published()
    assert isinstance(event, LabellingCompleted)
    assert event.data.counts.model_dump() == {"labelled": 5, "failed": 2, "unlabelled": 1}
    assert event.data.output_manifest == OUTPUT
    assert event.data.label_attribute == "document"
    assert event.data.plan == a_plan("passport", "id-card", min_f1=0.7)


@pytest.mark.parametrize("status", ["Initializing", "InProgress", "Stopping"])
def test_a_labelling_job_under_way_is_left_to_get_on(labelling: Bench, status: str) -> None:
    labelling.sagemaker.only_job["status"] = status
    labelling.tick()
    labelling.notice(labelling.sagemaker.only_job["arn"])
    assert labelling.world.published() == []


def test_the_notice_from_eventbridge_is_quicker_than_the_tick(labelling: Bench) -> None:
    labelling.sagemaker.end("Completed", labelled=2)
    assert labelling.notice(labelling.sagemaker.only_job["arn"]) == []
    assert types_of(labelling.world.published()) == ["LabellingCompleted"]


def test_an_end_that_is_heard_of_again_and_again_is_told_once(labelling: Bench) -> None:
    labelling.sagemaker.end("Completed", labelled=2)
    for _ in range(2):
        labelling.notice(labelling.sagemaker.only_job["arn"])
        labelling.tick()
        labelling.start()
    assert types_of(labelling.world.published()) == ["LabellingCompleted"]


@pytest.mark.parametrize("name", ["somebody-elses-birds", f"other-{JOB}-1", f"ekyc-{OTHER_JOB}-1"])
def test_a_notice_about_a_labelling_job_that_is_not_ours_is_no_error(labelling: Bench, name: str) -> None:
    labelling.sagemaker.end("Completed", labelled=2)
    assert labelling.notice(f"arn:aws:sagemaker:eu-west-1:123456789012:labeling-job/{name}") == []
    assert labelling.world.published() == []


def test_a_completed_labelling_job_without_a_label_is_a_failure(labelling: Bench) -> None:
    labelling.sagemaker.end("Completed", failed=2)
    labelling.tick()
    failure = only_failure(labelling).data
    assert failure.code == "nothing-labelled"
    assert "2 expired, were declined or failed" in failure.reason


def test_labels_without_a_place_are_a_failure(labelling: Bench) -> None:
    labelling.sagemaker.end("Completed", labelled=2)
    labelling.sagemaker.only_job["output"] = None
    labelling.tick()
    assert only_failure(labelling).data.code == "labels-missing"


def test_a_failed_labelling_job_gives_ground_truths_reason(labelling: Bench) -> None:
    labelling.sagemaker.end("Failed", reason="ClientError: The labeling job expired after 30 days.")
    labelling.tick()
    failure = only_failure(labelling).data
    assert failure.code == "labelling-failed"
    assert "ClientError: The labeling job expired after 30 days." in failure.reason


def test_a_stopped_labelling_job_tells_what_is_kept(labelling: Bench) -> None:
    labelling.sagemaker.end("Stopped", labelled=3, failed=1, unlabelled=6)
    labelling.tick()
    failure = only_failure(labelling).data
    assert failure.code == "labelling-stopped"
    assert "3 of 10 images were labelled" in failure.reason
    assert OUTPUT in failure.reason


def test_a_labelling_job_that_sagemaker_does_not_know_is_a_failure(labelling: Bench) -> None:
    labelling.sagemaker.jobs.clear()
    labelling.tick()
    assert only_failure(labelling).data.code == "labelling-job-gone"


def test_labelling_may_take_thirty_days_and_not_more(labelling: Bench) -> None:
    labelling.tick(days=30)
    assert labelling.world.published() == []
    labelling.tick(days=1, minutes=1)
    assert only_failure(labelling).data.code == "deadline-passed"


def test_a_used_up_quota_parks_the_job_until_there_is_room(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg(), "b.jpg": b"x"})
    bench.sagemaker.refusal = ("ResourceLimitExceeded", "Too many labeling jobs.")
    bench.start()
    [event] = bench.world.published()
    assert isinstance(event, StageParked)
    assert "labelling job" in event.data.waiting_for
    bench.tick(days=3)
    assert bench.world.published() == []
    bench.sagemaker.refusal = None
    bench.tick()
    [event] = bench.world.published()
    assert types_of([event]) == ["LabellingStarted"]
    assert event.data.images.model_dump() == {"uploaded": 2, "accepted": 1, "refused": 1}


def test_a_parked_job_does_not_check_its_images_again(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.sagemaker.refusal = ("ResourceLimitExceeded", "Too many labeling jobs.")
    reads: list[str] = []
    bench.intercept("GetObject", lambda **_: reads.append("read"))
    bench.start()
    bench.tick()
    bench.tick()
    assert bench.sagemaker.creations == 3
    assert reads == ["read"]


def test_a_later_job_is_checked_at_once_but_does_not_overtake_one_that_waits(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.upload({"a.jpg": jpeg()}, job_id=OTHER_JOB)
    bench.sagemaker.refusal = ("ResourceLimitExceeded", "Too many labeling jobs.")
    bench.start(JOB)
    bench.clock.advance(seconds=10)
    bench.sagemaker.refusal = None
    bench.start(OTHER_JOB)
    assert bench.sagemaker.jobs == {}
    assert bench.files(job_id=OTHER_JOB) == ["1/input.manifest"]
    assert types_of(bench.world.published()) == ["StageParked", "StageParked"]
    bench.tick()
    assert list(bench.sagemaker.jobs) == [f"ekyc-{JOB}-1", f"ekyc-{OTHER_JOB}-1"]


def test_the_lambda_entry_points_serve_queue_and_tick(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in bench.environment.items():
        monkeypatch.setenv(name, value)
    handler.service.cache_clear()
    answer = handler.on_events(sqs_batch(training_job_started()), FakeContext())  # type: ignore[arg-type] # as much of a context as is used
    assert answer == {"batchItemFailures": []}
    assert only_failure(bench).data.code == "no-images"
    handler.on_tick({}, FakeContext())  # type: ignore[arg-type] # as much of a context as is used
    handler.service.cache_clear()
