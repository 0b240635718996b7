"""What the services' own tables say of what waits: nobody else knows when a job is looked at next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cli.operations.checkup import Check

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Index → what its rows are sorted by (service.yaml). Both are sparse: they hold what has to be seen to.
_INDEXES = {"waiting": "due", "outbox": "queued_at"}
_SLOT = "slot"  # runtime/reconcile.py: in line for a quota, sorted by when the waiting began
_LATE = timedelta(minutes=15)
_LONG_IN_LINE = timedelta(hours=24)


@dataclass(frozen=True)
class WaitingRow:
    """A job that a service has to see to; `due` is when, or since when it stands in line."""

    service: str
    job_id: str
    partition: str
    due: datetime | None


def read_waiting_rows(dynamodb: "DynamoDBClient", prefix: str) -> list[WaitingRow]:
    """Read the sparse indexes of the deployment's tables, and of each row its keys alone."""
    return [row for table in _tables(dynamodb, prefix) for row in _rows(dynamodb, prefix, table)]


def row_check(rows: Sequence[WaitingRow], slowest_turn: timedelta, now: datetime) -> Check:
    """Judge them: a row whose turn has long passed is one that its watcher does not get done."""
    late = [row for row in rows if row.partition != _SLOT and _before(row, now - _LATE - 5 * slowest_turn)]
    in_line = [row for row in rows if row.partition == _SLOT]
    findings = [
        f"{row.service}: job {row.job_id} should have been looked at {row.due:%Y-%m-%d %H:%M} UTC; "
        f"search the logs of its watcher for the job"
        for row in late
    ]
    findings += [
        f"{row.service}: job {row.job_id} waits in line since {row.due:%Y-%m-%d %H:%M} UTC; stop a model "
        "that nobody needs, or ask AWS for a higher quota"
        for row in in_line
        if _before(row, now - _LONG_IN_LINE)
    ]
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row.service, row.partition] = counts.get((row.service, row.partition), 0) + 1
    return Check(
        "turns",
        f"{len(rows)} rows wait for their turn, {len(in_line)} of them in line for a quota, {len(late)} late",
        [
            {
                "service": row.service,
                "jobId": row.job_id,
                "partition": row.partition,
                "due": row.due.isoformat() if row.due else None,
            }
            for row in rows
        ],
        [f"{service}: {count} in {partition}" for (service, partition), count in sorted(counts.items())],
        findings,
    )


def _tables(dynamodb: "DynamoDBClient", prefix: str) -> Iterator[str]:
    for page in dynamodb.get_paginator("list_tables").paginate():
        yield from (name for name in page["TableNames"] if name.startswith(f"{prefix}-"))


def _rows(dynamodb: "DynamoDBClient", prefix: str, table: str) -> Iterator[WaitingRow]:
    described = dynamodb.describe_table(TableName=table)["Table"]
    names = {index["IndexName"] for index in described.get("GlobalSecondaryIndexes", [])}
    for index in sorted(names & _INDEXES.keys()):
        for page in dynamodb.get_paginator("scan").paginate(TableName=table, IndexName=index):
            for item in page["Items"]:
                moment = item[_INDEXES[index]].get("S", "")
                yield WaitingRow(
                    table.removeprefix(f"{prefix}-"), item["job_id"]["S"], item[index]["S"], _moment(moment)
                )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None  # "at once"


def _before(row: WaitingRow, moment: datetime) -> bool:
    return row.due is not None and row.due < moment
