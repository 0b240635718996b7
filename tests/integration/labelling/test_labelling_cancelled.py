"""A job that nobody wants any more: its labelling is stopped, wherever it stands."""

import pytest

from contracts.events import LabellingStopped
from tests.integration.labelling.bench import Bench, jpeg
from tests.integration.labelling.fake_sagemaker import ProcessDied
from tests.support.builders import JOB, OTHER_JOB, types_of
from tests.support.events import job_cancelled

LATE_CALLS = {"minutes": 16}


@pytest.fixture
def labelling(bench: Bench) -> Bench:
    bench.upload({"a.jpg": jpeg(), "b.jpg": jpeg()})
    bench.start()
    assert types_of(bench.world.published()) == ["LabellingStarted"]
    return bench


def cancel(bench: Bench, job_id: str = JOB) -> None:
    assert bench.deliver(job_cancelled(job_id)) == []


def test_a_labelling_job_is_stopped_and_what_people_did_is_told(labelling: Bench) -> None:
    cancel(labelling)
    assert labelling.sagemaker.only_job["status"] == "Stopping"
    labelling.tick()
    assert labelling.world.published() == []  # AWS is still writing what was labelled
    labelling.sagemaker.end("Stopped", labelled=1, unlabelled=1)
    labelling.notice(labelling.sagemaker.only_job["arn"])
    [stopped] = labelling.world.published()
    assert isinstance(stopped, LabellingStopped)
    assert stopped.data.counts.model_dump() == {"labelled": 1, "failed": 0, "unlabelled": 1}
    assert stopped.data.output_manifest is not None
    assert stopped.data.labelling_job_arn == labelling.sagemaker.only_job["arn"]


def test_a_labelling_job_is_stopped_once_however_often_that_is_asked(labelling: Bench) -> None:
    for _ in range(3):
        cancel(labelling)
        labelling.tick()
    assert labelling.sagemaker.stops == 1
    labelling.sagemaker.end("Stopped", labelled=1)
    for _ in range(3):
        cancel(labelling)
        labelling.tick()
    assert types_of(labelling.world.published()) == ["LabellingStopped"]


def test_a_stop_that_sagemaker_refuses_is_tried_until_it_works(labelling: Bench) -> None:
    for code in ("ThrottlingException", "AccessDeniedException"):
        labelling.sagemaker.refusal = (code, "no")
        cancel(labelling)
        for _ in range(4):
            labelling.tick(minutes=6)
        assert labelling.sagemaker.only_job["status"] == "InProgress"
        assert labelling.world.published() == []
    labelling.sagemaker.refusal = None
    labelling.tick(minutes=6)
    assert labelling.sagemaker.only_job["status"] == "Stopping"


def test_no_deadline_ends_the_stopping(labelling: Bench) -> None:
    labelling.sagemaker.refusal = ("ThrottlingException", "no")
    cancel(labelling)
    labelling.tick(days=40)
    labelling.sagemaker.refusal = None
    labelling.tick(minutes=6)
    assert labelling.sagemaker.only_job["status"] == "Stopping"


def test_a_labelling_job_that_has_just_completed_gives_no_labels_to_train_on(labelling: Bench) -> None:
    labelling.sagemaker.end("Completed", labelled=2)
    cancel(labelling)
    labelling.tick()
    assert types_of(labelling.world.published()) == ["LabellingStopped"]
    assert labelling.sagemaker.stops == 0


def test_a_labelling_that_was_left_at_its_deadline_is_stopped(labelling: Bench) -> None:
    labelling.tick(days=32)
    assert types_of(labelling.world.published()) == ["StageFailed"]
    cancel(labelling)
    assert labelling.sagemaker.only_job["status"] == "Stopping"


def test_a_cancellation_before_its_job_is_remembered(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    for _ in range(2):
        cancel(bench)
    bench.restart()
    assert bench.start() == []
    assert bench.start(attempt=2) == []
    bench.tick()
    assert (bench.sagemaker.jobs, bench.files(), bench.world.published()) == ({}, [], [])


def test_a_cancelled_job_is_not_begun_again_by_a_later_attempt(labelling: Bench) -> None:
    cancel(labelling)
    labelling.start(attempt=2)
    labelling.tick()
    assert list(labelling.sagemaker.jobs) == [f"ekyc-{JOB}-1"]


def test_images_that_are_being_checked_are_not_handed_over(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    other = bench.another()
    bench.intercept("PutObject", lambda **_: other.cancel(job_cancelled()))
    bench.start()
    bench.tick(**LATE_CALLS)
    assert (bench.sagemaker.jobs, bench.world.published()) == ({}, [])


def test_a_labelling_job_that_another_process_is_just_creating_is_stopped_too(bench: Bench) -> None:
    """The cancellation comes while CreateLabelingJob is on its way, and is looked after before it arrives."""
    bench.upload({"a.jpg": jpeg()})
    other = bench.another()

    bench.sagemaker.before_creating = lambda: other.cancel(job_cancelled())
    bench.start()
    assert bench.sagemaker.only_job["status"] == "InProgress"
    bench.tick()
    assert bench.sagemaker.only_job["status"] == "Stopping"


def test_a_labelling_job_whose_creator_died_is_stopped(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.sagemaker.dies_after_creating = True
    with pytest.raises(ProcessDied):
        bench.start()
    bench.restart()
    cancel(bench)
    assert bench.sagemaker.only_job["status"] == "Stopping"


def test_a_job_that_waits_for_a_place_gives_it_up(bench: Bench) -> None:
    bench.upload({"a.jpg": jpeg()})
    bench.upload({"a.jpg": jpeg()}, job_id=OTHER_JOB)
    bench.sagemaker.refusal = ("ResourceLimitExceeded", "Too many labeling jobs.")
    bench.start(JOB)
    bench.clock.advance(seconds=1)
    bench.start(OTHER_JOB)
    cancel(bench)
    bench.sagemaker.refusal = None
    bench.tick()
    bench.tick(**LATE_CALLS)
    assert list(bench.sagemaker.jobs) == [f"ekyc-{OTHER_JOB}-1"]
    creations = bench.sagemaker.creations
    bench.tick(**LATE_CALLS)
    assert bench.sagemaker.creations == creations


def test_a_labelled_job_has_nothing_to_stop(labelling: Bench) -> None:
    labelling.sagemaker.end("Completed", labelled=2)
    labelling.tick()
    cancel(labelling)
    labelling.tick()
    assert types_of(labelling.world.published()) == ["LabellingCompleted"]
    assert labelling.sagemaker.stops == 0
