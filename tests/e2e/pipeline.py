"""The pipeline as its user has it: HTTP, and boto3 for what the user would look at in AWS."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from demo.documents import CocoDocument
from local.stack import Stack
from tests.support.waiting import wait_until

FINAL = {"RUNNING", "STOPPED", "FAILED", "REJECTED", "CANCELLED"}


@dataclass(frozen=True)
class Pipeline:
    """A stack, and an HTTP client for its API and its simulator."""

    stack: Stack
    http: httpx.Client

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self.http.request(method, f"{self.stack.api}{path}", **request)

    def create(self, **body: Any) -> str:
        answer = self.call("POST", "/api/training/create", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["jobId"])

    def upload(self, job_id: str, files: list[Path]) -> None:
        asked = {"jobId": job_id, "filenames": [file.name for file in files]}
        answer = self.call("POST", "/api/training/urls", json=asked).json()
        assert answer["refused"] == []
        by_name = {file.name: file for file in files}
        for entry in answer["urls"]:
            self.http.put(entry["url"], content=by_name[entry["filename"]].read_bytes()).raise_for_status()

    def start(self, job_id: str) -> httpx.Response:
        return self.call("POST", "/api/training/start", json={"jobId": job_id})

    def job(self, job_id: str) -> dict[str, Any]:
        answer = self.call("GET", f"/api/training/{job_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wait_for(self, job_id: str, *statuses: str, seconds: float = 240) -> dict[str, Any]:
        """Wait until the job has one of the statuses, or fails for good."""
        enough = {*statuses} or FINAL
        job = wait_until(
            lambda: self.job(job_id),
            lambda job: job["status"] in enough | {"FAILED", "REJECTED", "CANCELLED"},
            seconds=seconds,
        )
        assert job["status"] in enough, json.dumps(job, indent=2)
        return job

    def event_types(self, job_id: str) -> list[str]:
        events = self.call("GET", f"/api/training/{job_id}/events").json()["events"]
        return [event["type"] for event in events]

    def annotate(self, coco: CocoDocument) -> None:
        self.http.post(f"{self.stack.simulator}/_simulator/annotations", json=coco).raise_for_status()

    def calls(self, operation: str, containing: str) -> int:
        """Count the simulator's calls of an operation whose request mentions a text."""
        calls = self.http.get(f"{self.stack.simulator}/_simulator/calls").json()["calls"]
        return sum(call["operation"] == operation and containing in json.dumps(call) for call in calls)
