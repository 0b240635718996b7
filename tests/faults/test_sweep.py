"""A process may die at any call to AWS, and any call may fail: nothing is lost and nothing is done twice.

Here a sample of the cases, chosen by FAULTS_SEED; ``make faults`` runs them all.
"""

import os

import pytest

from tests.faults.account import Machinery
from tests.faults.paths import PATHS
from tests.faults.sweep import FAULTS, Case, Sweep, sample
from tests.faults.wire import Fault

_CASES = 4


@pytest.fixture(scope="module", name="sweep")
def _sweep(machinery: Machinery) -> Sweep:
    return Sweep(machinery)


@pytest.mark.parametrize("path", PATHS)
def test_a_fault_anywhere_changes_nothing(sweep: Sweep, path: str) -> None:
    cases = sample(sweep, path, _CASES, int(os.environ.get("FAULTS_SEED", "0")))
    complaints = [complaint for case in cases if (complaint := sweep.complaint(case))]
    assert not complaints, "\n\n".join(complaints)


def test_a_case_is_found_again_by_its_name(sweep: Sweep) -> None:
    case = sweep.cases("stop")[3]
    assert Case.parse(str(case)) == case


def test_a_call_that_changes_something_is_struck_before_and_after_it_does(sweep: Sweep) -> None:
    struck = {(case.call, case.fault) for case in sweep.cases("happy")}
    calls = sweep.undisturbed("happy").calls
    changing = [
        call for call in calls if call.operation in {"PutItem", "UpdateItem", "Publish", "CreateProject"}
    ]
    assert {call.operation for call in changing} == {"PutItem", "UpdateItem", "Publish", "CreateProject"}
    assert {(call.number, fault) for call in changing for fault in FAULTS} <= struck
    assert {number for number, fault in struck if fault is Fault.DIES_BEFORE} == {
        call.number for call in calls
    }


def test_a_path_that_follows_another_is_swept_from_where_it_leaves_it(sweep: Sweep) -> None:
    call = sweep.undisturbed("stop").calls[sweep.first_own_call("stop") - 1]
    assert (call.function, call.operation) == ("ekyc-job-api-api", "GetItem")
    assert len(sweep.undisturbed("happy").calls) == call.number - 1
