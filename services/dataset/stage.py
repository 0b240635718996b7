"""One step of a dataset's making at a time."""

from collections.abc import Callable

from contracts.dataset_creation import WAITING_FOR_DATASETS, DatasetCreation
from contracts.events import DatasetCreationStarted, DatasetCreationStartedData
from contracts.facts import Datasets
from runtime.clock import Clock
from runtime.reconcile import Moved
from services.dataset.preparation import Preparation, Prepared
from services.dataset.preparer import Preparer, manifest_key
from services.dataset.rekognition import Project, Projects


def project_name(name_prefix: str, job_id: str, attempt: int) -> str:
    """Name the project of an attempt; a repeat of the call finds it by this name."""
    return f"{name_prefix}-{job_id}-{attempt}"


class DatasetStage:
    """Writes the manifests, has Rekognition make datasets of them, and hands over to dataset-watcher."""

    def __init__(
        self, preparer: Preparer, projects: Projects, name_prefix: str, bucket: str, clock: Clock
    ) -> None:
        self._preparer = preparer
        self._projects = projects
        self._name_prefix = name_prefix
        self._bucket = bucket
        self._clock = clock

    def advance(self, row: Preparation, keep: Callable[[], None]) -> Moved[Preparation] | None:
        """Take the next step; ``keep`` says that a long one is still at work."""
        if row.creation is not None:
            return None
        if row.prepared is None:
            return Moved(row.changed(prepared=self._preparer.prepare(row, keep)))
        if row.project_arn is None:
            return Moved(row.changed(project_arn=self._projects.create(self._name(row))))
        return self._create_datasets(row, row.prepared)

    def _create_datasets(self, row: Preparation, prepared: Prepared) -> Moved[Preparation]:
        """Create the datasets that the project lacks, once it takes any."""
        project = self._projects.find(self._name(row))
        if project is None or project.status != "CREATED":
            return Moved(row, wait=True)
        datasets = Datasets(
            project_arn=project.arn,
            train_dataset_arn=self._train_dataset(row, project),
            test_dataset_arn=self._test_dataset(row, project),
        )
        return Moved(self._handed_over(row, prepared, datasets), wait=True)

    def _train_dataset(self, row: Preparation, project: Project) -> str:
        return project.datasets.get("TRAIN") or self._projects.create_dataset(
            project.arn, "TRAIN", self._bucket, manifest_key(row.job_id, row.attempt, "train")
        )

    def _test_dataset(self, row: Preparation, project: Project) -> str:
        return project.datasets.get("TEST") or self._projects.create_dataset(
            project.arn, "TEST", self._bucket, manifest_key(row.job_id, row.attempt, "test")
        )

    def _handed_over(self, row: Preparation, prepared: Prepared, datasets: Datasets) -> Preparation:
        now = self._clock()
        creation = DatasetCreation(
            plan=row.plan,
            datasets=datasets,
            train_lines=prepared.train_lines,
            test_lines=prepared.test_lines,
            requested_at=now,
        )
        started = DatasetCreationStartedData(
            datasets=datasets,
            split=list(prepared.split),
            left_out=list(prepared.left_out),
            left_out_report=prepared.left_out_report,
        )
        handed_over = row.changed(waiting=WAITING_FOR_DATASETS, creation=creation)
        return handed_over.telling(DatasetCreationStarted, started, time=now)

    def _name(self, row: Preparation) -> str:
        return project_name(self._name_prefix, row.job_id, row.attempt)
