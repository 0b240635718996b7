"""GET /api/training/list, /api/training/{jobId}, …/events, /api/health and /openapi.json."""

import json
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from contracts.envelope import Event
from contracts.facts import RefusedImage
from contracts.stages import Stage
from runtime.consume import consume
from runtime.errors import Retryable
from tests.integration.job_api.bench import Bench
from tests.support.builders import JOB, dataset_ready, model_trained
from tests.support.context import FakeContext
from tests.support.events import (
    dataset_creation_started,
    deployment_started,
    labelling_completed,
    labelling_started,
    model_deployed,
    model_stopped,
    stage_failed,
    stage_parked,
    training_started,
)
from tests.support.world import failed_messages, sqs_batch


def test_the_api_says_that_it_answers(bench: Bench) -> None:
    answer = bench.get("/api/health")
    assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_the_api_describes_itself(bench: Bench) -> None:
    answer = bench.get("/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json == json.loads(Path("contracts/schemas/openapi.json").read_text())


# ---- list


def test_an_empty_list_is_a_list(bench: Bench) -> None:
    assert bench.get("/api/training/list").json == {"jobs": [], "nextToken": None}


def test_the_newest_jobs_come_first_page_by_page(bench: Bench) -> None:
    made = []
    for _ in range(5):
        made.append(bench.create())
        bench.clock.advance(seconds=1)
    pages = [bench.get("/api/training/list?limit=2").json]
    while pages[-1]["nextToken"] is not None and len(pages) < 5:
        pages.append(bench.get(f"/api/training/list?limit=2&nextToken={pages[-1]['nextToken']}").json)
    listed = [[job["jobId"] for job in page["jobs"]] for page in pages]
    assert listed == [made[4:2:-1], made[2:0:-1], made[:1]]


def test_the_list_can_be_had_by_status(bench: Bench) -> None:
    started = []
    for _ in range(3):
        bench.create()
        started.append(bench.started())
        bench.clock.advance(seconds=1)
    first = bench.get("/api/training/list?status=LABELLING&limit=2").json
    rest = bench.get(f"/api/training/list?status=LABELLING&limit=2&nextToken={first['nextToken']}").json
    assert [job["jobId"] for job in first["jobs"] + rest["jobs"]] == started[::-1]
    assert bench.get("/api/training/list?status=RUNNING").json["jobs"] == []
    assert len(bench.get("/api/training/list?status=CREATED").json["jobs"]) == 3


def test_a_page_has_twenty_jobs_when_nothing_is_said(bench: Bench) -> None:
    for _ in range(21):
        bench.create()
    page = bench.get("/api/training/list").json
    assert (len(page["jobs"]), page["nextToken"] is None) == (20, False)
    assert len(bench.get("/api/training/list?limit=100").json["jobs"]) == 21


def test_a_last_page_that_is_full_promises_no_other(bench: Bench) -> None:
    for _ in range(2):
        bench.create()
    page = bench.get("/api/training/list?limit=2").json
    assert (len(page["jobs"]), page["nextToken"]) == (2, None)


def test_a_line_of_the_list_shows_a_job_in_short(bench: Bench) -> None:
    bench.create({"name": "n"})
    [line] = bench.get("/api/training/list").json["jobs"]
    assert (line["name"], line["status"], line["f1"], line["cost"]["total"]) == ("n", "CREATED", None, 0)
    assert "options" not in line


# ---- a job's life


def test_a_job_shows_its_whole_life_as_it_passes(bench: Bench) -> None:
    job_id = bench.started()
    for event, status in (
        (labelling_started(job_id), "LABELLING"),
        (labelling_completed(job_id), "CREATING_DATASET"),
        (dataset_creation_started(job_id), "CREATING_DATASET"),
        (dataset_ready(job_id), "TRAINING"),
        (stage_parked(Stage.TRAINING, job_id), "TRAINING"),
        (training_started(job_id), "TRAINING"),
        (model_trained(job_id), "DEPLOYING"),
        (deployment_started(job_id, at=bench.clock()), "DEPLOYING"),
        (model_deployed(job_id, at=bench.clock()), "RUNNING"),
    ):
        bench.clock.advance(minutes=1)
        bench.hear(event)
        job = bench.show(job_id)
        assert job["status"] == status
        assert job["updatedAt"] == bench.clock().isoformat().replace("+00:00", "Z")
    assert [timing["stage"] for timing in job["stages"]] == ["labelling", "dataset", "training", "deployment"]
    assert (job["labelling"]["labels"]["labelled"], job["dataset"]["trainEntries"]) == (100, 80)
    assert (job["model"]["f1"], job["model"]["run"], job["f1"]) == (0.9, 1, 0.9)
    assert (job["failure"], job["waitingFor"]) == (None, None)


def test_a_running_model_costs_more_by_the_hour(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(
        labelling_completed(job_id),
        model_trained(job_id),
        deployment_started(job_id, at=bench.clock(), units=2),
    )
    bench.clock.advance(hours=3)
    assert bench.show(job_id)["cost"] == {
        "labelling": 8.0,
        "training": 1.0,
        "running": 24.0,
        "total": 33.0,
        "perHourNow": 8.0,
    }
    bench.hear(model_stopped(job_id, unit_seconds=2 * 3 * 3600))
    bench.clock.advance(hours=100)
    assert bench.show(job_id)["cost"]["total"] == 33.0


def test_refused_images_and_failures_are_shown_with_their_reasons(bench: Bench) -> None:
    job_id = bench.started()
    refused = RefusedImage(filename="a.jpg", reason="It is 20 pixels wide; 64 are needed.")
    bench.hear(labelling_started(job_id, refused=(refused,)), stage_failed(Stage.LABELLING, job_id))
    job = bench.show(job_id)
    assert job["labelling"]["refused"] == [{"filename": "a.jpg", "reason": refused.reason}]
    assert (job["status"], job["failure"]["stage"]) == ("FAILED", "labelling")
    assert job["failure"]["advice"] == "Try again."


def test_any_order_and_repetition_of_events_leaves_the_same_job(bench: Bench) -> None:
    def life(job_id: str) -> list[Event]:
        return [
            labelling_started(job_id),
            labelling_completed(job_id),
            dataset_creation_started(job_id),
            dataset_ready(job_id),
            stage_parked(Stage.TRAINING, job_id),
            training_started(job_id),
            model_trained(job_id),
            deployment_started(job_id),
            model_deployed(job_id),
            model_stopped(job_id),
        ]

    random = Random(20261122)  # noqa: S311 - any order will do
    seen = []
    for number in range(6):
        job_id = bench.started()
        events = life(job_id)
        if number:
            events += random.choices(events, k=3)
            random.shuffle(events)
        bench.hear(*events)
        job = bench.show(job_id)
        seen.append(json.dumps(job).replace(job_id, JOB))
        assert len(bench.get(f"/api/training/{job_id}/events").json["events"]) == 11
    assert set(seen) == {seen[0]}


def test_a_late_event_does_not_move_a_job_back_but_adds_what_it_knows(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(dataset_ready(job_id))
    before = bench.show(job_id)
    bench.clock.advance(minutes=1)
    bench.hear(labelling_completed(job_id, failed=7))
    job = bench.show(job_id)
    assert (job["status"], job["updatedAt"]) == ("TRAINING", before["updatedAt"])
    assert job["labelling"]["labels"]["failed"] == 7


def test_an_event_of_an_earlier_attempt_does_not_replace_what_a_later_one_said(bench: Bench) -> None:
    job_id = bench.started()
    bench.hear(labelling_completed(job_id, attempt=2, labelled=50))
    bench.hear(labelling_completed(job_id, attempt=1, labelled=10))
    job = bench.show(job_id)
    assert (job["attempt"], job["labelling"]["labels"]["labelled"]) == (2, 50)


def test_an_event_for_an_unknown_job_goes_back_to_the_queue(bench: Bench) -> None:
    with pytest.raises(Retryable, match="not known"):
        bench.hear(dataset_ready(JOB))


def test_of_a_batch_only_the_messages_that_fail_go_back(bench: Bench) -> None:
    job_id = bench.started()
    batch = sqs_batch(labelling_started(job_id), dataset_ready(JOB), "{", model_trained(job_id))
    answer = consume(batch, FakeContext(), bench.api.routes)  # type: ignore[arg-type]
    assert failed_messages(answer) == ["m1", "m2"]
    assert bench.show(job_id)["status"] == "DEPLOYING"


# ---- history


def test_the_history_has_every_event_in_the_order_of_their_time(bench: Bench) -> None:
    job_id = bench.started()
    assert bench.clock() < labelling_started().time
    events = [model_trained(job_id, at=bench.clock() + timedelta(days=1)), labelling_started(job_id)]
    bench.hear(*events, events[0])
    history = bench.get(f"/api/training/{job_id}/events").json
    assert history["jobId"] == job_id
    assert [entry["type"] for entry in history["events"]] == [
        "ekyc.training-job.started.v1",
        "ekyc.labelling.started.v1",
        "ekyc.model.trained.v1",
    ]
    entry = history["events"][1]
    assert (entry["id"], entry["source"], entry["attempt"]) == (events[1].id, "/ekyc/labelling", 1)
    assert entry["data"]["images"] == {"uploaded": 100, "accepted": 100, "refused": 0}


def test_a_new_job_has_no_history(bench: Bench) -> None:
    assert bench.get(f"/api/training/{bench.create()}/events").json["events"] == []


def test_a_long_history_is_read_to_its_end(bench: Bench) -> None:
    job_id = bench.started()
    details = tuple(f"{number}: {'x' * 1000}" for number in range(100))
    for attempt in range(2, 14):  # twelve times 100 KB are two pages
        bench.hear(stage_failed(Stage.DATASET, job_id, attempt=attempt, details=details))
    assert len(bench.get(f"/api/training/{job_id}/events").json["events"]) == 13


def test_every_entry_of_a_history_is_an_event_as_it_was_published(bench: Bench) -> None:
    job_id = bench.started()
    event = labelling_completed(job_id)
    bench.hear(event)
    entry = bench.get(f"/api/training/{job_id}/events").json["events"][-1]
    assert entry["data"] == json.loads(event.to_json())["data"]
