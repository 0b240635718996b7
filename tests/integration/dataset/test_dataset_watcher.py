"""Dataset-watcher at the rows that dataset leaves it."""

from collections.abc import Callable

import pytest

from contracts.events import DatasetReady, StageFailed
from services.dataset_watcher import handler
from tests.integration.dataset.conftest import Bench
from tests.support.builders import JOB, TRACEPARENT, a_plan, types_of
from tests.support.clock import ManualClock
from tests.support.context import FakeContext
from tests.support.manifest_lines import an_expired_line
from tests.support.rekognition import refusal
from tests.support.world import World

DATASETS_PARTS = (
    "plan",
    "output_manifest",
    "label_attribute",
    "begun_at",
    "prepared",
    "project_arn",
    "creation",
)


@pytest.fixture
def bench(world: Callable[[str], World], clock: ManualClock) -> Bench:
    """Give a bench at which both datasets, of eight and two lines, are being created."""
    bench = Bench(world("dataset"), clock)
    bench.dataset.begin(bench.complete(plan=a_plan(min_f1=0.5)))
    assert types_of(bench.world.published()) == ["DatasetCreationStarted"]
    return bench


class ProcessDied(BaseException):
    """What ends a process; nothing catches it."""


def die() -> None:
    raise ProcessDied


def failure(bench: Bench) -> StageFailed:
    [event] = bench.world.published()
    assert isinstance(event, StageFailed)
    assert (event.source, event.data.stage) == ("/ekyc/dataset-watcher", "dataset")
    return event


def test_datasets_are_ready_when_both_are_complete(bench: Bench) -> None:
    bench.finish()
    bench.watch()
    [event] = bench.world.published()
    assert isinstance(event, DatasetReady)
    assert (event.data.train_entries, event.data.test_entries) == (8, 2)
    assert event.data.datasets.project_arn == bench.rekognition.only.arn
    assert event.data.plan == a_plan(min_f1=0.5)
    assert event.traceparent == TRACEPARENT


@pytest.mark.parametrize("unfinished", ["TRAIN", "TEST"])
def test_one_dataset_alone_is_not_enough(bench: Bench, unfinished: str) -> None:
    bench.finish()
    bench.rekognition.only.datasets[unfinished].status = "CREATE_IN_PROGRESS"
    bench.watch()
    assert bench.world.published() == []
    bench.finish()
    bench.watch()
    assert types_of(bench.world.published()) == ["DatasetReady"]


def test_readiness_is_told_once(bench: Bench) -> None:
    bench.finish()
    for _ in range(3):
        bench.watch()
    assert types_of(bench.world.published()) == ["DatasetReady"]


@pytest.mark.parametrize(
    ("message_code", "advice"), [("SERVICE_ERROR", "fault of its own"), ("CLIENT_ERROR", "Correct what")]
)
def test_a_refused_dataset_fails_the_job_with_awss_words(
    bench: Bench, message_code: str, advice: str
) -> None:
    bench.finish()
    refused = bench.rekognition.only.datasets["TEST"]
    refused.status, refused.message_code = "CREATE_FAILED", message_code
    refused.message = "The manifest file has too many terminal errors."
    bench.watch()
    data = failure(bench).data
    assert data.code == "dataset-refused"
    assert "test dataset: The manifest file has too many terminal errors." in data.reason
    assert advice in data.advice


def test_a_dataset_refused_while_the_other_is_made_fails_the_job_at_once(bench: Bench) -> None:
    bench.rekognition.only.datasets["TEST"].status = "CREATE_FAILED"
    bench.watch()
    assert failure(bench).data.code == "dataset-refused"


def test_a_silently_lost_line_fails_the_job_with_the_numbers(bench: Bench) -> None:
    bench.finish(lost=1)
    for _ in range(6):
        bench.watch()
    data = failure(bench).data
    assert data.code == "dataset-lost-entries"
    assert "Of the 8 lines of the train manifest Rekognition took 7" in data.reason


def test_a_count_that_lags_behind_the_status_is_waited_for(bench: Bench) -> None:
    bench.finish(lost=8)
    for _ in range(4):
        bench.watch()
    assert bench.world.published() == []
    bench.finish()
    bench.watch()
    assert types_of(bench.world.published()) == ["DatasetReady"]


