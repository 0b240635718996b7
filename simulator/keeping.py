"""Keeps a simulator's state in a file: one JSON document, and the trained models beside it."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, TypeVar

from simulator.core.codec import decode, encode
from simulator.core.regions import Regions
from simulator.core.tasks import Task, TaskRunner
from simulator.core.wire import Caller
from simulator.rekognition.models import RekognitionState
from simulator.rekognition.shelf import ModelShelf
from simulator.sagemaker.models import SageMakerState
from simulator.sagemaker.workforce import Workforce

FORMAT = 1
_INTERVAL = 1.0
# Saving a big state takes time under the lock: unasked, never more than about a twentieth of it.
_REST = 20
State = TypeVar("State", SageMakerState, RekognitionState)


class BadStateFileError(ValueError):
    """The file is not one of ours; the message says what to do."""


class StateFile:
    """Saves before an answer tells of a change, else at most once a second, and when the simulator stops.

    What was answered is therefore never taken back by a crash, as AWS takes nothing back. Tasks under way are
    kept too: after a restart their work begins again and they end when they would have ended, or at once if
    that time has passed.
    """

    def __init__(
        self,
        path: Path,
        *,
        tasks: TaskRunner,
        labelling: Regions[SageMakerState],
        custom_labels: Regions[RekognitionState],
        workforce: Workforce,
        shelf: ModelShelf,
    ) -> None:
        self._path = path
        self._tasks = tasks
        self._labelling = labelling
        self._custom_labels = custom_labels
        self._workforce = workforce
        self._shelf = shelf
        self._saved = tasks.changes
        self._saving = asyncio.Lock()
        self._ended = self._took = 0.0

    @property
    def _models(self) -> Path:
        return self._path.with_name(self._path.name + ".models")

    def load(self) -> None:
        """Take up the state in the file; nothing happens when there is none.

        Raises:
            BadStateFileError: The file cannot be read.
        """
        if not self._path.exists():
            return
        try:
            document = json.loads(self._path.read_text())
            if document["format"] != FORMAT:
                raise BadStateFileError(
                    f"{self._path} has format {document['format']}, this simulator knows {FORMAT}; "
                    "use another file with --state"
                )
            _restore(self._labelling, SageMakerState, document["sagemaker"])
            _restore(self._custom_labels, RekognitionState, document["rekognition"])
            self._workforce.restore(document["workforce"])
            for model_id in document["models"]:
                self._shelf.keep((self._models / model_id).read_bytes())
            for task in document["tasks"]:
                self._tasks.add(decode(Task, task))
        except (OSError, LookupError, TypeError, AttributeError, json.JSONDecodeError) as error:
            raise BadStateFileError(
                f"{self._path} cannot be read as a simulator's state ({error!r}); use another file"
            ) from error
        self._saved = self._tasks.changes

    def save(self) -> None:
        """Write the state if it changed since it was last written."""
        with self._tasks.lock:
            if self._saved == self._tasks.changes:
                return
            changes = self._tasks.changes
            models = self._shelf.export()
            document = encode(
                {
                    "format": FORMAT,
                    "sagemaker": _export(self._labelling),
                    "rekognition": _export(self._custom_labels),
                    "workforce": self._workforce.export(),
                    "models": sorted(models),
                    "tasks": self._tasks.pending,
                }
            )
        self._write_models(models)
        _replace(self._path, document.encode())
        self._saved = changes
        # Only now does no document name them any more.
        for stale in self._models.iterdir():
            if stale.name not in models:
                stale.unlink()

    async def kept_up_to(self, change: int) -> None:
        """Wait until the file tells of a change; those who come while it is written share the next time."""
        async with self._saving:
            if self._saved >= change:
                return
            # No more than half of the time, however many wait.
            await asyncio.sleep(self._ended + self._took - time.monotonic())
            began = time.monotonic()
            await asyncio.to_thread(self.save)
            self._ended = time.monotonic()
            self._took = self._ended - began

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Save while the simulator runs, and once more at its end."""
        saving = asyncio.create_task(self._save_for_ever())
        try:
            yield
        finally:
            saving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await saving
            self.save()

    async def _save_for_ever(self) -> None:
        while True:
            await self.kept_up_to(self._tasks.changes)
            await asyncio.sleep(max(_INTERVAL, _REST * self._took))

    def _write_models(self, models: dict[str, bytes]) -> None:
        self._models.mkdir(parents=True, exist_ok=True)
        for model_id, data in models.items():
            place = self._models / model_id
            if not place.exists():
                _replace(place, data)


def _export(regions: Regions[Any]) -> list[dict[str, Any]]:
    return [
        {"account": caller.account, "region": caller.region, "state": state}
        for caller, state in regions.items()
    ]


def _restore(regions: Regions[State], kind: type[State], kept: list[dict[str, Any]]) -> None:
    for item in kept:
        regions.put(Caller(item["account"], item["region"]), decode(kind, item["state"]))


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(data)
    unfinished.replace(path)
