"""What the reconciler promises, with errands whose steps do what each test says."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from contracts.stages import Stage
from runtime.errors import Busy, Permanent, Retryable
from runtime.reconcile import SLOT, Moved
from runtime.rows import RowTable, StaleRow
from tests.integration.runtime.errands import (
    BETWEEN_LOOKS,
    ERRANDS,
    LEASE,
    Errand,
    Errands,
    an_errand,
    job_ids,
    raising,
)
from tests.support.builders import JOB, OTHER_JOB

STARTED = "ekyc.model.training-started.v1"
FAILED = "ekyc.stage.failed.v1"
PARKED = "ekyc.stage.parked.v1"


def done(row: Errand) -> Moved[Errand]:
    return Moved(row.changed(state="done", waiting=None))


def started(errands: Errands) -> Any:
    return lambda row: Moved(errands.telling(row, state="started"), wait=True)


# ---- effect, record, publish, clear


def test_the_effect_comes_before_the_record_and_the_record_before_the_event(
    errands: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal: list[str] = []

    class Journal(RowTable[Errand]):
        def save(self, row: Errand) -> Errand:
            journal.append(f"record with {len(row.outbox)} to tell")
            return super().save(row)

    def effect(row: Errand) -> Moved[Errand]:
        journal.append("effect")
        return Moved(errands.telling(row, state="started"), wait=True)

    errands.then(effect)
    errands.sns.on_publish = lambda: journal.append("publish")
    table = Journal(boto3.client("dynamodb"), "ekyc-trainer", Errand)
    errands.process(table).begin(an_errand())
    assert journal == ["effect", "record with 1 to tell", "publish", "record with 0 to tell"]


def test_a_row_goes_on_until_it_has_to_wait(errands: Errands) -> None:
    errands.then(
        lambda row: Moved(errands.telling(row, state="first")),
        lambda row: Moved(row.changed(state="second")),
        lambda row: Moved(errands.telling(row, state="third"), wait=True),
        done,
    )
    errands.reconciler.begin(an_errand())
    assert errands.row().state == "third"
    assert errands.sns.published == [STARTED, STARTED]
    assert errands.due_in() == BETWEEN_LOOKS.total_seconds()


def test_an_event_that_was_not_published_stays_in_the_row_until_a_tick(errands: Errands) -> None:
    errands.then(lambda row: Moved(errands.telling(row, waiting=None, state="done")))
    errands.sns.refusals = 1
    with pytest.raises(Retryable, match="publish an event"):
        errands.reconciler.begin(an_errand())
    assert len(errands.row().outbox) == 1
    errands.tick(LEASE.total_seconds())
    assert errands.sns.published == [STARTED]
    assert errands.row().outbox == ()
    assert errands.looked == [JOB]  # what was done is not done again


def test_what_cannot_be_told_does_not_hold_up_what_has_to_be_done(errands: Errands) -> None:
    errands.then(started(errands))
    errands.sns.refusals = 100
    with pytest.raises(Retryable):
        errands.reconciler.begin(an_errand())
    errands.then(lambda row: Moved(errands.telling(row, waiting=None, state="stopped")))
    with pytest.raises(Retryable):
        errands.reconciler.change(JOB, lambda row: row.changed(state="unwanted"))
    assert errands.row().state == "stopped"
    assert errands.sns.published == []
    errands.sns.refusals = 0
    errands.tick(LEASE.total_seconds())
    assert errands.sns.published == [STARTED, STARTED]
    assert errands.row().outbox == ()


def test_a_row_that_cannot_tell_grows_only_by_what_was_done(errands: Errands) -> None:
    errands.then(started(errands))
    errands.sns.refusals = 100
    with pytest.raises(Retryable):
        errands.reconciler.begin(an_errand())
    for _ in range(5):
        errands.tick(BETWEEN_LOOKS.total_seconds())
    assert len(errands.row().outbox) == 1


def test_an_event_is_told_again_when_only_its_clearing_failed(errands: Errands) -> None:
    class Crash(Exception):
        pass

    class DyingTable(RowTable[Errand]):
        def save(self, row: Errand) -> Errand:
            if row.state == "started" and not row.outbox:
                raise Crash
            return super().save(row)

    errands.then(started(errands))
    process = errands.process(DyingTable(boto3.client("dynamodb"), "ekyc-trainer", Errand))
    with pytest.raises(Crash):
        process.begin(an_errand())
    errands.tick(BETWEEN_LOOKS.total_seconds())
    assert errands.sns.published == [STARTED, STARTED]
    assert errands.row().outbox == ()


def test_a_crash_after_the_effect_repeats_the_step_at_a_tick(errands: Errands) -> None:
    errands.then(raising(SystemExit()), started(errands))
    with pytest.raises(SystemExit):
        errands.reconciler.begin(an_errand())
    errands.tick(LEASE.total_seconds() - 1)
    assert errands.row().state == "new"  # the claim of the one who died holds
    errands.tick(1)
    assert errands.row().state == "started"


# ---- begin, change, nudge


def test_a_job_that_begins_twice_goes_on_where_it_stands(errands: Errands) -> None:
    errands.then(started(errands))
    errands.reconciler.begin(an_errand())
    errands.reconciler.begin(an_errand())
    assert errands.sns.published == [STARTED]
    assert errands.row().state == "started"


def test_an_earlier_attempt_is_not_taken_up(errands: Errands) -> None:
    errands.reconciler.begin(an_errand(attempt=2))
    errands.looked.clear()
    errands.reconciler.begin(an_errand(attempt=1))
    assert errands.looked == []


def test_a_change_of_an_unknown_job_is_tried_again(errands: Errands) -> None:
    with pytest.raises(Retryable, match="not known here yet"):
        errands.reconciler.change(JOB, lambda row: row)


def test_a_change_that_wants_nothing_does_nothing(errands: Errands) -> None:
    before = errands.table.begin(an_errand())
    errands.reconciler.change(JOB, lambda _: None)
    assert (errands.row(), errands.looked) == (before, [])


def test_a_change_that_is_overtaken_is_made_on_the_row_as_it_is_then(errands: Errands) -> None:
    errands.table.begin(an_errand(state="a"))
    overtaken: list[str] = []

    def change(row: Errand) -> Errand:
        if not overtaken:
            overtaken.append(row.state)
            errands.table.save(row.changed(state="b"))
        return row.changed(state=row.state + "!")

    errands.reconciler.change(JOB, change)
    assert errands.row().state == "b!"


def test_a_change_that_is_overtaken_for_ever_is_tried_again_later(errands: Errands) -> None:
    errands.table.begin(an_errand())

    def change(row: Errand) -> Errand:
        errands.table.save(row)
        return row

    with pytest.raises(StaleRow, match="kept changing"):
        errands.reconciler.change(JOB, change)


def test_a_foreign_change_during_a_step_wins_and_nobody_is_disturbed(errands: Errands) -> None:
    def step(row: Errand) -> Moved[Errand]:
        errands.table.save(errands.row().changed(state="wanted otherwise"))
        return Moved(row.changed(state="as if nothing had been"), wait=True)

    errands.then(step)
    errands.reconciler.begin(an_errand())
    assert errands.row().state == "wanted otherwise"
    assert errands.sns.published == []


def test_a_nudge_looks_at_once_and_does_not_mind_strangers(errands: Errands) -> None:
    errands.reconciler.begin(an_errand())
    errands.then(done)
    errands.reconciler.nudge(JOB)
    errands.reconciler.nudge(OTHER_JOB)
    assert errands.row().state == "done"


# ---- ticks


def test_a_row_is_looked_at_when_its_turn_has_come_and_not_before(errands: Errands) -> None:
    errands.then(started(errands))
    errands.reconciler.begin(an_errand())
    errands.looked.clear()
    errands.tick(BETWEEN_LOOKS.total_seconds() - 1)
    assert errands.looked == []
    errands.tick(1)
    assert errands.looked == [JOB]
    errands.tick(1)
    assert errands.looked == [JOB]  # it was left alone again


def test_one_sick_row_does_not_starve_the_others(errands: Errands) -> None:
    ids = job_ids(3)
    for job_id in ids:
        errands.table.begin(an_errand(job_id, due=errands.clock()))
    errands.then(raising(ZeroDivisionError()), job_id=ids[0])
    errands.tick()
    assert sorted(errands.looked) == sorted(ids)


def test_a_sick_row_is_put_off_for_longer_than_a_healthy_one(errands: Errands) -> None:
    errands.table.begin(an_errand(due=errands.clock()))
    errands.then(raising(ZeroDivisionError()))
    errands.tick()
    assert errands.due_in() == 300


def test_a_row_whose_event_cannot_be_published_just_now_is_not_put_off_for_long(errands: Errands) -> None:
    errands.then(started(errands))
    errands.sns.refusals = 2
    with pytest.raises(Retryable):
        errands.reconciler.begin(an_errand())
    errands.tick(BETWEEN_LOOKS.total_seconds())
    assert errands.due_in() == BETWEEN_LOOKS.total_seconds()


def test_a_row_that_cannot_even_be_read_starves_nobody(
    errands: Errands, capsys: pytest.CaptureFixture[str]
) -> None:
    errands.table.begin(an_errand(due=errands.clock()))
    boto3.client("dynamodb").put_item(
        TableName="ekyc-trainer",
        Item={
            "job_id": {"S": OTHER_JOB},
            "waiting": {"S": ERRANDS},
            "due": {"S": "0"},
            "body": {"S": '{"of": "another version"}'},
        },
    )
    errands.tick()
    assert errands.looked == [JOB]
    assert '"LookFailed":[1.0]' in capsys.readouterr().out


def test_a_tick_that_runs_out_of_time_leaves_the_rest_to_the_next(errands: Errands) -> None:
    ids = job_ids(3)
    for number, job_id in enumerate(ids):
        errands.table.begin(an_errand(job_id, due=errands.clock()))
        errands.clock.advance(seconds=number)
    left = iter([60.0, 4.9])
    errands.tick(seconds_left=lambda: next(left))
    assert len(errands.looked) == 1
    errands.tick()
    assert sorted(errands.looked) == sorted(ids)


def test_a_finished_tick_is_counted(errands: Errands, capsys: pytest.CaptureFixture[str]) -> None:
    errands.tick()
    assert '"TickCompleted":[1.0]' in capsys.readouterr().out


def test_a_tick_looks_at_nothing_that_another_process_has_claimed_meanwhile(errands: Errands) -> None:
    """Both ticks read the index before either has claimed anything; a step may take minutes."""
    ids = job_ids(2)
    for job_id in ids:
        errands.table.begin(an_errand(job_id, due=errands.clock()))
    others_tick = errands.process()

    def long_step(row: Errand) -> Moved[Errand]:
        others_tick.tick((ERRANDS,), seconds_left=lambda: 60)
        return Moved(row.changed(state="started"), wait=True)

    first, second = sorted(ids)
    for job_id in ids:
        errands.then(long_step, job_id=job_id)
    errands.tick()
    assert sorted(errands.looked) == [first, second]


def test_a_tick_leaves_a_long_step_alone_as_long_as_it_keeps_its_claim(errands: Errands) -> None:
    def long_step(row: Errand) -> Moved[Errand]:
        for _ in range(5):
            errands.clock.advance(seconds=LEASE.total_seconds() / 2)
            errands.reconciler.keep(row)
            errands.process().tick((ERRANDS, SLOT), seconds_left=lambda: 60)
        return done(row)

    errands.then(long_step)
    errands.reconciler.begin(an_errand())
    assert errands.looked == [JOB]
    assert errands.row().state == "done"


def test_a_step_that_takes_a_moment_writes_nothing_to_keep_its_claim(errands: Errands) -> None:
    claims: list[float] = []

    def quick_step(row: Errand) -> Moved[Errand]:
        claims.append(errands.due_in())
        errands.clock.advance(seconds=LEASE.total_seconds() / 8)
        errands.reconciler.keep(row)
        claims.append(errands.due_in())
        return done(row)

    errands.then(quick_step)
    errands.reconciler.begin(an_errand())
    before, after = claims
    assert after == before - LEASE.total_seconds() / 8


def test_a_long_step_that_is_wanted_no_more_learns_of_it(errands: Errands) -> None:
    learnt: list[str] = []

    def long_step(row: Errand) -> Moved[Errand]:
        errands.table.save(errands.row().changed(waiting=None, state="cancelled"))
        errands.clock.advance(seconds=LEASE.total_seconds() / 2)
        try:
            errands.reconciler.keep(row)
        except StaleRow:
            learnt.append(row.job_id)
            raise
        return done(row)

    errands.then(long_step)
    errands.reconciler.begin(an_errand())
    assert learnt == [JOB]
    assert errands.row().state == "cancelled"


def test_a_row_that_the_index_still_names_is_read_again_first(errands: Errands) -> None:
    """The index lags behind the table."""

    class LaggingTable(RowTable[Errand]):
        def waiting(self, partition: str, **_: Any) -> Iterator[str]:
            return iter([JOB, OTHER_JOB] if partition == ERRANDS else [])

    row = errands.table.begin(an_errand(waiting=None))
    process = errands.process(LaggingTable(boto3.client("dynamodb"), "ekyc-trainer", Errand))
    process.tick((ERRANDS, SLOT), seconds_left=lambda: 60)
    assert (errands.looked, errands.row()) == ([], row)


# ---- trouble


def test_trouble_that_passes_is_tried_again_later_and_later(errands: Errands) -> None:
    errands.then(*[raising(Retryable("not now"))] * 10)
    errands.reconciler.begin(an_errand())
    pauses = [errands.due_in()]
    for _ in range(9):
        errands.tick(pauses[-1])
        pauses.append(errands.due_in())
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert errands.row().tries == 10
    assert errands.sns.published == []


@pytest.mark.parametrize("nothing_new", [True, False])
def test_after_a_success_trouble_is_tried_again_soon(errands: Errands, nothing_new: bool) -> None:
    errands.then(*[raising(Retryable("not now"))] * 3)
    errands.then((lambda _: None) if nothing_new else started(errands), raising(Retryable("not now")))
    errands.reconciler.begin(an_errand())
    for _ in range(3):
        errands.tick(errands.due_in())
    assert (errands.row().tries, errands.due_in()) == (0, BETWEEN_LOOKS.total_seconds())
    errands.tick(errands.due_in())
    assert (errands.row().tries, errands.due_in()) == (1, 2)


def test_trouble_that_will_not_pass_fails_the_stage_and_says_why(
    errands: Errands, capsys: pytest.CaptureFixture[str]
) -> None:
    errands.then(raising(Permanent("spoilt", "r" * 3000, "Do better.", ["line"] * 150)))
    errands.reconciler.begin(an_errand())
    assert errands.sns.published == [FAILED]
    row = errands.row()
    assert (row.failed, row.waiting, row.outbox) == (True, None, ())
    errands.tick(3600)
    assert errands.looked == [JOB]
    assert '"StageFailed":[1.0]' in capsys.readouterr().out


def test_a_stage_that_misses_its_deadline_has_failed(errands: Errands) -> None:
    errands.reconciler.begin(an_errand(deadline=errands.clock()))
    errands.tick(3600)
    assert errands.looked == [JOB, JOB]
    assert errands.sns.published == [FAILED]


def test_what_came_to_its_end_in_time_is_not_lost_because_nobody_looked(errands: Errands) -> None:
    errands.reconciler.begin(an_errand(deadline=errands.clock()))
    errands.then(done)
    errands.tick(3600)
    assert (errands.row().state, errands.row().failed) == ("done", False)


def test_trouble_that_never_passes_ends_at_the_deadline(errands: Errands) -> None:
    errands.reconciler.begin(an_errand(deadline=errands.clock()))
    errands.then(raising(Retryable("no answer")))
    errands.tick(3600)
    assert errands.row().failed


def test_a_fault_of_ours_does_not_outlive_the_deadline(errands: Errands) -> None:
    errands.reconciler.begin(an_errand(deadline=errands.clock()))
    errands.then(raising(ZeroDivisionError()))
    errands.tick(3600)
    assert errands.row().failed
    assert errands.sns.published == [FAILED]


def test_a_stage_is_not_over_at_its_deadline_but_past_it(errands: Errands) -> None:
    errands.reconciler.begin(an_errand(deadline=errands.clock()))
    assert errands.looked == [JOB]


def test_time_in_line_does_not_count_against_the_deadline(errands: Errands) -> None:
    errands.then(raising(Busy("a slot")), done)
    errands.reconciler.begin(an_errand(deadline=errands.clock()))
    errands.tick(3600)
    assert errands.row().state == "done"


# ---- waiting in line


def test_a_used_up_quota_parks_the_row_and_says_so_once(errands: Errands) -> None:
    errands.then(*[raising(Busy("a slot"))] * 3, done)
    errands.reconciler.begin(an_errand())
    errands.tick(1)
    errands.tick(1)
    assert errands.row().waiting == SLOT
    assert errands.sns.published == [PARKED]
    errands.tick(1)
    assert errands.row().state == "done"


def test_those_in_line_go_in_the_order_in_which_they_came(errands: Errands) -> None:
    ids = job_ids(3)
    for job_id in ids:
        errands.then(raising(Busy("a slot")), job_id=job_id)
        errands.reconciler.begin(an_errand(job_id), in_line_for="a slot")
        errands.clock.advance(seconds=1)
    assert errands.looked == ids[:1]  # who came later stands in line without asking
    errands.looked.clear()
    errands.then(done, job_id=ids[0])
    errands.tick()
    assert errands.looked == ids[:2]  # the second is refused, so the third is not even tried
    for job_id in ids[1:]:
        errands.steps[job_id] = [done]
    errands.looked.clear()
    errands.tick()
    assert errands.looked == ids[1:]


def test_who_asks_in_vain_for_other_reasons_keeps_its_place_in_line(errands: Errands) -> None:
    first, second = job_ids(2)
    errands.then(raising(Busy("a slot")), raising(Retryable("not now")), job_id=first)
    errands.reconciler.begin(an_errand(first), in_line_for="a slot")
    errands.clock.advance(seconds=1)
    errands.reconciler.begin(an_errand(second), in_line_for="a slot")
    errands.tick(1)
    assert list(errands.table.waiting(SLOT)) == [first, second]
    assert errands.looked == [first, first]


def test_who_fails_in_line_holds_up_nobody(errands: Errands) -> None:
    first, second = job_ids(2)
    errands.then(raising(Busy("a slot")), raising(Permanent("spoilt", "r", "a")), job_id=first)
    errands.then(done, job_id=second)
    errands.reconciler.begin(an_errand(first), in_line_for="a slot")
    errands.reconciler.begin(an_errand(second), in_line_for="a slot")
    errands.tick(1)
    assert (errands.row(first).failed, errands.row(second).state) == (True, "done")


@pytest.mark.parametrize("how", ["nudge", "begin"])
def test_who_stands_in_line_is_moved_by_ticks_alone(errands: Errands, how: str) -> None:
    errands.then(raising(Busy("a slot")))
    errands.reconciler.begin(an_errand())
    errands.looked.clear()
    if how == "nudge":
        errands.reconciler.nudge(JOB)
    else:
        errands.reconciler.begin(an_errand())
    assert errands.looked == []


def test_a_step_may_send_its_row_into_line_behind_the_others(errands: Errands) -> None:
    errands.then(raising(Busy("a slot")), job_id=OTHER_JOB)
    errands.reconciler.begin(an_errand(OTHER_JOB))
    errands.then(lambda row: Moved(row.changed(state="ready"), in_line_for="a slot"))
    errands.reconciler.begin(an_errand())
    assert (errands.row().state, errands.row().waiting) == ("ready", SLOT)
    assert errands.sns.published == [PARKED, PARKED]


def test_with_nobody_in_line_a_step_goes_straight_on(errands: Errands) -> None:
    errands.then(lambda row: Moved(row.changed(state="ready"), in_line_for="a slot"), done)
    errands.reconciler.begin(an_errand())
    assert errands.row().state == "done"


def test_a_parked_row_says_its_stage_and_what_it_waits_for(errands: Errands) -> None:
    errands.sns.refusals = 1
    errands.then(raising(Busy("a free slot")))
    with pytest.raises(Retryable):
        errands.reconciler.begin(an_errand())
    [outgoing] = errands.row().outbox
    assert f'"stage":"{Stage.TRAINING}"' in outgoing.body
    assert '"waitingFor":"a free slot"' in outgoing.body


# ---- cancelling


def ended(row: Errand) -> Errand:
    return row.changed(state="ending", waiting=ERRANDS)


def test_a_cancelled_job_is_wound_down_at_once_and_by_ticks(errands: Errands) -> None:
    errands.then(started(errands))
    errands.reconciler.begin(an_errand())
    errands.then(lambda row: Moved(row, wait=True), done)
    errands.reconciler.cancel(JOB, ended)
    assert errands.row().state == "ending"
    errands.tick(seconds=60)
    assert (errands.row().state, errands.row().waiting) == ("done", None)


def test_a_cancellation_that_comes_first_is_remembered_for_every_attempt(errands: Errands) -> None:
    errands.reconciler.cancel(JOB, ended)
    errands.reconciler.cancel(JOB, ended)
    for attempt in (1, 2):
        errands.process().begin(an_errand(attempt=attempt))
    errands.reconciler.change(JOB, lambda row: row.changed(state="wanted"))
    errands.reconciler.nudge(JOB)
    errands.tick(seconds=60)
    assert (errands.looked, errands.table.find(JOB)) == ([], None)


def test_what_is_wanted_of_a_cancelled_job_is_not_done(errands: Errands) -> None:
    errands.then(started(errands))
    errands.reconciler.begin(an_errand())
    errands.reconciler.cancel(JOB, ended)
    errands.reconciler.change(JOB, lambda row: row.changed(state="wanted"))
    assert errands.row().state == "ending"


def test_what_was_to_be_told_before_the_cancellation_is_told(errands: Errands) -> None:
    errands.then(started(errands))
    errands.sns.refusals = 2
    with pytest.raises(Retryable):
        errands.reconciler.begin(an_errand())
    with pytest.raises(Retryable):
        errands.reconciler.cancel(JOB, ended)
    errands.tick(seconds=60)
    assert errands.sns.published == [STARTED]


def test_a_step_that_was_under_way_when_the_job_was_cancelled_writes_nothing(errands: Errands) -> None:
    def overtaken(row: Errand) -> Moved[Errand]:
        errands.process().cancel(JOB, lambda row: row.changed(state="ended", waiting=None))
        return Moved(errands.telling(row, state="started"), wait=True)

    errands.then(overtaken)
    errands.reconciler.begin(an_errand())
    assert errands.row().state == "ended"
    assert errands.sns.published == []


@pytest.mark.parametrize("trouble", [Permanent("no", "No.", "None."), Retryable("later"), Busy("a slot")])
def test_trouble_does_not_end_the_winding_down(errands: Errands, trouble: Exception) -> None:
    errands.then(started(errands))
    errands.reconciler.begin(an_errand(deadline=errands.clock()))
    errands.then(*[raising(trouble)] * 3)
    errands.reconciler.cancel(JOB, ended)
    for _ in range(3):
        errands.tick(seconds=400)
    errands.then(done)
    errands.tick(seconds=400)
    assert errands.row().state == "done"
    assert FAILED not in errands.sns.published


def test_a_job_that_begins_while_it_is_cancelled_is_wound_down(errands: Errands) -> None:
    class BegunMeanwhile(RowTable[Errand]):
        def bury(self, job_id: str) -> bool:
            errands.table.begin(an_errand())
            return super().bury(job_id)

    table = BegunMeanwhile(boto3.client("dynamodb"), "ekyc-trainer", Errand)
    errands.process(table).cancel(JOB, lambda row: row.changed(state="ended", waiting=None))
    assert errands.row().state == "ended"


def test_a_row_that_changes_while_it_is_cancelled_is_cancelled_as_it_is_then(errands: Errands) -> None:
    errands.begun(an_errand())
    meanwhile = iter(["half", "three quarters"])

    def wind_down(row: Errand) -> Errand:
        for state in meanwhile:
            errands.table.save(errands.row().changed(state=state))
            break
        return row.changed(state=f"ended from {row.state}", waiting=None)

    errands.reconciler.cancel(JOB, wind_down)
    assert errands.row().state == "ended from three quarters"


def test_a_parked_job_that_is_cancelled_leaves_the_line(errands: Errands) -> None:
    errands.then(raising(Busy("a slot")))
    errands.reconciler.begin(an_errand())
    errands.reconciler.cancel(JOB, lambda row: row.changed(waiting=None))
    assert list(errands.table.waiting(SLOT)) == []
    assert errands.row().parked_since is None


def test_no_attempt_takes_the_place_of_a_cancelled_row(errands: Errands) -> None:
    errands.begun(an_errand())
    errands.reconciler.cancel(JOB, lambda row: row.changed(state="ended", waiting=None))
    errands.reconciler.begin(an_errand(attempt=2))
    assert (errands.row().attempt, errands.row().state) == (1, "ended")


# ---- later attempts


def test_a_later_attempt_begins_anew_and_an_earlier_one_changes_nothing(errands: Errands) -> None:
    errands.then(raising(Permanent("no", "No.", "None.")), done)
    errands.reconciler.begin(an_errand())
    errands.reconciler.begin(an_errand(attempt=2))
    errands.reconciler.begin(an_errand())
    assert (errands.row().attempt, errands.row().state, errands.row().failed) == (2, "done", False)


def test_a_later_attempt_tells_what_the_earlier_one_had_still_to_tell(errands: Errands) -> None:
    errands.then(raising(Permanent("no", "No.", "None.")), done)
    errands.sns.refusals = 1
    with pytest.raises(Retryable):
        errands.reconciler.begin(an_errand())
    errands.reconciler.begin(an_errand(attempt=2))
    assert errands.sns.published == [FAILED]


def test_a_later_attempt_can_see_to_what_the_earlier_one_has_begun(errands: Errands) -> None:
    errands.then(started(errands), lambda row: Moved(row, wait=True))
    errands.reconciler.begin(an_errand())
    heir = an_errand(attempt=2)
    errands.reconciler.begin(
        heir, succeeding=lambda earlier: Moved(heir.changed(state=f"after {earlier.state}"))
    )
    assert (errands.row().attempt, errands.row().state) == (2, "after started")


def test_an_earlier_attempt_that_moves_meanwhile_is_succeeded_as_it_is_then(errands: Errands) -> None:
    errands.begun(an_errand())
    heir, meanwhile = an_errand(attempt=2, waiting=None), iter(["half", "three quarters"])

    def succeeding(earlier: Errand) -> Moved[Errand]:
        for state in meanwhile:
            errands.table.save(errands.row().changed(state=state))
            break
        return Moved(heir.changed(state=f"after {earlier.state}"))

    errands.reconciler.begin(heir, succeeding=succeeding)
    assert (errands.row().attempt, errands.row().state) == (2, "after three quarters")


def test_a_later_attempt_stands_in_line_behind_others(errands: Errands) -> None:
    errands.then(raising(Busy("a slot")), job_id=OTHER_JOB)
    errands.reconciler.begin(an_errand(OTHER_JOB))
    errands.begun(an_errand(waiting=None))
    errands.clock.advance(seconds=1)
    errands.reconciler.begin(an_errand(attempt=2), in_line_for="a slot")
    assert list(errands.table.waiting(SLOT)) == [OTHER_JOB, JOB]
