"""What SageMaker remembers: labelling jobs, their data objects, work teams."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulator.core.lifecycle import Lifecycle

# Statuses: the service model; moves: sms-monitor-cloud-watch and the operations' own pages.
LABELLING_JOB = Lifecycle(
    "labelling job",
    {
        "(new)": frozenset({"Initializing"}),
        "Initializing": frozenset({"InProgress", "Failed", "Stopping"}),
        "InProgress": frozenset({"Completed", "Failed", "Stopping"}),
        "Stopping": frozenset({"Stopped", "Failed"}),
        "Completed": frozenset(),
        "Failed": frozenset(),
        "Stopped": frozenset(),
    },
)
TERMINAL = frozenset({"Completed", "Failed", "Stopped"})

WAITING, LABELLED, FAILED, CARRIED = "waiting", "labelled", "failed", "carried"


@dataclass
class DrawnBox:
    """A box in whole pixels, origin at the top left."""

    label: str
    left: int
    top: int
    width: int
    height: int
    confidence: float = 0.0


@dataclass
class WorkerAnswer:
    """What one worker handed in for one object."""

    worker: str
    accepted: datetime
    submitted: datetime
    boxes: list[DrawnBox]


@dataclass
class DataObject:
    """One line of the input manifest and what became of it.

    Attributes:
        state: waiting, labelled, failed, or carried (had a label already and was not sent to anybody).
        width, height, depth: Of the real image, 0 when it cannot be read.
        blocked: Why a worker's browser cannot show the image; empty when it can.
    """

    line: dict[str, Any]
    source_ref: str
    state: str = WAITING
    width: int = 0
    height: int = 0
    depth: int = 0
    blocked: str = ""
    reason: str = ""
    decided: datetime | None = None
    boxes: list[DrawnBox] = field(default_factory=list)
    answers: list[WorkerAnswer] = field(default_factory=list)


@dataclass
class LabellingJob:
    """One labelling job.

    Attributes:
        request: What CreateLabelingJob was given, as Describe gives it back.
        began: When the tasks were offered to the workers.
        next_turn: When the next object will be decided; None while nobody has come to work.
        cursor: Index of that object.
        outcome: The terminal status the job is on its way to while its output is being written.
    """

    name: str
    arn: str
    request: dict[str, Any]
    reference_code: str
    created: datetime
    modified: datetime
    status: str = "Initializing"
    failure_reason: str = ""
    labels: list[str] = field(default_factory=list)
    objects: list[DataObject] = field(default_factory=list)
    began: datetime | None = None
    next_turn: datetime | None = None
    cursor: int = 0
    outcome: str = ""
    output_uri: str = ""
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def attribute(self) -> str:
        """The label attribute name."""
        return str(self.request["LabelAttributeName"])

    @property
    def human_task(self) -> dict[str, Any]:
        """HumanTaskConfig."""
        config: dict[str, Any] = self.request["HumanTaskConfig"]
        return config

    @property
    def workers(self) -> int:
        """How many workers label each object."""
        return int(self.human_task["NumberOfHumanWorkersPerDataObject"])

    def move(self, status: str, at: datetime) -> None:
        """Change the status, if the table of moves allows it."""
        self.status = LABELLING_JOB.move(self.status, status)
        self.modified = at

    def count(self, *states: str) -> int:
        """Return how many objects are in one of `states`."""
        return sum(item.state in states for item in self.objects)


@dataclass
class Workteam:
    """One private work team."""

    name: str
    arn: str
    request: dict[str, Any]
    created: datetime


@dataclass
class SageMakerState:
    """One account's SageMaker in one region; jobs are keyed by lower-cased name, for names ignore case."""

    jobs: dict[str, LabellingJob] = field(default_factory=dict)
    workteams: dict[str, Workteam] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
