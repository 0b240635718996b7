"""The user of the API, who sends a request again when no answer comes."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import cv2
import numpy as np

from contracts.names import annotations_key, image_key
from tests.faults.account import BOX, LABEL
from tests.faults.pipeline import Answer, Pipeline

IMAGES = ("a.png", "b.png", "c.png")
_RESENDS = 10
_FIRST_PAUSE = timedelta(seconds=5)
"""Doubled each time; the last is longer than a message takes to come back."""


class User:
    """Works with the API and waits for what becomes of it.

    Attributes:
        jobs: the ids of the jobs created, in their order.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.jobs: list[str] = []

    def ask(self, method: str, target: str, body: Any = None, **headers: str) -> Answer:
        """Send a request until it is answered with something else than "try again"."""
        for sent in range(_RESENDS):
            answer = self.pipeline.request(method, target, body, **headers)
            if answer is not None and answer.status < 500:
                return answer
            self.pipeline.move_to(self.pipeline.clock.now() + _FIRST_PAUSE * 2**sent)
            if sent:
                self.pipeline.deliver_all()
        raise AssertionError(f"{method} {target} was never answered")

    def order(self, method: str, target: str, body: Any = None, **headers: str) -> Any:
        """Send a request that must be accepted; give the answer's body."""
        answer = self.ask(method, target, body, **headers)
        assert answer.status in {200, 201, 202, 204}, f"{method} {target}: {answer}"
        return answer.json

    def create(self, labelling: str = "ground-truth", **options: Any) -> str:
        """Create a job with images whose documents the labellers will find; give its id."""
        body = {"labels": [LABEL], "labelling": {"backend": labelling}, "options": options}
        answer = self.ask("POST", "/api/training/create", body, **{"Idempotency-Key": str(uuid.uuid4())})
        assert answer.status == 201, answer
        job_id = str(answer.json["jobId"])
        self.jobs.append(job_id)
        return job_id

    def upload(self, job_id: str) -> None:
        """Ask for the URLs and put the images there."""
        asked = {"jobId": job_id, "filenames": list(IMAGES), "renew": True}
        answer = self.order("POST", "/api/training/urls", asked)
        assert [url["filename"] for url in answer["urls"]] == list(IMAGES), answer
        account = self.pipeline.account
        for number, name in enumerate(IMAGES):
            key = image_key(job_id, name)
            account.s3.put_object(Bucket=account.resources.bucket.name, Key=key, Body=_photograph(number))
        account.simulator.workforce.learn(_annotations())

    def upload_boxes(self, job_id: str) -> None:
        """Put the boxes that exist already where they are to be."""
        self.order("POST", f"/api/training/{job_id}/annotations")
        account = self.pipeline.account
        body = json.dumps(_annotations()).encode()
        account.s3.put_object(Bucket=account.resources.bucket.name, Key=annotations_key(job_id), Body=body)

    def label(self, job_id: str) -> None:
        """Draw the boxes on the console, and take the first answer back once."""
        api, me = f"/api/labelling/{job_id}", {"X-Worker": "ann"}
        answers = 0
        while (task := self.order("POST", f"{api}/next", **me)) is not None:
            drawn = {"left": BOX.left, "top": BOX.top, "width": BOX.width, "height": BOX.height}
            answer = {"kind": "boxes", "boxes": [{"label": LABEL, **drawn}]}
            self.order("PUT", f"{api}/tasks/{task['taskId']}", answer, **me)
            answers += 1
            if answers == 1:
                again = self.ask("POST", f"{api}/undo", **me)
                # Asked twice because an answer was lost, there is nothing left to take back.
                assert again.status in {200, 409}, again
        progress = self.order("GET", api, **me)
        assert progress["answers"] == progress["done"] == len(IMAGES), progress

    def start(self, job_id: str) -> None:
        """Start a job."""
        self.order("POST", "/api/training/start", {"jobId": job_id})

    def started(self, labelling: str = "ground-truth", **options: Any) -> str:
        """Create a job, give it what it needs and start it; give its id."""
        job_id = self.create(labelling, **options)
        self.upload(job_id)
        if labelling == "import":
            self.upload_boxes(job_id)
        self.start(job_id)
        return job_id

    def stop_model(self, job_id: str) -> None:
        """Have the model stopped."""
        self.order("POST", f"/api/training/{job_id}/model/stop")

    def start_model(self, job_id: str) -> None:
        """Have the model started again."""
        self.order("POST", f"/api/training/{job_id}/model/start")

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        self.order("POST", f"/api/training/{job_id}/cancel")

    def retry(self, job_id: str) -> None:
        """Have another attempt made at what failed."""
        self.order("POST", f"/api/training/{job_id}/retry")

    def wait_for(self, job_id: str, *statuses: str) -> None:
        """Wait until the job has one of these statuses."""
        self.wait_until(lambda shown: shown["status"] in statuses, job_id)

    def wait_until(self, reached: Callable[[dict[str, Any]], bool], job_id: str) -> None:
        """Wait until the job is shown in a certain way."""
        account, observer = self.pipeline.account, self.pipeline.observer
        looks: dict[str, bool] = {}

        def is_there() -> bool:
            version = json.dumps(account.job(job_id))
            if version not in looks:
                looks[version] = reached(observer.job(job_id))
            return looks[version]

        self.pipeline.run_until(is_there)

    def wait_for_one(self, job_ids: set[str], status: str) -> str:
        """Wait until one of the jobs has this status; give its id."""
        observer, found = self.pipeline.observer, list[str]()

        def is_there() -> bool:
            found[:] = [job for job in sorted(job_ids) if observer.job(job)["status"] == status]
            return bool(found)

        self.pipeline.run_until(is_there)
        return found[0]


def _photograph(number: int) -> bytes:
    pixels = np.full((90, 120, 3), 100 + number, np.uint8)
    done, data = cv2.imencode(".png", pixels)
    assert done
    return bytes(data)


def _annotations() -> dict[str, Any]:
    return {
        "images": [{"id": number, "file_name": name} for number, name in enumerate(IMAGES)],
        "categories": [{"id": 1, "name": LABEL}],
        "annotations": [
            {"image_id": number, "category_id": 1, "bbox": [BOX.left, BOX.top, BOX.width, BOX.height]}
            for number, _ in enumerate(IMAGES)
        ],
    }
