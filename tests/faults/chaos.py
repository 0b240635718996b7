"""Several jobs at once in a bad week, as Hypothesis makes it up, and what holds at every moment of it.

Hypothesis chooses: which message arrives next, twice or days late, which tick comes when or not at all, what
AWS refuses and for how long, who dies, who is deployed anew, and what the users want meanwhile.
"""

import json
import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.faults.account import CALLER, Machinery, an_account, without_rates
from tests.faults.outcome import PAID_FOR
from tests.faults.pipeline import Pipeline
from tests.faults.queues import Message, Queue
from tests.faults.user import User
from tests.faults.wire import Call, Fault

_ENDS = {"RUNNING", "STOPPED", "REJECTED", "FAILED", "CANCELLED"}
_ONCE = PAID_FOR - {"StartProjectVersion", "StopProjectVersion", "StopLabelingJob"}
_UP = {"STARTING", "RUNNING"}
_QUOTAS = ("CreateLabelingJob", "CreateProjectVersion", "StartProjectVersion")
_WEATHER = [fault for fault in Fault if fault is not Fault.ANSWER_LOST]
"""But the one whose outcome depends on boto3's budget of repeats, which outlives a week."""

_COMMANDS = ["model/stop", "model/stop", "model/start", "cancel", "start"]
_NUMBER = st.integers(0, 1000)


@dataclass
class Storm:
    """Strikes a share of the next calls of everything but the API."""

    fault: Fault
    share: float
    calls: int
    dice: random.Random

    def strikes(self) -> bool:
        """Decide about the next call."""
        self.calls -= 1
        return self.calls >= 0 and self.dice.random() < self.share


