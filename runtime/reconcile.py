"""Bringing rows forward, level-triggered: what is true now decides, not which message came.

A service gives one function, ``advance``: it looks at a row, does at most one thing to the outside world, and
gives back the row as it is afterwards. Events call it to be quick, the tick calls it to be sure. The order is
always: effect, record (with the events to publish in the row's outbox), publish, clear the outbox. A crash
between any two of them leaves a row in the index, and a tick goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from contracts.events import StageFailed, StageFailedData, StageParked, StageParkedData
from contracts.facts import MAX_LISTED
from contracts.stages import Stage
from runtime.clock import Clock
from runtime.errors import Busy, Permanent, Retryable, Trouble
from runtime.observe import count, get_logger
from runtime.publish import Publisher
from runtime.rows import OUTBOX, Row, RowTable, StaleRow
from runtime.tracing import trace_id

R = TypeVar("R", bound=Row)

SLOT = "slot"
"""Index partition of rows that wait for an account quota, in the order in which they came."""

_FIRST_BACKOFF = timedelta(seconds=2)
_LONGEST_BACKOFF = timedelta(minutes=5)
_SECONDS_TO_LEAVE = 5.0
_CHANGE_ATTEMPTS = 5
_WORTH_PROLONGING = 0.75  # of a lease: a step that takes a moment needs no write to say that it is at work

LATE_CALLS = timedelta(minutes=15)
"""A Lambda function lives no longer than this (its highest timeout): what it had begun to do has happened."""


@dataclass(frozen=True)
class Moved(Generic[R]):
    """A row after a step.

    Attributes:
        row: the row as it is now.
        wait: there is nothing more to do until something outside has changed.
        in_line_for: the quota the next step may have to wait for; when others wait for it already, the row
            stands in line behind them.
    """

    row: R
    wait: bool = False
    in_line_for: str | None = None


def nothing_comes_late(row: Row, now: datetime) -> bool:
    """Tell whether all that another process had begun when the row was cancelled has happened by now."""
    return row.cancelled_at is not None and now > row.cancelled_at + LATE_CALLS


@dataclass(frozen=True)
class Pace(Generic[R]):
    """When a service looks again.

    Attributes:
        between_looks: how long the row, once it waits, is left alone between two looks.
        lease: how long the row's next step may take before another process may begin the same;
            ``Reconciler.keep`` prolongs it.
        deadline: when what the row waits for has to have happened; ``None`` when it may take for ever.
    """

    between_looks: Callable[[R], timedelta]
    lease: Callable[[R], timedelta]
    deadline: Callable[[R], datetime | None]


@dataclass(frozen=True)
class Identity(Generic[R]):
    """Who speaks when a stage fails or is parked; ``run`` tells the model's runs apart."""

    stage: Stage
    source: str
    run: Callable[[R], int | None] = lambda _: None


