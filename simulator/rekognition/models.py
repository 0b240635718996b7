"""What Rekognition Custom Labels remembers: projects, datasets with their entries, model versions."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.core.lifecycle import GONE, Lifecycle

# Statuses: the service model; moves: the operations' own pages.
PROJECT = Lifecycle(
    "project",
    {
        "(new)": frozenset({"CREATING"}),
        "CREATING": frozenset({"CREATED", "DELETING"}),
        "CREATED": frozenset({"DELETING"}),
        "DELETING": frozenset({GONE}),
    },
)
_SETTLED_DATASET = frozenset({"UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"})
DATASET = Lifecycle(
    "dataset",
    {
        "(new)": frozenset({"CREATE_IN_PROGRESS"}),
        "CREATE_IN_PROGRESS": frozenset({"CREATE_COMPLETE", "CREATE_FAILED"}),
        "CREATE_COMPLETE": _SETTLED_DATASET,
        "CREATE_FAILED": frozenset({"DELETE_IN_PROGRESS"}),
        "UPDATE_IN_PROGRESS": frozenset({"UPDATE_COMPLETE", "UPDATE_FAILED"}),
        "UPDATE_COMPLETE": _SETTLED_DATASET,
        "UPDATE_FAILED": _SETTLED_DATASET,
        "DELETE_IN_PROGRESS": frozenset({GONE}),
    },
)
_STARTABLE = frozenset({"STARTING", "DELETING"})
VERSION = Lifecycle(
    "model version",
    {
        "(new)": frozenset({"TRAINING_IN_PROGRESS", "COPYING_IN_PROGRESS"}),
        "TRAINING_IN_PROGRESS": frozenset({"TRAINING_COMPLETED", "TRAINING_FAILED"}),
        "COPYING_IN_PROGRESS": frozenset({"COPYING_COMPLETED", "COPYING_FAILED"}),
        "TRAINING_COMPLETED": _STARTABLE,
        "COPYING_COMPLETED": _STARTABLE,
        "TRAINING_FAILED": frozenset({"DELETING"}),
        "COPYING_FAILED": frozenset({"DELETING"}),
        "STARTING": frozenset({"RUNNING", "FAILED"}),
        "RUNNING": frozenset({"STOPPING"}),
        "STOPPING": frozenset({"STOPPED"}),
        "STOPPED": _STARTABLE,
        "FAILED": _STARTABLE,
        "DELETING": frozenset({GONE}),
    },
)


@dataclass
class Project:
    """One project."""

    name: str
    arn: str
    created: datetime
    status: str = "CREATING"

    def move(self, status: str) -> None:
        """Change the status, if the table of moves allows it."""
        self.status = PROJECT.move(self.status, status)


@dataclass
class Entry:
    """One image of a dataset.

    Attributes:
        original: The JSON Line as it was given.
        shown: The JSON Line as ListDatasetEntries gives it back, with the errors found in it.
        labels: Number of usable boxes for each label; 0 for image-level labels.
    """

    source_ref: str
    original: str
    shown: str
    labels: dict[str, int]
    labelled: bool
    has_errors: bool


@dataclass
class Dataset:
    """One dataset; its entries are keyed by `source-ref`, for an image is in it once."""

    arn: str
    project_arn: str
    type: str
    created: datetime
    updated: datetime
    status: str = "CREATE_IN_PROGRESS"
    message: str = "The dataset is being created."
    message_code: str = "SUCCESS"
    entries: dict[str, Entry] = field(default_factory=dict)
    manifest_bucket: str = ""

    def move(self, status: str, at: datetime, message: str, code: str = "SUCCESS") -> None:
        """Change the status, if the table of moves allows it, and say why."""
        self.status = DATASET.move(self.status, status)
        self.updated, self.message, self.message_code = at, message, code

    @property
    def usable(self) -> bool:
        """Whether it can be listed, updated and trained on."""
        return self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED")

    @property
    def busy(self) -> bool:
        """Whether an operation on it is under way."""
        return self.status.endswith("_IN_PROGRESS")


@dataclass
class Version:
    """One model version.

    Attributes:
        thresholds: For each label, the least confidence (0 to 1) that DetectCustomLabels reports by default.
        model_id: Where the trained model is kept; empty until training has succeeded.
        files: Keys of the result files, by role.
        whole_images: The model labels images as a whole and draws no boxes.
    """

    arn: str
    project_arn: str
    name: str
    request: dict[str, Any]
    created: datetime
    status: str = "TRAINING_IN_PROGRESS"
    message: str = ""
    ended: datetime | None = None
    billable_seconds: int | None = None
    f1: float | None = None
    files: dict[str, str] = field(default_factory=dict)
    thresholds: dict[str, float] = field(default_factory=dict)
    model_id: str = ""
    whole_images: bool = False
    min_units: int | None = None
    max_units: int | None = None
    source_arn: str = ""

    def move(self, status: str, message: str) -> None:
        """Change the status, if the table of moves allows it, and say why."""
        self.status = VERSION.move(self.status, status)
        self.message = message


@dataclass
class RekognitionState:
    """One account's Custom Labels in one region, everything by ARN."""

    projects: dict[str, Project] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)

    def datasets_of(self, project_arn: str) -> list[Dataset]:
        """Return a project's datasets."""
        return [dataset for dataset in self.datasets.values() if dataset.project_arn == project_arn]

    def versions_of(self, project_arn: str) -> list[Version]:
        """Return a project's versions, newest first."""
        found = [version for version in self.versions.values() if version.project_arn == project_arn]
        return sorted(found, key=lambda version: version.created, reverse=True)
