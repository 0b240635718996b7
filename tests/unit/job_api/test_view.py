"""What a user sees of a job in each of its states."""

from datetime import datetime, timedelta

from contracts.envelope import Event
from contracts.events import StopCause
from contracts.facts import RefusedImage
from contracts.http import TrainingJob
from contracts.stages import JobStatus, Stage
from services.job_api.view import summary_of, view_of
from tests.support.builders import NOON, dataset_ready, model_trained, project_arn, version_arn
from tests.support.events import (
    dataset_creation_started,
    deployment_started,
    job_started,
    labelling_completed,
    labelling_started,
    model_deployed,
    model_rejected,
    model_stopped,
    stage_failed,
    stage_parked,
    start_requested,
    stop_requested,
    training_started,
)
from tests.unit.job_api.jobs import PRICES, a_job, applied


def after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


TRAINED: list[Event] = [
    job_started(),
    labelling_started(),
    labelling_completed(),
    dataset_creation_started(),
    dataset_ready(at=after(4)),
    training_started(),
    model_trained(at=after(6)),
]
RUNNING = [*TRAINED, deployment_started(), model_deployed()]


def view(*events: Event, **options: object) -> TrainingJob:
    return view_of(applied(a_job(**options), events), PRICES, NOON)


def stages(job: TrainingJob) -> dict[str, tuple[object, object]]:
    return {timing.stage: (timing.started_at, timing.ended_at) for timing in job.stages}


def test_a_new_job_has_no_stages_and_nothing_to_show() -> None:
    job = view()
    assert job.status is JobStatus.CREATED
    assert (job.stages, job.labelling, job.dataset, job.model, job.failure, job.waiting_for) == (
        (),
        None,
        None,
        None,
        None,
        None,
    )


def test_while_people_label_the_refused_images_are_shown() -> None:
    job = view(
        job_started(), labelling_started(refused=(RefusedImage(filename="a.jpg", reason="too small"),))
    )
    assert job.labelling is not None
    assert job.labelling.images is not None
    assert (job.labelling.images.uploaded, job.labelling.images.refused) == (100, 1)
    assert [image.filename for image in job.labelling.refused] == ["a.jpg"]
    assert job.labelling.labels is None
    assert stages(job) == {"labelling": (NOON, None)}


def test_labels_are_counted_when_labelling_has_ended() -> None:
    job = view(job_started(), labelling_completed(labelled=90, failed=10))
    assert job.labelling is not None
    assert job.labelling.labels is not None
    assert (job.labelling.labels.labelled, job.labelling.labels.failed) == (90, 10)
    assert job.labelling.images is None  # its event is late
    assert stages(job) == {"labelling": (NOON, after(2)), "dataset": (after(2), None)}


def test_the_datasets_are_shown_with_what_they_do_without() -> None:
    job = view(*TRAINED[:4])
    assert job.dataset is not None
    assert (job.dataset.project_arn, job.dataset.train_entries) == (project_arn(), None)
    assert [left_out.code for left_out in job.dataset.left_out] == ["no-box"]
    ready = view(*TRAINED[:5]).dataset
    assert ready is not None
    assert (ready.train_entries, ready.test_entries) == (80, 20)


def test_a_parked_job_says_what_it_waits_for_until_it_goes_on() -> None:
    job = view(dataset_ready(), stage_parked(Stage.TRAINING))
    assert (job.status, job.waiting_for) == (JobStatus.TRAINING, "a free slot")
    assert [timing.waiting_for for timing in job.stages] == ["a free slot"]
    going_on = view(dataset_ready(), stage_parked(Stage.TRAINING), training_started())
    assert going_on.waiting_for is None
    assert [timing.waiting_for for timing in going_on.stages] == [None]


def test_a_model_in_training_has_an_arn_and_no_metrics() -> None:
    job = view(training_started())
    assert job.model is not None
    assert (job.model.project_version_arn, job.model.f1, job.model.labels) == (version_arn(), None, ())
    assert job.f1 is None


