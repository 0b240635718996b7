"""Everything about the simulator that can be chosen, with AWS's own values as defaults."""

import math
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class Durations:
    """How long each stage takes, in seconds at speed 1.

    The sizes follow the developer guides: a small training was billed 1 899 s, a model takes minutes to start
    (training-model, running-model); where no page gives a figure it is a plausible one.
    """

    labelling_start: float = 60
    labelling_per_object: float = 20
    labelling_stop: float = 30
    labelling_write: float = 60
    project: float = 1
    dataset_create: float = 30
    dataset_per_entry: float = 0.05
    dataset_update: float = 15
    dataset_delete: float = 10
    training: float = 1800
    training_per_image: float = 2
    model_start: float = 600
    model_stop: float = 300
    model_delete: float = 10
    model_copy: float = 600


@dataclass(frozen=True)
class Quotas:
    """Account limits [Amazon Rekognition endpoints and quotas; sms-workforce-*; input-data-limits].

    Rates are calls per second at speed 1, for each operation; `None` switches a rate off.
    """

    projects: int = 100
    versions_per_project: int = 100
    concurrent_trainings: int = 2
    running_models: int = 2
    inference_units: int = 5
    concurrent_copies: int = 5
    images_per_dataset: int = 250_000
    manifest_bytes: int = 1_000_000_000
    labels_per_dataset: int = 250
    control_rate: float | None = 5
    detect_rate: float | None = 50
    tagging_rate: float | None = 10
    images_per_second_per_unit: float | None = 5
    objects_per_labelling_job: int = 100_000
    labels_per_labelling_job: int = 50
    running_labelling_jobs: int = 20
    workteams: int = 25


@dataclass(frozen=True)
class Choices:
    """What to do where no document says what AWS does; `docs/simulator.md` lists them all."""

    ground_truth_closed: bool = False
    require_workteam: bool = False
    require_cors: bool = True
    require_test_dataset: bool = True
    minimum_labels: int = 1
    restart_failed_models: bool = False


@dataclass(frozen=True)
class Options:
    """One simulator's settings.

    Attributes:
        speed: How many times faster than AWS; every duration, time limit and call rate is scaled by it.
        human_error: Standard deviation of a worker's hand, as a share of the box's side.
        seed: Makes workers and trainings repeatable.
        max_calls: How many calls the call log keeps.
    """

    speed: float = 1
    human_error: float = 0.01
    seed: int = 0
    max_calls: int = 10_000
    durations: Durations = field(default_factory=Durations)
    quotas: Quotas = field(default_factory=Quotas)
    choices: Choices = field(default_factory=Choices)

    def __post_init__(self) -> None:
        if not 0 < self.speed < math.inf:
            raise ValueError(f"speed must be a number of more than 0, got {self.speed}")
        if not 0 <= self.human_error < math.inf:
            raise ValueError(f"human_error must be a number of at least 0, got {self.human_error}")

    def lasting(self, seconds: float) -> timedelta:
        """Return how long something takes here that takes `seconds` on AWS."""
        return timedelta(seconds=seconds / self.speed)
