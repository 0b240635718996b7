"""What a dataset's state means."""

import pytest

from runtime.errors import Permanent
from services.dataset_watcher.rekognition import DatasetState
from services.dataset_watcher.rules import finished


def state(
    status: str = "CREATE_COMPLETE", entries: int = 100, errors: int = 0, code: str = ""
) -> DatasetState:
    return DatasetState(status, "what AWS says", code, entries, errors)


def refusal(found: DatasetState | None, max_lost_share: float = 0.0) -> Permanent:
    with pytest.raises(Permanent) as caught:
        finished("train", 100, found, max_lost_share)
    return caught.value


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"])
def test_a_dataset_under_way_is_waited_for(status: str) -> None:
    assert finished("train", 100, state(status, entries=0), 0.0) is None


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE"])
def test_a_complete_dataset_is_finished(status: str) -> None:
    assert finished("train", 100, state(status), 0.0) == state(status)


def test_entries_that_somebody_added_by_hand_are_no_loss() -> None:
    assert finished("train", 100, state(entries=120), 0.0) == state(entries=120)


@pytest.mark.parametrize("status", ["CREATE_FAILED", "UPDATE_FAILED", "DEPRECATED"])
def test_any_other_state_is_a_refusal(status: str) -> None:
    refused = refusal(state(status))
    assert refused.code == "dataset-refused"
    assert "what AWS says" in refused.reason


@pytest.mark.parametrize("found", [None, state("DELETE_IN_PROGRESS")])
def test_a_dataset_that_goes_is_gone(found: DatasetState | None) -> None:
    assert refusal(found).code == "dataset-deleted"


@pytest.mark.parametrize(
    ("entries", "errors", "share", "fine"),
    [(99, 0, 0.0, False), (100, 1, 0.0, False), (95, 5, 0.1, True), (95, 6, 0.1, False), (90, 0, 0.1, True)],
)
def test_missing_and_faulty_entries_add_up(entries: int, errors: int, share: float, fine: bool) -> None:
    if fine:
        assert finished("train", 100, state(entries=entries, errors=errors), share) is not None
    else:
        assert refusal(state(entries=entries, errors=errors), share).code == "dataset-lost-entries"


@pytest.mark.parametrize(
    ("code", "advice"), [("SERVICE_ERROR", "Retry"), ("CLIENT_ERROR", "Correct"), ("", "Correct")]
)
def test_the_advice_depends_on_whose_fault_it_is(code: str, advice: str) -> None:
    assert refusal(state("CREATE_FAILED", code=code)).advice.startswith(advice)
