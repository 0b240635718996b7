"""A quota that is full for hours: the jobs wait in their order, and at no message's expense."""

from collections.abc import Iterator

import pytest

from tests.faults.account import Machinery, an_account
from tests.faults.pipeline import Pipeline
from tests.faults.user import User


@pytest.fixture(name="user")
def _user(machinery: Machinery) -> Iterator[User]:
    with an_account(machinery) as account:
        yield User(Pipeline(account))


def test_parked_jobs_go_on_in_the_order_of_their_arrival(user: User) -> None:
    pipeline = user.pipeline
    refusals = {"operation": "CreateProjectVersion", "fault": "quota", "times": 180}  # three hours of ticks
    pipeline.account.simulator.gateway.faults.add(refusals)
    jobs = []
    for _ in range(3):
        jobs.append(user.started(minF1=1))
        user.wait_until(lambda shown: "training slot" in (shown["waitingFor"] or ""), jobs[-1])
    assert not any(queue.messages for queue in pipeline.queues.values())  # waiting burns no receives
    for job in jobs:
        user.wait_for(job, "RUNNING")
        user.stop_model(job)
        user.wait_for(job, "STOPPED")
    pipeline.run_until(pipeline.is_quiet)

    calls = pipeline.account.simulator.gateway.calls.find(operation="CreateProjectVersion")
    begun = [call for call in calls if call["status"] == 200]
    refused = [call for call in calls if call["status"] != 200]
    order = [next(n for n, job in enumerate(jobs) if job in call["request"]["ProjectArn"]) for call in begun]
    assert order == [0, 1, 2]
    assert all(jobs[0] in call["request"]["ProjectArn"] for call in refused[:180])  # nobody asks out of turn
    assert not any(queue.dead for queue in pipeline.queues.values())