def test_a_trained_model_shows_how_good_it_is() -> None:
    job = view(*TRAINED, min_f1=0.8)
    assert job.model is not None
    assert (job.model.f1, job.model.min_f1, job.f1) == (0.9, 0.8, 0.9)
    assert [label.label for label in job.model.labels] == ["passport"]


def test_a_running_model_says_since_when() -> None:
    job = view(*RUNNING)
    assert job.status is JobStatus.RUNNING
    assert job.model is not None
    assert (job.model.run, job.model.inference_units, job.model.running_since) == (1, 1, after(9))
    assert (job.model.stopped_at, job.model.stop_cause) == (None, None)
    assert list(stages(job)) == [*Stage]
    assert [ended for _, ended in stages(job).values()] == [after(2), after(4), after(6), after(9)]


def test_a_model_that_is_to_stop_runs_still() -> None:
    job = view(*RUNNING, stop_requested())
    assert job.status is JobStatus.STOPPING
    assert job.model is not None
    assert (job.model.running_since, job.model.stopped_at) == (after(9), None)


def test_a_stopped_model_says_when_and_why() -> None:
    job = view(*RUNNING, stop_requested(), model_stopped(cause=StopCause.AUTO_STOP))
    assert job.status is JobStatus.STOPPED
    assert job.model is not None
    assert (job.model.running_since, job.model.stopped_at, job.model.stop_cause) == (
        None,
        after(11),
        "auto-stop",
    )
    assert stages(job)["deployment"] == (after(6), after(9))  # the stop ended the run, not the deployment


def test_a_model_that_starts_again_shows_nothing_of_its_earlier_run() -> None:
    job = view(*RUNNING, model_stopped(), start_requested())
    assert (job.status, job.waiting_for) == (JobStatus.DEPLOYING, None)
    assert job.model is not None
    assert (job.model.run, job.model.running_since, job.model.stopped_at, job.model.stop_cause) == (
        2,
        None,
        None,
        None,
    )
    assert stages(job)["deployment"] == (after(12), None)


def test_a_run_that_was_stopped_before_it_ran_never_ran() -> None:
    stopped = model_stopped(run=2, at=NOON + timedelta(hours=15))
    events = [*RUNNING, model_stopped(), start_requested(), deployment_started(run=2), stop_requested(run=2)]
    stopping = view(*events)
    assert stopping.status is JobStatus.STOPPING
    assert stopping.model is not None
    assert stopping.model.running_since is None
    job = view(*events, stopped)
    assert job.model is not None
    assert (job.model.running_since, job.model.stopped_at) == (None, after(15))
    assert stages(job)["deployment"] == (after(12), after(15))


def test_a_rejected_model_ends_its_deployment() -> None:
    job = view(*TRAINED, model_rejected(), min_f1=0.95)
    assert job.status is JobStatus.REJECTED
    assert stages(job)["deployment"] == (after(6), after(7))
    assert job.failure is None


def test_a_failed_job_says_where_why_and_what_to_do() -> None:
    job = view(*TRAINED[:6], stage_failed(details=("a.jpg: no label",)))
    assert job.failure is not None
    assert (job.failure.stage, job.failure.code, job.failure.details) == (
        Stage.TRAINING,
        "training-failed",
        ("a.jpg: no label",),
    )
    assert job.failure.advice
    assert stages(job)["training"] == (after(4), after(6))


def test_a_failed_run_is_forgiven_when_the_model_starts_again() -> None:
    job = view(*TRAINED, stage_failed(Stage.DEPLOYMENT, run=1), start_requested())
    assert (job.status, job.failure) == (JobStatus.DEPLOYING, None)


def test_a_line_of_the_list_says_what_matters() -> None:
    line = summary_of(applied(a_job(), RUNNING), PRICES, NOON + timedelta(hours=9))
    assert (line.status, line.f1, line.cost.per_hour_now) == (JobStatus.RUNNING, 0.9, 4.0)
