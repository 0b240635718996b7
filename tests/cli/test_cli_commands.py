"""The commands that create, list, show, start and stop, and what all commands have in common."""

import json
from pathlib import Path

import pytest

from contracts.http import TrainingJob
from contracts.stages import JobStatus, Stage
from tests.cli.conftest import Cli
from tests.cli.fake_api import FakeApi

UNKNOWN = "01k00000000000000000000000"


def test_a_created_job_is_printed_alone_so_that_a_script_can_keep_it(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "create", "--name", "first", "--label", "passport", "--min-f1", "0.8")
    (job,) = api.jobs.values()
    assert ran.exit_code == 0
    assert ran.stdout == job.job_id + "\n"
    assert (job.name, job.labels, job.options.min_f1) == ("first", ["passport"], 0.8)


def test_json_output_is_the_contract_and_nothing_else(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "create", "--json")
    assert TrainingJob.model_validate_json(ran.stdout).job_id in api.jobs
    assert "Created" in ran.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--min-f1", "1.5"),
        ("--inference-units", "6"),
        ("--auto-stop-after-minutes", "0"),
        ("--test-fraction", "0.9"),
        ("--workers-per-image", "10"),
        ("--label", "passport!"),
        ("--name", " "),
    ],
)
def test_an_option_out_of_bounds_is_named_as_it_was_typed(
    ekyc: Cli, api: FakeApi, option: str, value: str
) -> None:
    ran = ekyc("jobs", "create", option, value)
    assert ran.exit_code == 2
    assert f"Error: {option}" in ran.stderr
    assert not api.calls


def test_labels_that_differ_in_case_alone_are_refused_before_anything_is_sent(
    ekyc: Cli, api: FakeApi
) -> None:
    ran = ekyc("jobs", "create", "--label", "passport", "--label", "Passport")
    assert ran.exit_code == 2
    assert "--label: labels must differ" in ran.stderr
    assert not api.calls


def test_the_list_gives_a_page_or_all_of_them(ekyc: Cli, api: FakeApi) -> None:
    ids = [api.add_job() for _ in range(5)]
    page = ekyc("jobs", "list", "--json").json
    everything = ekyc("jobs", "list", "--all", "--json").json
    assert [job["jobId"] for job in page["jobs"]] == ids[:-3:-1]
    assert page["nextToken"]
    assert [job["jobId"] for job in everything["jobs"]] == ids[::-1]
    assert everything["nextToken"] is None


def test_the_list_can_be_narrowed_to_a_state(ekyc: Cli, api: FakeApi) -> None:
    api.add_job()
    running = api.add_job(JobStatus.RUNNING)
    ran = ekyc("jobs", "list", "--status", "RUNNING")
    assert [line.split()[0] for line in ran.stdout.splitlines()] == ["JOB", running]
    assert "4.00" in ran.stdout


def test_show_tells_what_the_job_costs_and_how_good_it_is(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "show", api.add_job(JobStatus.RUNNING, name="[bold]not markup"))
    assert ran.exit_code == 0
    for text in ("RUNNING", "$4.00 an hour now", "0.500", "3 uploaded", "[bold]not markup"):
        assert text in ran.stdout


def test_show_tells_why_a_job_failed_and_what_to_do(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "show", api.add_job(JobStatus.FAILED))
    for text in ("FAILED", "It failed. Add images.", "line 7: no boxes"):
        assert text in ran.stdout


def test_the_history_shows_each_event(ekyc: Cli, api: FakeApi) -> None:
    job_id = api.add_job()
    assert "ekyc.training-job.started.v1" in ekyc("jobs", "events", job_id).stdout
    assert ekyc("jobs", "events", job_id, "--json").json["events"][0]["source"] == "/ekyc/job-api"


