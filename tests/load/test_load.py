"""The small version of `make load`."""

from pathlib import Path

import pytest

from tests.load.many_jobs import loaded_stack, run

pytestmark = pytest.mark.e2e


def test_jobs_at_once_all_end_in_their_order_and_leave_nothing_behind(tmp_path: Path) -> None:
    with loaded_stack(tmp_path, jobs=10) as stack:
        report = run(stack, jobs=10, images=6, seconds=240)
    assert list(report.faults()) == [], "\n".join(report.lines())
