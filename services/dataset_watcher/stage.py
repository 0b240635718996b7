"""Looking whether two datasets are there."""

from datetime import timedelta

from contracts.dataset_creation import DatasetCreation
from contracts.events import DatasetReady, DatasetReadyData
from runtime.clock import Clock
from runtime.observe import get_logger
from runtime.reconcile import Moved
from services.dataset_watcher.rekognition import DatasetReader, DatasetState
from services.dataset_watcher.rules import LostEntries, finished
from services.dataset_watcher.watching import Watching


class WatchingStage:
    """Tells when both datasets are there, with every line that they were given."""

    def __init__(
        self, datasets: DatasetReader, max_lost_share: float, clock: Clock, time_to_count: timedelta
    ) -> None:
        self._datasets = datasets
        self._max_lost_share = max_lost_share
        self._clock = clock
        self._time_to_count = time_to_count

    def advance(self, row: Watching) -> Moved[Watching] | None:
        """Look once."""
        creation = row.creation
        if creation is None:
            return None
        now = self._clock()
        try:
            train = self._finished("train", creation.train_lines, creation.datasets.train_dataset_arn)
            test = self._finished("test", creation.test_lines, creation.datasets.test_dataset_arn)
        except LostEntries:
            # AWS does not say that the count is there with the status.
            if row.short_since is None:
                return Moved(row.changed(short_since=now), wait=True)
            if now <= row.short_since + self._time_to_count:
                return None
            raise
        if train is None or test is None:
            return None
        _log_losses(creation, train, test)
        data = DatasetReadyData(
            plan=creation.plan,
            datasets=creation.datasets,
            train_entries=train.entries,
            test_entries=test.entries,
        )
        return Moved(row.changed(waiting=None).telling(DatasetReady, data, time=now))

    def _finished(self, name: str, lines: int, dataset_arn: str) -> DatasetState | None:
        return finished(name, lines, self._datasets.find(dataset_arn), self._max_lost_share)


def _log_losses(creation: DatasetCreation, train: DatasetState, test: DatasetState) -> None:
    for name, lines, state in (("train", creation.train_lines, train), ("test", creation.test_lines, test)):
        if state.entries < lines or state.error_entries:
            get_logger().warning(
                "a dataset is not whole, within what is allowed",
                dataset=name,
                lines=lines,
                entries=state.entries,
                error_entries=state.error_entries,
            )
