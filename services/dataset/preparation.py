"""A dataset in preparation, as this service remembers it."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.dataset_creation import DatasetCreation
from contracts.facts import LabelSplit, LeftOut
from contracts.ids import Arn, S3Uri
from contracts.plan import TrainingPlan
from runtime.rows import Row

PREPARATION = "preparation"
"""Index partition of jobs whose datasets are yet to be asked for."""


class Prepared(BaseModel):
    """What stands in the two manifests, and what does not."""

    model_config = ConfigDict(frozen=True)

    train_lines: int
    test_lines: int
    split: tuple[LabelSplit, ...]
    left_out: tuple[LeftOut, ...]
    left_out_report: S3Uri | None = None


class Preparation(Row):
    """A row of the table that dataset and dataset-watcher share.

    It fills up from top to bottom: ``prepared`` once both manifests are written, ``project_arn`` once there
    is a project, ``creation`` once Rekognition makes both datasets; with that the row is dataset-watcher's.
    What dataset-watcher adds to it is kept, whatever it is.
    """

    model_config = ConfigDict(extra="allow")

    plan: TrainingPlan
    output_manifest: S3Uri
    label_attribute: str
    begun_at: AwareDatetime
    prepared: Prepared | None = None
    project_arn: Arn | None = None
    creation: DatasetCreation | None = None
