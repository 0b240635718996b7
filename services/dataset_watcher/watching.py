"""Datasets being created, as this service sees them."""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, ConfigDict

from contracts.dataset_creation import DatasetCreation
from runtime.rows import Row


class Watching(Row):
    """A row of the table that dataset and dataset-watcher share.

    What dataset keeps there for itself is unknown here and is written back as it was read. ``creation`` is
    missing from a row whose preparation has failed and still has that to tell. ``short_since`` is when a
    dataset that was made was first seen with fewer entries than it was given.
    """

    model_config = ConfigDict(extra="allow")

    creation: DatasetCreation | None = None
    short_since: AwareDatetime | None = None


def creation_deadline(row: Watching, allowed: timedelta) -> datetime | None:
    """Say when both datasets must be there."""
    return None if row.creation is None else row.creation.requested_at + allowed
