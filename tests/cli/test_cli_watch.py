"""Watching a job: each stage is told once, and the end decides the exit code."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from cli.client import ApiError, ApiUnreachable
from cli.exits import CliError
from cli.following import FINAL, Pace, follow
from cli.milestones import duration, milestones, under_way
from contracts.http import StageTiming, TrainingJob
from contracts.stages import JobStatus, Stage
from tests.cli.conftest import Cli
from tests.cli.fake_api import NOON, FakeApi, at


def test_the_stages_are_shown_as_they_pass_each_once(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("watch", api.add_job(JobStatus.LABELLING), "--interval", "0.05")
    assert (ran.exit_code, ran.stdout) == (0, "RUNNING\n")
    told = [line[9:] for line in ran.stderr.splitlines()]
    assert told[1:8] == [
        "▸ Labelling began",
        "✓ Labelling done in 1 min 0 s: 3 images labelled",
        "▸ Dataset creation began",
        "✓ Dataset creation done in 1 min 0 s",
        "▸ Training began",
        "✓ Training done in 1 min 0 s: F1 0.500",
        "▸ Deployment began",
    ]
    assert told[-1].startswith("✓ The model is running; it costs $4.00 an hour")
    assert len(told) == len(set(told))


def test_with_json_stdout_has_the_final_job_alone(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "watch", api.add_job(JobStatus.TRAINING), "--interval", "0.05", "--json")
    assert TrainingJob.model_validate_json(ran.stdout).status is JobStatus.RUNNING


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (JobStatus.FAILED, "Training failed: It failed. Add images.\n    line 7: no boxes"),
        (JobStatus.REJECTED, "Not deployed: F1 0.500 is below the 0.900 asked for"),
        (JobStatus.CANCELLED, "Cancelled"),
    ],
)
def test_a_bad_end_has_its_exit_code_and_its_reason(
    ekyc: Cli, api: FakeApi, end: JobStatus, said: str
) -> None:
    api.end = end
    ran = ekyc("watch", api.add_job(JobStatus.DEPLOYING), "--interval", "0.05")
    assert (ran.exit_code, ran.stdout) == (3, f"{end}\n")
    assert said in ran.stderr


def test_a_job_that_takes_longer_than_the_timeout_is_left_to_itself(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("watch", api.add_job(), "--interval", "0.05", "--timeout", "0.1", "--json")
    assert ran.exit_code == 6
    assert ran.json["error"]["code"] == "timed-out"


def test_ctrl_c_ends_a_watch_with_130(ekyc: Cli, api: FakeApi) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "cli", "watch", api.add_job(), "--interval", "0.05", "--json"]
    with subprocess.Popen(
        command,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Tests that run in the background inherit SIGINT as ignored; a person's shell does not pass that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        try:
            assert process.stderr is not None
            assert b"created" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            stdout, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 130
    assert b'"interrupted"' in stdout


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def pace(self, interval: float) -> Pace:
        return Pace(interval, None, self.monotonic, self.sleep)


@pytest.fixture
def job() -> TrainingJob:
    api = FakeApi()
    return api.jobs[api.add_job()]


AWAY = pytest.mark.parametrize(
    "trouble",
    [ApiUnreachable("away"), ApiError(503, "try-again", "AWS does not answer."), ApiError(429, "", "")],
)


@AWAY
def test_an_api_that_is_away_for_some_minutes_does_not_end_the_watch(
    job: TrainingJob, trouble: Exception
) -> None:
    clock = Clock()

    def fetch() -> TrainingJob:
        if clock.now < 500:
            raise trouble
        return at(job, JobStatus.RUNNING)

    assert [seen.status for seen in follow(fetch, until=FINAL, pace=clock.pace(60))] == [JobStatus.RUNNING]


@AWAY
def test_an_api_that_stays_away_does(job: TrainingJob, trouble: Exception) -> None:
    clock = Clock()

    def fetch() -> TrainingJob:
        raise trouble

    with pytest.raises(type(trouble)):
        list(follow(fetch, until=FINAL, pace=clock.pace(60)))
    assert 600 < clock.now < 700


def test_a_refusal_ends_the_watch_at_once(job: TrainingJob) -> None:
    clock = Clock()

    def fetch() -> TrainingJob:
        raise ApiError(404, "job-not-found", "There is no such job.")

    with pytest.raises(ApiError):
        list(follow(fetch, until=FINAL, pace=clock.pace(60)))
    assert clock.now == 0


def test_a_timeout_counts_from_the_beginning(job: TrainingJob) -> None:
    clock = Clock()
    pace = Pace(10, 35, clock.monotonic, clock.sleep)
    with pytest.raises(CliError, match="the job goes on"):
        list(follow(lambda: job, until=FINAL, pace=pace))
    assert clock.now == 30


def test_what_a_stage_waits_for_is_told(job: TrainingJob) -> None:
    parked = job.model_copy(
        update={
            "status": JobStatus.TRAINING,
            "stages": (StageTiming(stage=Stage.TRAINING, started_at=NOON, waiting_for="a free training"),),
        }
    )
    assert "Training waits for a free training" in [milestone.text for milestone in milestones(parked)]
    shown = under_way(parked, NOON + timedelta(seconds=90))
    assert shown == "Training: 1 min 30 s, waiting for a free training"


def test_a_failed_stage_is_not_called_done(job: TrainingJob) -> None:
    failed = at(job, JobStatus.FAILED)
    assert not [m for m in milestones(failed) if m.text.startswith("Training done")]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59, "59.0 s"), (61, "1 min 1 s"), (7260, "2 h 1 min"), (-3, "0.0 s")],
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text
