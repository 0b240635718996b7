"""What every part of the simulator is given: time, tasks, AWS, settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.core.aws import Aws
from simulator.core.clock import Clock
from simulator.core.options import Options
from simulator.core.tasks import Task, TaskRunner
from simulator.core.wire import Caller


@dataclass(frozen=True)
class World:
    """The surroundings of a simulated service."""

    clock: Clock
    options: Options
    aws: Aws
    tasks: TaskRunner

    def schedule(
        self,
        kind: str,
        caller: Caller,
        subject: str,
        *,
        start: datetime,
        seconds: float,
        work_at_end: bool = False,
        **data: Any,
    ) -> None:
        """Have a stage of `seconds` (at speed 1) begin at `start`; its work starts at once, or at its end."""
        due = start + self.options.lasting(seconds)
        starts = due if work_at_end else start
        self.tasks.add(Task(kind, caller.account, caller.region, subject, starts, due, data))


def caller_of_task(task: Task) -> Caller:
    """Return the account and region a task belongs to."""
    return Caller(task.account, task.region)


Then = Callable[[Task, datetime], None]


class Wait:
    """A chore with no work: when the time has passed, `then` is called."""

    def __init__(self, then: Then) -> None:
        self._then = then

    def begin(self, task: Task) -> None:
        """Do nothing; only time passes."""

    def end(self, task: Task, result: Any, at: datetime) -> None:
        """Call `then`."""
        self._then(task, at)

    def crash(self, task: Task, error: BaseException, at: datetime) -> None:
        """Never happens: there is no work."""
        raise AssertionError("a chore without work cannot fail") from error