def test_start_says_which_labelling_job_there_will_be(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("start", api.add_job(), "--json")
    assert ran.exit_code == 0
    assert ran.json["labellingJobArn"].endswith("labeling-job/ekyc-1")


def test_cancelling_says_what_cannot_be_undone(ekyc: Cli, api: FakeApi) -> None:
    job_id = api.add_job(JobStatus.LABELLING)
    ran = ekyc("jobs", "cancel", job_id, "--reason", "wrong images")
    assert (ran.exit_code, ran.stdout) == (0, "CANCELLED\n")
    assert "3 images were labelled" in ran.stderr
    shown = ekyc("jobs", "show", job_id).stdout
    assert "wrong images" in shown
    assert "3 images were labelled" in shown


def test_a_cancellation_is_watched_to_its_end_with_what_it_leaves(ekyc: Cli, api: FakeApi) -> None:
    job_id = api.add_job(JobStatus.LABELLING)
    ekyc("jobs", "cancel", job_id)
    ran = ekyc("watch", job_id)
    assert (ran.exit_code, ran.stdout) == (3, "CANCELLED\n")
    assert "3 images were labelled" in ran.stderr


def test_what_is_over_cannot_be_cancelled(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "cancel", api.add_job(JobStatus.STOPPED), "--json")
    assert (ran.exit_code, ran.json["error"]["code"]) == (1, "wrong-state")


def test_a_failed_job_is_retried_from_where_it_failed(ekyc: Cli, api: FakeApi) -> None:
    job_id = api.add_job(JobStatus.FAILED)
    ran = ekyc("jobs", "retry", job_id)
    assert (ran.exit_code, ran.stdout, api.retries) == (0, "TRAINING\n", [(Stage.TRAINING, False)])
    assert f"Attempt 2. Follow it: ekyc watch {job_id}" in ran.stderr
    assert "Attempt" in ekyc("jobs", "show", job_id).stdout


def test_a_retry_may_name_its_stage_and_ask_for_new_labels(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "retry", api.add_job(JobStatus.FAILED), "--from", "labelling", "--relabel", "--json")
    assert (ran.exit_code, ran.json["attempt"], api.retries) == (0, 2, [(Stage.LABELLING, True)])


def test_what_has_not_failed_cannot_be_retried(ekyc: Cli, api: FakeApi) -> None:
    assert ekyc("jobs", "retry", api.add_job(JobStatus.RUNNING)).exit_code == 1
    assert ekyc("jobs", "retry", api.add_job(JobStatus.FAILED), "--from", "nowhere").exit_code == 2


def test_stopping_the_model_can_be_waited_for(ekyc: Cli, api: FakeApi) -> None:
    job_id = api.add_job(JobStatus.RUNNING)
    ran = ekyc("model", "stop", job_id, "--wait", "--interval", "0.05")
    assert (ran.exit_code, ran.stdout) == (0, "STOPPED\n")
    assert [line.split(" ", 1)[1].strip() for line in ran.stderr.splitlines()] == ["■ The model is stopped"]


def test_starting_the_model_waits_past_the_stopped_state_it_comes_from(ekyc: Cli, api: FakeApi) -> None:
    job_id = api.add_job(JobStatus.STOPPED)
    ran = ekyc("model", "start", job_id, "--wait", "--interval", "0.05", "--json")
    assert (ran.exit_code, ran.json["status"]) == (0, "RUNNING")


def test_a_model_that_does_not_start_ends_the_wait_with_the_jobs_own_exit_code(
    ekyc: Cli, api: FakeApi
) -> None:
    api.end = JobStatus.FAILED
    job_id = api.add_job(JobStatus.STOPPED)
    assert ekyc("model", "start", job_id, "--wait", "--interval", "0.05").exit_code == 3


def test_a_refusal_shows_the_problems_detail_and_code(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("model", "start", api.add_job(), "--json")
    assert ran.exit_code == 1
    assert ran.json == {
        "error": {
            "code": "no-model",
            "detail": "The job has no model yet: wait until it is trained.",
            "exitCode": 1,
            "status": 409,
        }
    }
    assert "wait until it is trained" in ran.stderr


def test_an_unknown_job_is_a_refusal(ekyc: Cli) -> None:
    ran = ekyc("jobs", "show", UNKNOWN)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert f"There is no job {UNKNOWN}" in ran.stderr


def test_what_cannot_be_a_job_id_is_never_sent(ekyc: Cli, api: FakeApi) -> None:
    ran = ekyc("jobs", "show", "../health")
    assert ran.exit_code == 2
    assert "is not a job id" in ran.stderr
    assert not api.calls


def test_an_api_that_is_gone_is_told_apart_from_a_refusal(no_api_cli: Cli) -> None:
    ran = no_api_cli("jobs", "list", "--api", "http://127.0.0.1:9", "--json")
    assert ran.exit_code == 4
    assert ran.json["error"]["code"] == "unreachable"
    assert "The address comes from --api" in ran.stderr


def test_a_service_that_stays_unavailable_counts_as_unreachable(ekyc: Cli, api: FakeApi) -> None:
    api.unavailable = 1000
    ran = ekyc("jobs", "list", "--json")
    assert ran.exit_code == 4
    assert ran.json["error"]["code"] == "try-again"
    assert len(api.calls) == 5


def test_a_web_page_in_place_of_the_api_is_recognised(no_api_cli: Cli, api: FakeApi) -> None:
    job_id = api.add_job()
    ran = no_api_cli("jobs", "list", "--api", f"{api.url}/store/{job_id}")
    assert ran.exit_code == 1
    assert "Not Found" in ran.stderr


def test_without_any_address_the_ways_to_give_one_are_named(no_api_cli: Cli) -> None:
    ran = no_api_cli("jobs", "list")
    assert ran.exit_code == 2
    for way in ("--api", "EKYC_API_URL", "ekyc configure", "make up"):
        assert way in ran.stderr


def test_the_option_beats_the_environment_beats_the_stack_beats_the_configuration(
    ekyc: Cli, api: FakeApi
) -> None:
    nowhere = "http://127.0.0.1:9"
    assert ekyc("configure", "--api", nowhere).exit_code == 0
    assert ekyc("jobs", "list").exit_code == 0
    ekyc.env["EKYC_API_URL"] = nowhere
    assert ekyc("jobs", "list").exit_code == 4
    assert ekyc("jobs", "list", "--api", api.url).exit_code == 0
    ekyc.env["EKYC_API_URL"] = None
    (ekyc.folder / ".local" / "stack.json").unlink()
    assert ekyc("jobs", "list").exit_code == 4


def test_configure_keeps_what_is_not_mentioned_and_forgets_what_is_empty(no_api_cli: Cli) -> None:
    no_api_cli("configure", "--api", "https://api.example.test/", "--profile", "bank")
    assert no_api_cli("configure", "--profile", "", "--json").json["api"] == "https://api.example.test"
    file = Path(no_api_cli("configure", "--json").json["file"])
    assert json.loads(file.read_text()) == {"api": "https://api.example.test"}


def test_configure_refuses_what_is_not_a_url(no_api_cli: Cli) -> None:
    ran = no_api_cli("configure", "--api", "localhost:4566")
    assert ran.exit_code == 2
    assert "begins with http:// or https://" in ran.stderr


def test_a_broken_configuration_file_is_named(no_api_cli: Cli) -> None:
    file = Path(no_api_cli("configure", "--api", "http://localhost", "--json").json["file"])
    file.write_text("{")
    ran = no_api_cli("jobs", "list")
    assert ran.exit_code == 2
    assert str(file) in ran.stderr.replace("\n", "")


def test_a_broken_stack_file_says_how_to_get_a_new_one(ekyc: Cli) -> None:
    (ekyc.folder / ".local" / "stack.json").write_text("[]")
    ran = ekyc("jobs", "list")
    assert ran.exit_code == 2
    assert "make up" in ran.stderr


def test_the_help_lists_every_exit_code(ekyc: Cli) -> None:
    shown = ekyc("--help").stdout
    for code in (0, 1, 2, 3, 4, 5, 6, 130):
        assert f"• {code} " in shown
