"""Putting answers together holds one image at a time, however many there are."""

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

from contracts.boxes import Box
from contracts.labelling_http import Answer
from services.labelling.backend import LabellingOrder, Progress
from services.labelling.boxes import Size
from services.labelling.console.backend import Console
from services.labelling.console.round import Round
from services.labelling.console.task import Given, Person, Task
from tests.support.builders import JOB

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
IMAGES = 10_000
BOXES = Answer(
    kind="boxes",
    boxes=tuple(Box(label="passport", left=n, top=n, width=99, height=99) for n in range(5)),
)


class ManyImages:
    """A table with very many labelled images, which are made as they are read."""

    def __init__(self) -> None:
        self.round = Round(
            job_id=JOB, attempt=1, labels=("passport",), workers_per_image=1, created_at=NOON, images=IMAGES
        ).changed(state="open")

    def find(self, _: str) -> Round:
        return self.round

    def people(self, _: Round) -> list[Person]:
        return [Person(worker="ann", answers=IMAGES, finished=IMAGES)]

    seal = people

    def save(self, round_: Round) -> Round:
        self.round = round_
        return round_

    def tasks(self, _: Round) -> Iterator[Task]:
        for number in range(IMAGES):
            given = Given(worker="ann", answer=BOXES, at=NOON)
            size = Size(width=640, height=480)
            yield Task(
                number=number, image=f"s3://bucket/{number}.jpg", size=size, given=(given,), finished_by="ann"
            )


class Written:
    """S3, which is handed a file and counts its lines as it reads."""

    lines = 0

    def write(self, _: str, body: IO[bytes], __: str) -> None:
        self.lines = sum(1 for _ in body)


def test_the_manifest_is_written_as_a_stream() -> None:
    table: Any = ManyImages()
    storage: Any = Written()
    console = Console(table, storage, "ekyc", lambda: NOON)
    order = LabellingOrder(
        JOB, 1, ("passport",), 1, f"s3://bucket/labelling/{JOB}/1/input.manifest", "s3://bucket/l/"
    )
    tracemalloc.start()
    try:
        state = console.look(order)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (state.progress, state.counts.labelled, storage.lines) == (Progress.COMPLETED, IMAGES, IMAGES)
    assert peak < 4 * 1024 * 1024