class Reconciler(Generic[R]):
    """Brings a service's rows forward."""

    def __init__(
        self,
        *,
        identity: Identity[R],
        table: RowTable[R],
        publisher: Publisher,
        clock: Clock,
        pace: Pace[R],
        advance: Callable[[R], Moved[R] | None],
    ) -> None:
        self._identity = identity
        self._table = table
        self._publisher = publisher
        self._clock = clock
        self._pace = pace
        self._advance = advance

    def begin(
        self,
        row: R,
        *,
        in_line_for: str | None = None,
        succeeding: Callable[[R], Moved[R]] | None = None,
    ) -> None:
        """Take up a job; a second call for the same attempt goes on where the first one stands.

        A later attempt takes the place of an earlier one, and tells what that had still to tell. A job that
        was cancelled is not taken up.

        Args:
            row: the job's first row of this attempt.
            in_line_for: the quota this stage may have to wait for; when others wait for it already, the job
                stands in line behind them.
            succeeding: gives the first row, and what it stands in line for, when an earlier attempt's row is
                there, for an attempt that has to see to what the earlier one has begun.

        Raises:
            Retryable: others kept changing the row.
        """
        for _ in range(_CHANGE_ATTEMPTS):
            begun = self._table.begin(self._in_line(row, in_line_for))
            standing = None if begun else self._table.find(row.job_id)
            if standing is not None and standing.attempt < row.attempt and standing.cancelled_at is None:
                first = succeeding(standing) if succeeding else Moved(row, in_line_for=in_line_for)
                heir = first.row.changed(outbox=(*standing.outbox, *first.row.outbox))
                try:
                    begun = self._table.succeed(standing, self._in_line(heir, first.in_line_for))
                except StaleRow:
                    continue
            elif standing is not None and standing.attempt == row.attempt:
                begun = standing
            if begun is not None:
                self._run_unless_stale(begun)
            return
        raise StaleRow(f"job {row.job_id} kept changing")

    def change(self, job_id: str, change: Callable[[R], R | None], *, in_line_for: str | None = None) -> None:
        """Change what is wanted of a job and act on it; ``change`` gives ``None`` for "leave it as it is".

        ``in_line_for`` is as for ``begin``. Of a cancelled job nothing more is wanted.

        Raises:
            Retryable: the row does not exist yet, or others kept changing it.
        """
        for _ in range(_CHANGE_ATTEMPTS):
            row = self._table.find(job_id)
            if row is None and not self._table.is_buried(job_id):
                raise Retryable(f"job {job_id} is not known here yet")
            wanted = None if row is None or row.cancelled_at is not None else change(row)
            if wanted is None:
                return
            try:
                changed = self._table.save(self._in_line(wanted, in_line_for))
            except StaleRow:
                continue
            self._run_unless_stale(changed)
            return
        raise StaleRow(f"job {job_id} kept changing")

    def cancel(self, job_id: str, wind_down: Callable[[R], R]) -> None:
        """Let a job go for good: wind down what it has here, or see that it never begins.

        Events are not in order: the cancellation may come before the job does, and is remembered then.
        What the row says before goes on to be told. From here on trouble of any kind is tried again for ever,
        because a stop must not be lost, and no deadline ends the row.

        Args:
            job_id: the job.
            wind_down: gives the row that brings to an end what the given one has begun outside; it waits for
                nothing when there is nothing.

        Raises:
            Retryable: others kept changing the row.
        """
        for _ in range(_CHANGE_ATTEMPTS):
            row = self._table.find(job_id)
            if row is None:
                if self._table.bury(job_id):
                    return
                continue
            if row.cancelled_at is None:
                now = self._clock()
                ending = wind_down(row).changed(cancelled_at=now, parked_since=None, tries=0, due=now)
                try:
                    row = self._table.save(ending)
                except StaleRow:
                    continue
            self._run_unless_stale(row)
            return
        raise StaleRow(f"job {job_id} kept changing")

    def nudge(self, job_id: str) -> None:
        """Look at a job now rather than at the next tick: somebody said that something has changed."""
        row = self._table.find(job_id)
        if row is not None:
            self._run_unless_stale(row)

    def keep(self, row: R) -> None:
        """Prolong the claim on a row whose step takes long; one that has only just begun is left as it is.

        Raises:
            StaleRow: the row was changed meanwhile; the step is no longer wanted.
        """
        now, lease = self._clock(), self._pace.lease(row)
        if row.due is None or row.due - now <= _WORTH_PROLONGING * lease:
            self._table.postpone(row, now + lease)

    def tick(self, partitions: tuple[str, ...], *, seconds_left: Callable[[], float]) -> None:
        """Look at every row whose turn it is, the longest overdue first; one bad row never stops the rest."""
        for partition in (*partitions, OUTBOX):
            until = None if partition == SLOT else self._clock()
            for job_id in self._table.waiting(partition, until=until):
                if seconds_left() < _SECONDS_TO_LEAVE:
                    get_logger().warning("the rest must wait for the next tick", partition=partition)
                    return
                after = self._look(job_id, partition)
                if partition == SLOT and after is not None and after.waiting == SLOT:
                    break  # the quota is still used up, and nobody overtakes
        count("TickCompleted")

    def run(self, row: R, *, wait: bool = False) -> R:
        """Bring a row forward until it has to wait; give it back as it then stands.

        With ``wait`` only what it has to tell is told. While that cannot be told, a look takes one step all
        the same: a model that costs money is stopped though nobody can hear of it yet.

        Trouble of the known kinds is recorded in the row, so that a message which led here is answered
        whatever happened. Anything else is a fault of ours and is raised.

        Raises:
            StaleRow: somebody else changed the row meanwhile and is at it.
            Trouble: what the row has to tell cannot be told; it keeps that until it can.
        """
        while True:
            told, untold = self._told(row)
            moved = None if wait or told.waiting is None else self._step(told)
            if moved is not None:
                row, wait = self._table.save(self._timed(moved)), moved.wait
            if untold is not None:
                raise untold
            if moved is None:
                return row if told is row else self._table.save(told)

    def _in_line(self, row: R, in_line_for: str | None) -> R:
        if in_line_for is not None and next(self._table.waiting(SLOT), None) is not None:
            return self._parked(row, in_line_for)
        return row.changed(due=self._clock() + self._pace.lease(row))

    def _run_unless_stale(self, row: R) -> None:
        try:
            # A parked row moves by ticks only: whoever came first must be tried first.
            self.run(row, wait=row.waiting == SLOT)
        except StaleRow:
            get_logger().info("another process is at this job")

    def _look(self, job_id: str, partition: str) -> R | None:
        get_logger().append_keys(job_id=job_id)
        row = None
        try:
            row = self._table.find(job_id)
            if row is None or not self._has_its_turn(row, partition):
                return None
            row = self._claimed(row)
            return self.run(row)
        except StaleRow:
            return None
        except Exception as error:  # noqa: BLE001 - one sick row must not starve the others; an alarm counts
            get_logger().exception("look failed")
            count("LookFailed")
            if row is not None and partition != SLOT and not isinstance(error, Retryable):
                self._put_off(row)
            return None
        finally:
            get_logger().remove_keys(["job_id", "attempt", "correlation_id"])

    def _has_its_turn(self, row: R, partition: str) -> bool:
        """Tell whether nobody else has seen to the row since the index was read."""
        is_due = partition == SLOT or row.due is None or row.due <= self._clock()
        return row.partition == partition and is_due

    def _claimed(self, row: R) -> R:
        get_logger().append_keys(attempt=row.attempt, correlation_id=trace_id(row.traceparent))
        if row.waiting == SLOT:
            return row
        return self._table.save(row.changed(due=self._clock() + self._pace.lease(row)))

    def _put_off(self, row: R) -> None:
        try:
            self._table.postpone(row, self._clock() + _LONGEST_BACKOFF)
        except Trouble:
            get_logger().info("the row could not be put off and keeps its turn")

    def _told(self, row: R) -> tuple[R, Trouble | None]:
        """Tell what a row has to tell; give it as it is then, and the trouble there was."""
        try:
            for outgoing in row.outbox:
                self._publisher.publish(outgoing)
        except Trouble as trouble:
            return row, trouble
        return row.changed(outbox=()) if row.outbox else row, None

    def _step(self, row: R) -> Moved[R] | None:
        try:
            moved = self._advanced_or_late(row)
        except StaleRow:
            raise
        except Retryable as trouble:
            get_logger().warning("will try again", reason=str(trouble))
            count("TriedInVain")
            return Moved(row.changed(tries=row.tries + 1), wait=True)
        except Busy as trouble:
            return None if row.waiting == SLOT else Moved(self._parked(row, trouble.waiting_for), wait=True)
        except Permanent as trouble:
            if row.cancelled_at is not None:
                get_logger().error("cannot be wound down", code=trouble.code, reason=trouble.reason)
                count("TriedInVain")
                return Moved(row.changed(tries=row.tries + 1), wait=True)
            get_logger().error("stage failed", code=trouble.code, reason=trouble.reason)
            count("StageFailed", stage=self._identity.stage)
            return Moved(self._failed(row, trouble))
        if moved is None:
            return Moved(row.changed(tries=0), wait=True) if row.tries else None
        if moved.in_line_for is None:
            return Moved(moved.row.changed(tries=0), moved.wait)
        in_line = self._in_line(moved.row.changed(tries=0), moved.in_line_for)
        return Moved(in_line, wait=moved.wait or in_line.waiting == SLOT)

    def _advanced_or_late(self, row: R) -> Moved[R] | None:
        """Take a step; a row past its deadline has failed only if there was none to take.

        What came to its end in time is not lost because nobody looked meanwhile.
        """
        try:
            moved = self._advance(row)
        except (StaleRow, Busy, Permanent):
            raise
        except Exception:  # trouble that passes, or a fault of ours: neither outlives the deadline
            self._require_in_time(row)
            raise
        if moved is None or moved.row == row:
            self._require_in_time(row)
        return moved

    def _timed(self, moved: Moved[R]) -> R:
        """Say when the row is next looked at, should this process not get to it."""
        row, now = moved.row, self._clock()
        if row.waiting == SLOT:
            return row.changed(due=row.parked_since)
        if row.tries:
            wait = min(_FIRST_BACKOFF * 2 ** min(row.tries - 1, 10), _LONGEST_BACKOFF)
        else:
            wait = self._pace.between_looks(row) if moved.wait else self._pace.lease(row)
        return row.changed(due=now + wait, parked_since=None)

    def _parked(self, row: R, waiting_for: str) -> R:
        now = self._clock()
        data = StageParkedData(
            stage=self._identity.stage, run=self._identity.run(row), waiting_for=waiting_for
        )
        parked = row.changed(waiting=SLOT, parked_since=now, due=now, tries=0)
        return parked.telling(StageParked, data, time=now, source=self._identity.source)

    def _failed(self, row: R, trouble: Permanent) -> R:
        data = StageFailedData(
            stage=self._identity.stage,
            run=self._identity.run(row),
            code=trouble.code,
            reason=trouble.reason[:2000],
            advice=trouble.advice,
            details=list(trouble.details[:MAX_LISTED]),
        )
        failed = row.changed(waiting=None, failed=True)
        return failed.telling(StageFailed, data, time=self._clock(), source=self._identity.source)

    def _require_in_time(self, row: R) -> None:
        deadline = None if row.cancelled_at is not None else self._pace.deadline(row)
        if deadline is not None and row.waiting != SLOT and self._clock() > deadline:
            raise Permanent(
                "deadline-passed",
                f"The {self._identity.stage} stage was not over by {deadline:%Y-%m-%d %H:%M} UTC.",
                "See in the AWS console what became of it; if it is still at work, retry the job later.",
            )