class Chaos(RuleBasedStateMachine):
    """One bad week."""

    def __init__(self, machinery: Machinery) -> None:
        super().__init__()
        self._stack = ExitStack()
        account = self._stack.enter_context(
            an_account(machinery, quotas=without_rates(concurrent_trainings=1, running_models=2))
        )
        self.pipeline = Pipeline(account)
        self.user = User(self.pipeline)
        account.wire.strike = self._strike
        self._storm: Storm | None = None
        self._overlap_in = 0
        self._strikes = Counter[str]()
        self._positions: dict[str, tuple[int, str]] = {}
        self._stopped: set[str] = set()

    @initialize(skews=st.lists(st.integers(-90, 90), min_size=12, max_size=12), jobs=st.integers(1, 3))
    def clocks_differ_and_jobs_begin(self, skews: list[int], jobs: int) -> None:
        for _ in range(jobs):
            self.user.started()
        for function, seconds in zip(sorted(self.pipeline.functions), skews, strict=False):
            self.pipeline.skews[function] = timedelta(seconds=seconds)

    # ---- the users

    @precondition(lambda self: len(self.user.jobs) < 4)
    @rule(wants_much=st.booleans(), auto_stop=st.sampled_from([None, 3, 30]))
    def a_job_is_started(self, wants_much: bool, auto_stop: int | None) -> None:
        self.user.started(minF1=0.5 if wants_much else None, autoStopAfterMinutes=auto_stop)

    @precondition(lambda self: self.user.jobs)
    @rule(number=_NUMBER, what=st.sampled_from(_COMMANDS))
    def a_user_commands(self, number: int, what: str) -> None:
        job = self.user.jobs[number % len(self.user.jobs)]
        body = {"jobId": job} if what == "start" else None
        target = "/api/training/start" if what == "start" else f"/api/training/{job}/{what}"
        answer = self.user.ask("POST", target, body)
        assert answer.status in {202, 409}, answer
        if answer.status == 202:
            (self._stopped.add if what in {"model/stop", "cancel"} else self._stopped.discard)(job)

    # ---- messages

    @rule()
    def everything_arrives(self) -> None:
        self.pipeline.deliver_all()

    @precondition(lambda self: self._messages())
    @rule(number=_NUMBER)
    def a_message_overtakes_the_others(self, number: int) -> None:
        arn, queue, message = self._one(number)
        if message.visible_at <= self.pipeline.clock.now() and message.receives < queue.max_receives:
            self.pipeline.deliver(arn, [queue.take(message)])

    @precondition(lambda self: self._messages())
    @rule(number=_NUMBER)
    def a_message_is_doubled(self, number: int) -> None:
        _, queue, message = self._one(number)
        queue.send(message.body)

    @precondition(lambda self: self._messages())
    @rule(number=_NUMBER, hours=st.sampled_from([1, 10, 60]))
    def a_message_is_late(self, number: int, hours: int) -> None:
        _, _, message = self._one(number)
        message.visible_at = self.pipeline.clock.now() + timedelta(hours=hours)

    @precondition(lambda self: self._messages())
    @rule(number=_NUMBER)
    def a_message_is_of_another_schema(self, number: int) -> None:
        _, queue, message = self._one(number)
        body = json.loads(message.body)
        if "specversion" in body:
            body.pop("traceparent", None)
            body["lateraddition"] = {"unknown": True}
            body["data"]["laterAddition"] = [1, 2]
            queue.send(json.dumps(body))

    @rule()
    def the_next_notice_is_lost(self) -> None:
        self._fault("CreateLabelingJob", "event-lost")

    # ---- time

    @rule(number=_NUMBER)
    def a_tick_comes(self, number: int) -> None:
        functions = self.pipeline.tick_functions
        self.pipeline.tick(functions[number % len(functions)])

    @rule(calls=st.integers(1, 12))
    def the_next_tick_overlaps_itself(self, calls: int) -> None:
        self._overlap_in = calls

    @rule(minutes=st.sampled_from([1, 1, 2, 5, 60, 180]), ticks=st.booleans())
    def time_passes(self, minutes: int, ticks: bool) -> None:
        self.pipeline.move_to(self.pipeline.clock.now() + timedelta(minutes=minutes))
        if ticks:
            self.pipeline.tick_all_due()

    @rule(moments=st.integers(1, 12))
    def everything_goes_well_for_a_while(self, moments: int) -> None:
        for _ in range(moments):
            self.pipeline.deliver_all()
            moment = self.pipeline.next_moment()
            if moment is None:
                return
            self.pipeline.move_to(moment)
            self.pipeline.tick_all_due()

    # ---- trouble

    @rule(
        fault=st.sampled_from(_WEATHER),
        share=st.sampled_from([0.1, 0.5, 1.0]),
        calls=st.integers(1, 30),
        seed=_NUMBER,
    )
    def a_storm_comes(self, fault: Fault, share: float, calls: int, seed: int) -> None:
        self._storm = Storm(fault, share, calls, random.Random(seed))  # noqa: S311 - no secret

    @rule(operation=st.sampled_from(_QUOTAS), times=st.integers(1, 40))
    def a_quota_is_full(self, operation: str, times: int) -> None:
        self._fault(operation, "quota", times)

    @rule(number=_NUMBER)
    def a_function_is_deployed_anew(self, number: int) -> None:
        functions = sorted(self.pipeline.functions)
        self.pipeline.redeploy(functions[number % len(functions)])

    # ---- what holds

    @invariant()
    def no_job_moves_backwards(self) -> None:
        for job in self.user.jobs:
            position, status = self.pipeline.account.position(job)
            known = self._positions.get(job, (0, ""))
            assert position >= known[0], f"{job} was {known} and is {position, status}"
            self._positions[job] = position, status

    @invariant()
    def nothing_is_paid_twice(self) -> None:
        find = self.pipeline.account.simulator.gateway.calls.find
        made = Counter(_named(call) for name in _ONCE for call in find(status="200", operation=name))
        assert [what for what, times in made.items() if times > 1] == []

    @invariant()
    def no_message_dies_of_waiting(self) -> None:
        for arn, queue in self.pipeline.queues.items():
            reader = self.pipeline.mappings[arn].function
            assert not queue.dead or self._strikes[reader] >= queue.max_receives, queue.dead

    def teardown(self) -> None:
        """End the trouble, and see to it that everything ends."""
        try:
            self._storm, self._overlap_in = None, 0
            self._who_waits_says_so()
            self.pipeline.account.simulator.gateway.faults.clear()
            self._redrive()
            self.pipeline.run_until(self._has_ended)
            self._everything_has_ended()
        finally:
            self._stack.close()

    def _who_waits_says_so(self) -> None:
        self.pipeline.deliver_all()
        if any(queue.messages for queue in self.pipeline.queues.values()):
            return  # the news may be among them
        for table in self.pipeline.account.resources.tables:
            for row in self.pipeline.account.in_index(table):
                if row.get("waiting") == "slot":
                    shown = self.pipeline.observer.job(row["job_id"])
                    assert shown["waitingFor"] or shown["status"] in {"CANCELLED", "STOPPING"}, shown

    def _has_ended(self) -> bool:
        """Say whether all is quiet; a user stops models as soon as others need their place."""
        for job in self.user.jobs:
            _, status = self.pipeline.account.position(job)
            if status == "RUNNING" and len(self.user.jobs) > 2:
                self.user.stop_model(job)
                self._stopped.add(job)
        return self.pipeline.is_quiet()

    def _everything_has_ended(self) -> None:
        observer = self.pipeline.observer
        versions = self.pipeline.account.simulator.custom_labels.at(CALLER).versions.values()
        for job in self.user.jobs:
            shown = observer.job(job)
            assert shown["status"] in _ENDS, shown
            assert shown["status"] != "FAILED" or shown["failure"]["advice"], shown
            up = [version.status for version in versions if job in version.arn and version.status in _UP]
            assert bool(up) == (shown["status"] == "RUNNING"), (up, shown)
            if job in self._stopped:
                assert shown["status"] in {"STOPPED", "CANCELLED", "FAILED"}, shown
            said = Counter(_said(event) for event in observer.history(job))
            assert max(said.values()) == 1, said
        self.no_job_moves_backwards()
        self.nothing_is_paid_twice()

    def _redrive(self) -> None:
        """Do what the operator does about dead letters once the trouble is over."""
        for queue in self.pipeline.queues.values():
            for message in queue.dead:
                queue.send(message.body)
            queue.dead.clear()

    # ---- how

    def _strike(self, call: Call) -> Fault | None:
        if call.function == self.pipeline.api:
            return None
        if self._overlap_in and call.function in self.pipeline.tick_functions:
            self._overlap_in -= 1
            if not self._overlap_in:
                self.pipeline.tick(call.function)
        if self._storm is None or not self._storm.strikes():
            return None
        self._strikes[call.function] += 1
        return self._storm.fault

    def _messages(self) -> list[tuple[str, Queue, Message]]:
        return [(arn, q, message) for arn, q in self.pipeline.queues.items() for message in q.messages]

    def _one(self, number: int) -> tuple[str, Queue, Message]:
        messages = self._messages()
        return messages[number % len(messages)]

    def _fault(self, operation: str, fault: str, times: int = 1) -> None:
        rules = self.pipeline.account.simulator.gateway.faults
        rules.add({"operation": operation, "fault": fault, "times": times})


def _named(call: dict[str, Any]) -> str:
    members = ("LabelingJobName", "ProjectName", "ProjectArn", "DatasetType", "VersionName")
    return " ".join([call["operation"], *(str(call["request"].get(name)) for name in members)])


def _said(event: dict[str, Any]) -> str:
    data = event["data"]
    return f"{event['type']} {event['attempt']} {data.get('stage')} {data.get('run')}"
