"""A job that people label in the console, and the people."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from contracts.plan import LabellingBackendName, LabellingPlan, TrainingOptions, TrainingPlan
from tests.integration.labelling.bench import Bench, jpeg
from tests.support.builders import JOB
from tests.support.http_face import Answer, ask

BOX = {"label": "passport", "left": 10, "top": 20, "width": 300, "height": 200}
BOXES = {"kind": "boxes", "boxes": [BOX]}
NO_DOCUMENT = {"kind": "no-document"}
CANNOT_TELL = {"kind": "cannot-tell"}


def console_plan(*, workers: int = 1, suggestions_from: str | None = None) -> TrainingPlan:
    return TrainingPlan(
        labels=["passport", "id-card"],
        options=TrainingOptions(workers_per_image=workers),
        labelling=LabellingPlan(backend=LabellingBackendName.CONSOLE, suggestions_from=suggestions_from),
    )


def begin(bench: Bench, images: int = 3, *, workers: int = 1, suggestions_from: str | None = None) -> None:
    """Have so many images of a job labelled in the console."""
    bench.upload({f"{number:03}.jpg": jpeg() for number in range(images)})
    assert bench.start(plan=console_plan(workers=workers, suggestions_from=suggestions_from)) == []


@dataclass(frozen=True)
class Labeller:
    """Somebody at the console, where nobody signs in unless ``context`` says that they have."""

    app: APIGatewayRestResolver
    name: str
    context: dict[str, Any] | None = None
    job_id: str = JOB

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        headers = {"X-Worker": self.name}
        return ask(self.app, method, f"/api/labelling/{path}", text, headers=headers, context=self.context)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.ask("POST", f"{self.job_id}/{path}", body)

    def next(self) -> Any:
        """Take the next image; ``None`` when nothing is left."""
        answer = self.post("next")
        if answer.status == 204:
            return None
        assert answer.status == 200, answer.text
        return answer.json

    def submit(self, task_id: str, answer: Any = BOXES) -> Answer:
        return self.ask("PUT", f"{self.job_id}/tasks/{task_id}", answer)

    def label(self, answer: Any = BOXES) -> str:
        """Take the next image and answer it; give its id."""
        task = self.next()
        assert task is not None
        answered = self.submit(task["taskId"], answer)
        assert answered.status == 200, answered.text
        return str(task["taskId"])

    def label_all(self, answer: Any = BOXES) -> list[str]:
        """Label until nothing is left; give the ids."""
        done = []
        while (task := self.next()) is not None:
            assert self.submit(task["taskId"], answer).status == 200
            done.append(str(task["taskId"]))
        return done

    def progress(self) -> Any:
        answer = self.ask("GET", self.job_id)
        assert answer.status == 200, answer.text
        return answer.json


def counts(labeller: Labeller, *members: str) -> Sequence[int]:
    """Give these members of the progress."""
    progress = labeller.progress()
    return [progress[member] for member in members]