def test_a_faulty_entry_fails_the_job(bench: Bench) -> None:
    bench.finish(error_entries=1)
    bench.watch()
    assert failure(bench).data.code == "dataset-lost-entries"


def test_a_loss_that_is_allowed_is_gone_along_with(bench: Bench) -> None:
    bench.finish(lost=1, error_entries=1)
    bench.watch(MAX_LOST_SHARE="0.25")
    [event] = bench.world.published()
    assert isinstance(event, DatasetReady)
    assert event.data.train_entries == 7


def test_an_empty_dataset_is_never_gone_along_with(bench: Bench) -> None:
    bench.finish(lost=8)
    for _ in range(6):
        bench.watch(MAX_LOST_SHARE="0.99")
    assert failure(bench).data.code == "dataset-lost-entries"


@pytest.mark.parametrize("dataset_type", ["TRAIN", "TEST"])
def test_a_deleted_dataset_fails_the_job(bench: Bench, dataset_type: str) -> None:
    del bench.rekognition.only.datasets[dataset_type]
    bench.watch()
    assert failure(bench).data.code == "dataset-deleted"


def test_datasets_that_take_for_ever_fail_the_job(bench: Bench) -> None:
    bench.watch(minutes=359)
    assert bench.world.published() == []
    bench.watch(minutes=2)
    assert failure(bench).data.code == "deadline-passed"


def test_a_throttled_look_is_repeated(bench: Bench) -> None:
    bench.finish()
    bench.rekognition.refusals["describe_dataset"] = [refusal("ThrottlingException")] * 2
    bench.watch()
    bench.watch()
    assert bench.world.published() == []
    bench.watch()
    assert types_of(bench.world.published()) == ["DatasetReady"]


def test_a_look_without_permission_fails_the_job(bench: Bench) -> None:
    bench.rekognition.refusals["describe_dataset"] = [refusal("AccessDeniedException")]
    bench.watch()
    assert "permission" in failure(bench).data.advice


def test_saving_a_row_keeps_what_dataset_has_in_it(bench: Bench) -> None:
    before = bench.row()
    bench.watch()
    bench.finish()
    bench.watch()
    after = bench.row()
    assert before is not None
    assert after is not None
    assert after["revision"] > before["revision"]
    assert "waiting" not in after
    assert {name: after[name] for name in DATASETS_PARTS} == {name: before[name] for name in DATASETS_PARTS}


def test_what_dataset_did_not_come_to_tell_is_told_and_kept_in_order(bench: Bench) -> None:
    bench.on_call("sns.Publish", die)
    with pytest.raises(ProcessDied):
        bench.restarted().begin(bench.complete(attempt=2))
    bench.forget_hooks()
    for dataset in bench.rekognition.projects[f"ekyc-{JOB}-2"].datasets.values():
        dataset.status, dataset.entries = "CREATE_COMPLETE", 8
    bench.watch()
    assert types_of(bench.world.published()) == ["DatasetCreationStarted", "DatasetReady"]


def test_a_failure_that_dataset_did_not_come_to_tell_is_told(bench: Bench) -> None:
    bench.on_call("sns.Publish", die)
    with pytest.raises(ProcessDied):
        bench.restarted().begin(bench.complete(an_expired_line(), attempt=2))
    bench.forget_hooks()
    bench.watch()
    [event] = bench.world.published()
    assert isinstance(event, StageFailed)
    assert (event.source, event.data.code) == ("/ekyc/dataset", "no-usable-image")


def test_a_late_repeat_of_the_labels_does_not_make_datasets_anew(bench: Bench) -> None:
    bench.finish()
    bench.watch()
    bench.restarted().begin(bench.complete())
    bench.tick()
    assert bench.rekognition.calls["create_dataset"] == 2
    assert types_of(bench.world.published()) == ["DatasetReady"]


def test_a_repeat_of_the_labels_meanwhile_leaves_the_watch_as_it_is(bench: Bench) -> None:
    row = bench.row()
    bench.restarted().begin(bench.complete())
    assert bench.row() == row


def test_the_schedule_reads_its_settings_from_the_environment(
    world: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler.service.cache_clear()
    for name, value in world("dataset-watcher").environment.items():
        monkeypatch.setenv(name, value)
    handler.on_tick({}, FakeContext())  # type: ignore[arg-type]
    handler.service.cache_clear()
