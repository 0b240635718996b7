"""What a dataset's state means for the job."""

from runtime.errors import Permanent
from services.dataset_watcher.rekognition import DatasetState

_MADE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_UNDER_WAY = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"})


class LostEntries(Permanent):
    """A dataset was made, and Rekognition counts fewer good entries in it than it was given."""


def finished(name: str, lines: int, state: DatasetState | None, max_lost_share: float) -> DatasetState | None:
    """Give the state of a dataset that is there with what it was given; ``None`` while it is being made.

    Args:
        name: "train" or "test", for the user.
        lines: how many lines its manifest has.
        state: what Rekognition says; ``None`` when the dataset is gone.
        max_lost_share: share of the lines that may be missing or faulty, 0 to 1.

    Raises:
        LostEntries: it has too few entries, or they are not all counted yet.
        Permanent: it cannot be used, and never will be.
    """
    if state is None or state.status == "DELETE_IN_PROGRESS":
        raise Permanent(
            "dataset-deleted",
            f"The {name} dataset is gone from Rekognition.",
            "Retry the job to make it anew.",
        )
    if state.status in _UNDER_WAY:
        return None
    if state.status not in _MADE:
        raise _refused(name, state)
    _require_entries(name, lines, state, max_lost_share)
    return state


def _require_entries(name: str, lines: int, state: DatasetState, max_lost_share: float) -> None:
    missing = max(lines - state.entries, 0)
    if missing + state.error_entries > max_lost_share * lines or state.entries == 0:
        short = missing or state.entries == 0
        raise (LostEntries if short else Permanent)(
            "dataset-lost-entries",
            f"Of the {lines} lines of the {name} manifest Rekognition took {state.entries} and finds fault "
            f"with {state.error_entries} of those; {missing} are missing, which it does not explain.",
            "See the dataset's errors in the Custom Labels console. Most often an image was changed or "
            "removed after it was labelled, or the service's role may not read it: mend that, then retry "
            "the job.",
        )


def _refused(name: str, state: DatasetState) -> Permanent:
    advice = "Retry the job: Rekognition speaks of a fault of its own."
    if state.message_code != "SERVICE_ERROR":
        advice = "Correct what the reason names, then retry the job; the images need not be labelled again."
    return Permanent(
        "dataset-refused",
        f"Rekognition could not create the {name} dataset: {state.message or state.status}",
        advice,
    )
