"""Messages come twice, late, out of order; AWS throttles; clocks differ: what was promised holds.

FAULTS_EXAMPLES asks for that many bad weeks, others each time; without it they are few, always the same.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.account import Machinery
from tests.faults.chaos import Chaos

_FEW = 20


def test_every_job_ends_and_nothing_is_done_twice(machinery: Machinery) -> None:
    wanted = os.environ.get("FAULTS_EXAMPLES")

    class HereAndNow(Chaos):
        def __init__(self) -> None:
            super().__init__(machinery)

    run_state_machine_as_test(
        HereAndNow,
        settings=settings(
            max_examples=int(wanted or _FEW),
            stateful_step_count=40,
            derandomize=wanted is None,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
