"""Somebody who labels over HTTP as the page does, and sees everything that is there."""

from dataclasses import dataclass
from typing import Any

import httpx

from demo.documents import CocoDocument
from tests.e2e.pipeline import Pipeline


@dataclass(frozen=True)
class Labeller:
    """A person, and what is in the photographs in truth."""

    pipeline: Pipeline
    name: str
    job_id: str
    coco: CocoDocument

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self.pipeline.call(
            method, f"/api/labelling/{path}", headers={"X-Worker": self.name}, **request
        )

    def next(self) -> Any:
        """Take the next image; ``None`` when nothing is left."""
        answer = self.call("POST", f"{self.job_id}/next")
        assert answer.status_code in {200, 204}, answer.text
        return answer.json() if answer.status_code == 200 else None

    def answer(self, task: Any) -> httpx.Response:
        """Draw tight boxes, after a look at the image."""
        image = self.pipeline.http.get(task["imageUrl"])
        assert image.status_code == 200
        return self.call(
            "PUT",
            f"{self.job_id}/tasks/{task['taskId']}",
            params={"attempt": task["attempt"]},
            json=truth(self.coco, task["filename"]),
        )

    def label_all(self) -> list[str]:
        """Label until nothing is left; gives the names of the images."""
        seen = []
        while (task := self.next()) is not None:
            answered = self.answer(task)
            assert answered.status_code == 200, answered.text
            seen.append(str(task["filename"]))
        return seen

    def state(self) -> str:
        """How the job's labelling stands; ``unknown`` before it has begun."""
        answer = self.call("GET", self.job_id)
        return str(answer.json()["state"]) if answer.is_success else "unknown"


def truth(coco: CocoDocument, filename: str) -> dict[str, Any]:
    """Give the answer of somebody who sees everything."""
    [image] = [image for image in coco["images"] if image["file_name"] == filename]
    names = {category["id"]: category["name"] for category in coco["categories"]}
    boxes = [
        {
            "label": names[annotation["category_id"]],
            **dict(zip(("left", "top", "width", "height"), map(round, annotation["bbox"]), strict=True)),
        }
        for annotation in coco["annotations"]
        if annotation["image_id"] == image["id"]
    ]
    return {"kind": "boxes", "boxes": boxes} if boxes else {"kind": "no-document"}
