"""What dataset hands over to dataset-watcher in the table the two share.

They are one service in two deployables: dataset asks Rekognition for the datasets, dataset-watcher waits
for them. The row between them is therefore a contract, as an event is.
"""

from pydantic import AwareDatetime

from contracts.facts import Datasets
from contracts.model import Contract
from contracts.plan import TrainingPlan

WAITING_FOR_DATASETS = "datasets"
"""Partition of the table's waiting index in which dataset-watcher looks."""


class DatasetCreation(Contract):
    """Two datasets being created since a moment, and how many lines each was given.

    The numbers matter: Rekognition drops some bad lines without a word (debugging-datasets), so only the
    comparison with its own count shows them.
    """

    plan: TrainingPlan
    datasets: Datasets
    train_lines: int
    test_lines: int
    requested_at: AwareDatetime
