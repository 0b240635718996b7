"""The crash sweep: each path once without a fault, then once for every call and every fault.

A case is named path:call:fault, such as ``happy:79:dies-after``; the same case always goes the same way.
"""

import random
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

from tests.faults.account import Machinery, an_account
from tests.faults.outcome import PAID_FOR, Outcome, outcome_of
from tests.faults.paths import PATHS, Measure, Path
from tests.faults.pipeline import Pipeline
from tests.faults.user import User
from tests.faults.wire import DEATHS, TROUBLES, Call, Fault, Strike, nothing_fails

FAULTS = (*DEATHS, *TROUBLES)

AFTER = frozenset({Fault.DIES_AFTER, Fault.ANSWER_LOST, Fault.CUT_OFF})
"""The faults that let a call take effect; of a call that has none nothing remains, as without it."""

_WITHOUT_EFFECT = ("Describe", "Get", "Head", "List", "Query")


@dataclass(frozen=True)
class Case:
    """A fault at a call of a path."""

    path: str
    call: int
    fault: Fault

    def __str__(self) -> str:
        return f"{self.path}:{self.call}:{self.fault.replace(' ', '-')}"

    @classmethod
    def parse(cls, text: str) -> "Case":
        """Read a case's name.

        Raises:
            ValueError: there is no such case.
        """
        path, _, rest = text.partition(":")
        call, _, fault = rest.partition(":")
        if path not in PATHS:
            raise ValueError(f"there is no path {path!r}; there are {', '.join(PATHS)}")
        return cls(path, int(call), Fault(fault.replace("-", " ")))


@dataclass(frozen=True)
class Run:
    """What a path led to, and the calls on the way."""

    outcome: Outcome
    calls: tuple[Call, ...]


class Sweep:
    """Runs paths with and without faults."""

    def __init__(self, machinery: Machinery) -> None:
        self._machinery = machinery
        self.undisturbed = cache(self._undisturbed)

    def cases(self, path: str) -> list[Case]:
        """Give a path's cases: every death, and other trouble where the path no longer follows another."""
        first, alone = self.first_own_call(path), PATHS[path].alone
        return [
            Case(path, call.number, fault)
            for call in self.undisturbed(path).calls
            if alone is None or call.function.startswith(f"ekyc-{alone}-")
            for fault in (FAULTS if call.number >= first else DEATHS)
            if fault not in AFTER or not call.operation.startswith(_WITHOUT_EFFECT)
        ]

    def first_own_call(self, path: str) -> int:
        """Say with which call a path leaves the one that it follows."""
        follows = PATHS[path].follows
        if follows is None:
            return 1
        pairs = zip(self.undisturbed(path).calls, self.undisturbed(follows).calls, strict=False)
        common = next((own.number - 1 for own, other in pairs if own != other), None)
        return (len(self.undisturbed(follows).calls) if common is None else common) + 1

    def complaint(self, case: Case) -> str | None:
        """Run a case; say what is wrong after it, or ``None`` when all is well."""

        def strike(call: Call) -> Fault | None:
            return case.fault if call.number == case.call else None

        wanted = self.undisturbed(case.path)
        try:
            got = self._run(PATHS[case.path], strike)
        except AssertionError as error:
            return f"{case} at {wanted.calls[case.call - 1]}: {error}"
        if got.calls[case.call - 1] != wanted.calls[case.call - 1]:
            return f"{case}: the runs are not alike: {got.calls[case.call - 1]}"
        differences = difference(PATHS[case.path].measure, wanted.outcome, got.outcome)
        return f"{case} at {wanted.calls[case.call - 1]}:\n{differences}" if differences else None

    def _undisturbed(self, path: str) -> Run:
        run = self._run(PATHS[path], nothing_fails)
        require_right(PATHS[path], run.outcome)
        return run

    def _run(self, path: Path, strike: Strike) -> Run:
        with an_account(self._machinery, quotas=path.quotas, is_good=path.is_good) as account:
            pipeline = Pipeline(account)
            user = User(pipeline)
            account.wire.strike = strike
            path.go(user)
            pipeline.run_until(pipeline.is_quiet)
            assert strike is not nothing_fails or not pipeline.failures
            return Run(outcome_of(pipeline, user.jobs), tuple(account.wire.calls))


def difference(measure: Measure, wanted: Outcome, got: Outcome) -> str:
    """Say what a fault has changed about the outcome that it may not change; empty when nothing."""
    match measure:
        case Measure.SAME:
            return wanted.differences(got)
        case Measure.SAME_BUT_ORDER:
            return _without_order(wanted).differences(_without_order(got))
        case Measure.AT_REST:
            return _unrest(wanted, got)


def _without_order(outcome: Outcome) -> Outcome:
    histories = [[said for said in history if "parked" not in said] for history in outcome.histories]
    return replace(outcome, histories=histories, parameters={})


def _unrest(wanted: Outcome, got: Outcome) -> str:
    ends = [job["status"] for job in got.jobs]
    statuses = [job["status"] for job in wanted.jobs]
    # A labelling job that stops already may be told so again; boto3 does when the answer is lost.
    twice = [what for what, times in got.made.items() if times > 1 and "StopLabelingJob" not in what]
    again = [said for history in got.histories for said, times in Counter(history).items() if times > 1]
    left = {
        "ends": [] if ends == statuses else ends,
        "made twice": twice,
        "said twice": again,
        "waiting": got.waiting,
        "messages": got.messages,
        "dead": got.dead,
        "at work": got.at_work,
    }
    return "\n".join(f"{name}: {found}" for name, found in left.items() if found)


def require_right(path: Path, outcome: Outcome) -> None:
    """Require of a run without faults what must be true of the path.

    Raises:
        AssertionError: it is not.
    """
    assert tuple(job["status"] for job in outcome.jobs) == path.ends
    made: Counter[str] = Counter()
    for what, times in outcome.made.items():
        made[what.split()[0]] += times
    assert made == path.made, made
    assert all(times == 1 or what.startswith("St") for what, times in outcome.made.items())
    assert outcome.messages == []
    assert outcome.dead == []
    assert len(outcome.waiting) == len(outcome.at_work) == path.ends.count("RUNNING")
    for history in outcome.histories:
        assert len(history) == len({*history})


def sample(sweep: Sweep, path: str, size: int, seed: int) -> list[Case]:
    """Choose some of a path's cases: both deaths at each of its own calls that cost, others by a seed."""
    calls, first = sweep.undisturbed(path).calls, sweep.first_own_call(path)
    cases = sweep.cases(path)
    own = [case for case in cases if case.call >= first and case.fault in DEATHS]
    dear = [case for case in own if calls[case.call - 1].operation in PAID_FOR]
    others = [case for case in cases if case not in dear]
    chosen = random.Random(f"{seed}/{path}").sample(others, min(size, len(others)))  # noqa: S311 - no secret
    return sorted([*dear, *chosen], key=cases.index)
