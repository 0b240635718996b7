"""Which commands a job takes, state by state."""

import pytest

from contracts.problems import NO_MODEL, WRONG_STATE
from contracts.stages import JobStatus
from runtime.problem_error import ProblemError
from services.job_api.rules import run_to_start, run_to_stop
from tests.support.builders import model_trained
from tests.support.events import deployment_started, model_deployed
from tests.unit.job_api.jobs import a_job, applied

TRAINED = applied(a_job(), [model_trained()])
REFUSED = "refused"


@pytest.mark.parametrize(
    ("status", "to_start", "to_stop"),
    [
        (JobStatus.DEPLOYING, None, 3),
        (JobStatus.RUNNING, None, 3),
        (JobStatus.STOPPING, REFUSED, None),
        (JobStatus.STOPPED, 4, None),
        (JobStatus.REJECTED, 4, REFUSED),
        (JobStatus.FAILED, 4, 3),
        (JobStatus.CANCELLED, REFUSED, None),
    ],
)
def test_what_a_job_with_a_model_takes(status: JobStatus, to_start: object, to_stop: object) -> None:
    job = applied(TRAINED, [deployment_started(run=3)]).model_copy(update={"status": status})
    for rule, expected in ((run_to_start, to_start), (run_to_stop, to_stop)):
        if expected is REFUSED:
            with pytest.raises(ProblemError) as caught:
                rule(job)
            assert caught.value.problem_type is WRONG_STATE
        else:
            assert rule(job) == expected


@pytest.mark.parametrize("status", JobStatus)
def test_a_job_without_a_model_takes_neither(status: JobStatus) -> None:
    for rule in (run_to_start, run_to_stop):
        with pytest.raises(ProblemError) as caught:
            rule(a_job().model_copy(update={"status": status}))
        cancelled = status is JobStatus.CANCELLED and rule is run_to_start
        assert caught.value.problem_type is (WRONG_STATE if cancelled else NO_MODEL)


def test_a_model_can_be_stopped_before_its_first_run_has_begun() -> None:
    assert run_to_stop(TRAINED) == 1


def test_a_model_that_runs_can_be_stopped_before_its_training_was_heard_of() -> None:
    assert run_to_stop(applied(a_job(), [deployment_started()])) == 1
    assert run_to_stop(applied(a_job(), [model_deployed(run=2)])) == 2
