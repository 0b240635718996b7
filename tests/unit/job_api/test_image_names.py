"""Claiming file names, of which many requests may want some at once."""

import threading
from typing import Any

import pytest

from contracts.problems import JOB_STARTED
from runtime.problem_error import ProblemError
from services.job_api.image_names import Claim, ImageNames
from services.job_api.image_urls import ImageUrls
from services.job_api.job import Job
from tests.support.builders import JOB
from tests.support.events import labelling_started
from tests.unit.job_api.jobs import a_job, applied


class Table:
    """A table that takes what it is given, and knows what that was."""

    def __init__(self) -> None:
        self.written: list[set[str]] = []

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's name
        assert len(TransactItems) <= 100
        self.written.append({action["Put"]["Item"]["item"]["S"] for action in TransactItems})


def test_requests_for_different_names_meet_at_no_item() -> None:
    # Two transactions that meet at an item cancel each other, even where one only looks at it.
    table: Any = Table()
    names = ImageNames(table, "jobs")
    for request in range(3):
        claims = names.claim(JOB, [f"{request}-{number}.jpg" for number in range(250)])
        assert set(claims.values()) == {Claim.GRANTED}
    written = table.written
    assert sorted(len(keys) for keys in written) == [50] * 3 + [100] * 6
    assert len(set[str]().union(*written)) == sum(map(len, written))


def test_the_names_of_one_request_are_claimed_side_by_side() -> None:
    class Meeting:
        def __init__(self) -> None:
            self.ten = threading.Barrier(10)

        def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's
            assert len(TransactItems) == 100
            self.ten.wait(timeout=10)

    dynamodb: Any = Meeting()
    claims = ImageNames(dynamodb, "jobs").claim(JOB, [f"{number}.jpg" for number in range(1_000)])
    assert list(claims.values()) == [Claim.GRANTED] * 1_000


def test_a_job_that_starts_while_a_name_is_claimed_gives_no_url_for_it() -> None:
    seen = iter([a_job(), applied(a_job(), [labelling_started()])])

    def require(_: str) -> Job:
        return next(seen)

    nobody: Any = None
    table: Any = Table()
    images = ImageUrls(require, ImageNames(table, "jobs"), nobody)
    with pytest.raises(ProblemError) as caught:
        images.one(JOB, "a.jpg", renew=False)
    assert caught.value.problem_type is JOB_STARTED
