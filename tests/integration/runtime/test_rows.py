"""The table of a service's rows, against moto's DynamoDB."""

from datetime import timedelta

import boto3
import pytest
from botocore.config import Config

from runtime.errors import Retryable
from runtime.publish import OutgoingEvent
from runtime.rows import OUTBOX, RowTable, StaleRow
from tests.integration.runtime.errands import ERRANDS, Errand, Errands, an_errand, job_ids
from tests.support.builders import JOB, OTHER_JOB


def test_a_row_is_read_as_it_was_written(errands: Errands) -> None:
    row = an_errand(due=errands.clock(), state="half", outbox=(OutgoingEvent(type="t", body="{}"),), tries=3)
    written = errands.begun(row)
    assert errands.table.find(JOB) == written == row.changed(revision=1)


def test_a_row_that_was_never_written_is_not_found(errands: Errands) -> None:
    assert errands.table.find(JOB) is None


def test_where_a_row_stands_none_begins(errands: Errands) -> None:
    first = errands.begun(an_errand(state="first"))
    for attempt in (1, 2):
        assert errands.table.begin(an_errand(state="second", attempt=attempt)) is None
    assert errands.row() == first


def test_a_later_attempt_takes_the_place_of_what_was_read_and_of_nothing_else(errands: Errands) -> None:
    first = errands.begun(an_errand())
    moved = errands.table.save(first)
    with pytest.raises(StaleRow):
        errands.table.succeed(first, an_errand(attempt=2))
    assert errands.table.succeed(moved, an_errand(attempt=2)).attempt == 2
    with pytest.raises(StaleRow):
        errands.table.succeed(moved, an_errand(attempt=3))
    assert errands.row().attempt == 2


def test_of_two_who_read_the_same_row_one_can_write(errands: Errands) -> None:
    row = errands.begun(an_errand())
    assert errands.table.save(row.changed(state="mine")).revision == 2
    with pytest.raises(StaleRow):
        errands.table.save(row.changed(state="yours"))
    assert errands.row().state == "mine"


def test_who_read_an_earlier_attempt_cannot_write_over_a_later_one(errands: Errands) -> None:
    earlier = errands.begun(an_errand(attempt=1))
    later = errands.table.succeed(earlier, an_errand(attempt=2))
    assert earlier.revision == later.revision
    with pytest.raises(StaleRow):
        errands.table.save(earlier.changed(state="late"))
    with pytest.raises(StaleRow):
        errands.table.postpone(earlier, errands.clock())
    assert errands.row().attempt == 2


def test_postponing_moves_the_turn_and_nothing_else(errands: Errands) -> None:
    row = errands.begun(an_errand(due=errands.clock()))
    later = errands.clock() + timedelta(minutes=5)
    errands.table.postpone(row, later)
    assert errands.row() == row.changed(due=later)
    assert list(errands.table.waiting(ERRANDS, until=errands.clock())) == []
    assert errands.table.save(row.changed(state="done")).revision == 2


def test_a_changed_row_cannot_be_postponed(errands: Errands) -> None:
    row = errands.begun(an_errand())
    errands.table.save(row)
    with pytest.raises(StaleRow):
        errands.table.postpone(row, errands.clock())


def test_a_row_that_waits_no_more_cannot_be_postponed_into_the_index(errands: Errands) -> None:
    row = errands.begun(an_errand(waiting=None))
    with pytest.raises(StaleRow):
        errands.table.postpone(row, errands.clock())
    assert list(errands.table.waiting(ERRANDS)) == []


def test_only_rows_that_wait_stand_in_the_index(errands: Errands) -> None:
    row = errands.begun(an_errand())
    assert list(errands.table.waiting(ERRANDS)) == [JOB]
    errands.table.save(row.changed(waiting=None))
    assert list(errands.table.waiting(ERRANDS)) == []


def test_a_row_that_waits_for_nothing_but_has_something_to_say_stands_in_the_outbox(errands: Errands) -> None:
    errands.begun(an_errand(waiting=None, outbox=(OutgoingEvent(type="t", body="{}"),)))
    assert list(errands.table.waiting(OUTBOX)) == [JOB]


def test_the_longest_due_comes_first_and_what_is_due_later_not_at_all(errands: Errands) -> None:
    ids = job_ids(4)
    for minutes, job_id in zip((3, 1, 2, 9), ids, strict=True):
        errands.begun(an_errand(job_id, due=errands.clock() + timedelta(minutes=minutes)))
    errands.clock.advance(minutes=3)
    assert list(errands.table.waiting(ERRANDS, until=errands.clock())) == [ids[1], ids[2], ids[0]]
    assert list(errands.table.waiting(ERRANDS)) == [ids[1], ids[2], ids[0], ids[3]]


def test_a_row_without_a_due_moment_comes_before_all_others(errands: Errands) -> None:
    errands.begun(an_errand(due=errands.clock()))
    errands.begun(an_errand(OTHER_JOB, due=None))
    assert list(errands.table.waiting(ERRANDS, until=errands.clock())) == [OTHER_JOB, JOB]


def test_an_index_of_several_pages_is_read_to_its_end(errands: Errands) -> None:
    # A page ends at 1 MB of what the index holds; moto counts whole rows: eight of 300 KB are three pages.
    ids = job_ids(8)
    for number, job_id in enumerate(ids):
        due = errands.clock() + timedelta(seconds=number)
        errands.begun(an_errand(job_id, due=due, state="x" * 300_000))
    pages = boto3.client("dynamodb").query(
        TableName="ekyc-trainer",
        IndexName="waiting",
        KeyConditionExpression="waiting = :partition",
        ExpressionAttributeValues={":partition": {"S": ERRANDS}},
    )
    assert "LastEvaluatedKey" in pages
    assert list(errands.table.waiting(ERRANDS)) == ids


def test_a_dynamodb_that_cannot_be_reached_is_trouble_that_passes(errands: Errands) -> None:
    away = boto3.client(
        "dynamodb",
        endpoint_url="http://127.0.0.1:9",
        config=Config(connect_timeout=0.2, retries={"total_max_attempts": 1}),
    )
    table = RowTable(away, "ekyc-trainer", Errand)
    row = an_errand()
    for action in (
        lambda: table.find(JOB),
        lambda: table.bury(JOB),
        lambda: table.is_buried(JOB),
        lambda: table.begin(row),
        lambda: table.save(row),
        lambda: table.postpone(row, errands.clock()),
        lambda: list(table.waiting(ERRANDS)),
    ):
        with pytest.raises(Retryable, match="could not be reached"):
            action()


def test_a_tombstone_is_no_row_and_lets_none_begin(errands: Errands) -> None:
    assert not errands.table.is_buried(JOB)
    assert errands.table.bury(JOB)
    assert errands.table.bury(JOB)
    assert errands.table.is_buried(JOB)
    assert errands.table.find(JOB) is None
    assert errands.table.begin(an_errand()) is None
    assert errands.table.begin(an_errand(attempt=9)) is None
    assert list(errands.table.waiting(ERRANDS)) == []


def test_a_job_that_has_a_row_gets_no_tombstone(errands: Errands) -> None:
    row = errands.begun(an_errand())
    assert not errands.table.bury(JOB)
    assert errands.row() == row
    assert not errands.table.is_buried(JOB)
