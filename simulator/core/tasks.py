"""Work that happens by itself: stages that take time, and effects nobody asks for.

A task has work, done in a worker thread from `starts` on, and an end, applied under the lock once the clock
has reached `due` and the work is done. Whoever looks at the state calls `step` first, so that nobody
sees a stage that is already over; a background thread calls it too, so that effects happen with no one
looking.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from simulator.core.clock import Clock

log = logging.getLogger(__name__)
Work = Callable[[], Any]


@dataclass(eq=False)
class Task:
    """One stage of one resource; plain data, so that it survives a restart."""

    kind: str
    account: str
    region: str
    subject: str
    starts: datetime
    due: datetime
    data: dict[str, Any] = field(default_factory=dict)


class Chore(Protocol):
    """What tasks of one kind do."""

    def begin(self, task: Task) -> Work | None:
        """Return the work to do outside the lock, or None when only time must pass."""
        ...

    def end(self, task: Task, result: Any, at: datetime) -> None:
        """Apply the result; called under the lock."""
        ...

    def crash(self, task: Task, error: BaseException, at: datetime) -> None:
        """Record that the work raised an error nobody foresaw; called under the lock."""
        ...


class TaskRunner:
    """Keeps the tasks, runs their work and applies their ends in the order they are due."""

    def __init__(self, clock: Clock, pools: dict[str, Executor]) -> None:
        self.lock = threading.RLock()
        self.pending: list[Task] = []
        self.changes = 0
        self._clock = clock
        self._pools = pools
        self._chores: dict[str, tuple[Chore, str]] = {}
        self._running: dict[Task, Future[Any]] = {}
        self._finished_at: dict[Task, datetime] = {}
        self._woken = threading.Condition(self.lock)
        self._thread: threading.Thread | None = None
        self._closed = False
        clock.subscribe(self.wake)

    def register(self, kind: str, chore: Chore, pool: str = "io") -> None:
        """Say what tasks of `kind` do and which pool of threads does it."""
        self._chores[kind] = (chore, pool)

    def add(self, task: Task) -> None:
        """Take on a task."""
        if task.kind not in self._chores:
            raise KeyError(f"no chore is registered for tasks of kind {task.kind!r}")
        with self._woken:
            self.pending.append(task)
            self.changes += 1
            self._woken.notify_all()

    def cancel(self, subject: str, kind: str | None = None) -> None:
        """Forget the tasks of a resource; work under way runs out and its result is dropped."""
        with self.lock:
            gone = [t for t in self.pending if t.subject == subject and kind in (None, t.kind)]
            for task in gone:
                self._forget(task)

    def wake(self) -> None:
        """Have the background thread look at the clock again."""
        with self._woken:
            self._woken.notify_all()

    def step(self) -> None:
        """Start every piece of work that may start and apply every end that is due."""
        with self.lock:
            while True:
                now = self._clock.now()
                for task in list(self.pending):
                    if task not in self._running and task.starts <= now:
                        self._launch(task)
                ready = [t for t in self.pending if t.due <= now and self.is_done(t)]
                if not ready:
                    return
                self._finish(min(ready, key=lambda t: t.due))

    def start(self) -> None:
        """Start the background thread."""
        self._thread = threading.Thread(target=self._run, name="simulator-tasks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the background thread; work under way is finished first, its result is not applied."""
        with self._woken:
            self._closed = True
            self._woken.notify_all()
        if self._thread is not None:
            self._thread.join()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def _run(self) -> None:
        with self._woken:
            while not self._closed:
                self.step()
                self._woken.wait(self._seconds_to_next())

    def _seconds_to_next(self) -> float | None:
        now = self._clock.now()
        moments = [t.starts for t in self.pending if t not in self._running]
        moments += [t.due for t in self.pending if self.is_done(t)]
        if not moments:
            return None
        return max(0.001, (min(moments) - now).total_seconds())

    def _launch(self, task: Task) -> None:
        chore, pool = self._chores[task.kind]
        work = chore.begin(task)
        if work is None:
            future: Future[Any] = Future()
            future.set_result(None)
            self._running[task] = future
            return
        future = self._pools[pool].submit(work)
        self._running[task] = future
        future.add_done_callback(lambda _: self._note_done(task))

    def _note_done(self, task: Task) -> None:
        with self._woken:
            if task in self._running:
                self._finished_at[task] = self._clock.now()
            self._woken.notify_all()

    def is_done(self, task: Task) -> bool:
        """Say whether the work of a task is done, whether or not it is due."""
        future = self._running.get(task)
        return future is not None and future.done()

    def _finish(self, task: Task) -> None:
        chore, _ = self._chores[task.kind]
        future = self._running[task]
        at = max(task.due, self._finished_at.get(task, task.due))
        self._forget(task)
        error = future.exception()
        if error is None:
            chore.end(task, future.result(), at)
            return
        log.error("%s of %s failed", task.kind, task.subject, exc_info=error)
        chore.crash(task, error, at)

    def _forget(self, task: Task) -> None:
        self.pending.remove(task)
        self._running.pop(task, None)
        self._finished_at.pop(task, None)
        self.changes += 1
