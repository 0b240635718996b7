"""Sees the jobs as the API shows them, without a call being counted or disturbed."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from runtime.clock import Clock
from tests.faults.processes import start_process
from tests.faults.wire import Clients
from tests.support.context import FakeContext


class Observer:
    """An API process of its own, beside the wire."""

    def __init__(self, clients: Clients, handler: str, environment: Mapping[str, str], clock: Clock) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(boto3, "DEFAULT_SESSION", clients)
            self._api = start_process(handler, environment, clock)

    def job(self, job_id: str) -> dict[str, Any]:
        """Give the job as its user sees it."""
        return self._get(f"/api/training/{job_id}")

    def history(self, job_id: str) -> list[dict[str, Any]]:
        """Give the job's events."""
        events: list[dict[str, Any]] = self._get(f"/api/training/{job_id}/events")["events"]
        return events

    def _get(self, path: str) -> dict[str, Any]:
        event = {"httpMethod": "GET", "path": path, "resource": path, "headers": {}, "requestContext": {}}
        answer = self._api(event, FakeContext())
        assert answer["statusCode"] == 200, answer
        shown: dict[str, Any] = json.loads(answer["body"])
        return shown
