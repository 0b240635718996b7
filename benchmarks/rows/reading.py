"""Reading a job and listing twenty, among a hundred jobs and among ten thousand."""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.bare import deploy_bare
from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair, interleaved, percentile
from benchmarks.stack import Clients
from benchmarks.surroundings import Surroundings
from contracts.ids import new_job_id
from services.job_api.items import fact_name, fact_value, job_item
from services.job_api.projection import move_of
from tests.support.builders import JOB
from tests.support.events import job_started, whole_job
from tests.unit.job_api.jobs import a_job, applied

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_FEW = 100
_MISSED = (
    "The function checks the request and puts the answer together from the job's events, where the baseline "
    "answers with the item as it is; both take the same single call to DynamoDB."
)
_TABLE = "ekyc-job-api"


def measure(given: Surroundings) -> Iterator[Figure]:
    """Read and list, then fill the table and read and list again."""
    stack, many = given.stack(), given.effort.choose(10_000, 1_000)
    clients, bare = Clients(stack), deploy_bare(stack)
    with httpx.Client(timeout=60) as http:
        read = _fill(clients.dynamodb, 0, _FEW)[0]
        routes = {
            "reading a job": (f"{stack.api}/api/training/{read}", f"{bare.api}/bare/jobs/{read}"),
            "listing 20": (f"{stack.api}/api/training/list", f"{bare.api}/bare/jobs"),
        }
        calls = _Calls(http, given)
        among_few = {what: calls.pairs(*urls) for what, urls in routes.items()}
        _fill(clients.dynamodb, _FEW, many)
        for what, urls in routes.items():
            among_many = calls.pairs(*urls)
            yield Figure.ratio(f"{what} of {many:,}", among_many, aim=1.3, of="ms", missed=_MISSED)
            yield Figure.ratio(
                f"{what}: {many:,} jobs against {_FEW}, beside how the baseline grew",
                [
                    Pair(ours=after.ours / before.ours, baseline=after.baseline / before.baseline)
                    for before, after in zip(among_few[what], among_many, strict=True)
                ],
                aim=1.2,
                of="x",
            )


class _Calls:
    def __init__(self, http: httpx.Client, given: Surroundings) -> None:
        self._http = http
        self._given = given

    def pairs(self, ours: str, baseline: str) -> list[Pair]:
        """Call both in turn; each side of a pair is the median of so many calls, in milliseconds."""
        calls = self._given.effort.choose(25, 10)
        single = interleaved(
            lambda: self._milliseconds(ours),
            lambda: self._milliseconds(baseline),
            self._given.effort.pairs * calls,
            warm_up=3,
        )
        batches = [single[first : first + calls] for first in range(0, len(single), calls)]
        return [
            Pair(
                ours=percentile([pair.ours for pair in batch], 0.5),
                baseline=percentile([pair.baseline for pair in batch], 0.5),
            )
            for batch in batches
        ]

    def _milliseconds(self, url: str) -> float:
        began = time.perf_counter()
        self._http.get(url).raise_for_status()
        return (time.perf_counter() - began) * 1000


def _fill(dynamodb: "DynamoDBClient", first: int, until: int) -> Sequence[str]:
    """Write jobs that have come all the way, as job-api has them; give their ids."""
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    items = [
        _item_of(new_job_id(noon + timedelta(seconds=number), bytes(10))) for number in range(first, until)
    ]
    for start in range(0, len(items), 25):
        puts: list[Any] = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        while puts:
            left = dynamodb.batch_write_item(RequestItems={_TABLE: puts})["UnprocessedItems"]
            puts = left.get(_TABLE, [])
    return [item["job_id"]["S"] for item in items]


def _item_of(job_id: str) -> dict[str, Any]:
    """Give the item of a job whose model was trained, ran, was stopped, and runs again."""
    events = [job_started(), *whole_job()]
    facts = {fact_name(event): fact_value(event, move_of(event)) for event in events}
    item = json.dumps(job_item(applied(a_job(), events)) | facts)
    renamed: dict[str, Any] = json.loads(item.replace(JOB, job_id))
    return renamed


ROW = Row(
    what="reading a job, and listing 20 of many",
    baseline="GetItem of the same job's item, and Query of the same index, with bare boto3 in a function "
    "behind an API of the same stack, which answers with the items as they are",
    measure=measure,
)
