"""Rounds, their images and their people, in DynamoDB.

One table, partitioned by round: the item ``round``, an item ``task#<number>`` for each image and an item
``person#<worker>`` for everybody who labels. The sparse index ``pool`` holds what can be handed out, in three
kinds of partition: for anybody, for one person, and what is leased, by the end of the lease; besides the open
rounds themselves. Everything is found by a query of a few items, and written only as it was read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from contracts.labelling_http import TaskState
from runtime.clock import to_text
from runtime.errors import AwsError, Retryable, trouble_from
from runtime.transactions import ConditionsFailed, write_together
from services.labelling.console.round import Round
from services.labelling.console.task import Move, Person, Task

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

POOL = "pool"
_OPEN_ROUNDS = "rounds"
_ROUND = "round"
_FIRST_PAGE = 25
_LARGEST_PAGE = 1000
_SEALING_TRIES = 5
TASKS_AT_ONCE = 99
"""A transaction takes 100 actions (TransactWriteItems), and one of them is the round's."""

M = TypeVar("M", bound=BaseModel)


class Changed(Retryable):
    """Somebody else wrote meanwhile; ``tasks_alone`` tells that the people are as they were read."""

    def __init__(self, what: str, *, tasks_alone: bool = False) -> None:
        super().__init__(what)
        self.tasks_alone = tasks_alone


@dataclass(frozen=True)
class Page:
    """Some of a round's images; ``after`` continues, and is ``None`` at the end."""

    tasks: list[Task]
    after: int | None


class RoundsTable:
    """Reads and writes rounds; items expire ``kept`` after the round was made."""

    def __init__(self, dynamodb: "DynamoDBClient", table_name: str, kept: timedelta) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._kept = kept

    def find(self, key: str) -> Round | None:
        """Read a round as it is now."""
        return self._get(key, _ROUND, Round)

    def save(self, round_: Round) -> Round:
        """Write a changed round, or a new one; give it back with its new revision.

        Raises:
            Changed: somebody else wrote it meanwhile.
        """
        written = round_.changed(revision=round_.revision + 1)
        put = self._put(self._round_item(written), _as_read(round_.revision))
        self._write([put], "write the labelling", people_from=1)
        return written

    def add(self, round_: Round, tasks: Sequence[Task]) -> Round:
        """Write further images of a round together with their number, each image once whoever tries.

        Raises:
            Changed: somebody else wrote the round meanwhile; nothing was written.
        """
        written = round_.changed(revision=round_.revision + 1, images=round_.images + len(tasks))
        actions = [self._put(self._round_item(written), _as_read(round_.revision))]
        actions += [self._put(self._task_item(round_, task.changed(revision=1))) for task in tasks]
        self._write(actions, "make the images ready", people_from=1)
        return written

    def open_rounds(self) -> Iterator[Round]:
        """Give the rounds that take answers, those of the newest jobs first."""
        yield from self._models(
            Round, IndexName=POOL, ScanIndexForward=False, **_in_index(_OPEN_ROUNDS, None, None)
        )

    def task(self, round_: Round, number: int) -> Task | None:
        """Read an image as it is now."""
        return self._get(round_.key, _task_name(number), Task)

    def person(self, round_: Round, worker: str) -> Person:
        """Read a person as they are now; new when they have not labelled here."""
        return self._get(round_.key, _person_name(worker), Person) or Person(worker=worker)

    def people(self, round_: Round) -> list[Person]:
        """Read everybody who labels in the round."""
        return list(self._models(Person, ConsistentRead=True, **_beginning(round_, "person#")))

    def tasks(self, round_: Round) -> Iterator[Task]:
        """Read all images as they are now, in the order of their lines, page by page."""
        return self._models(Task, ConsistentRead=True, **_beginning(round_, "task#"))

    def page(self, round_: Round, state: TaskState | None, limit: int, after: int | None) -> Page:
        """Read some of the images, looking at no more than a page of DynamoDB's."""
        request: dict[str, Any] = _beginning(round_, "task#")
        if state is None:
            request["Limit"] = limit
        else:
            request["Limit"] = _LARGEST_PAGE
            request["FilterExpression"] = "#state = :state"
            request["ExpressionAttributeNames"] |= {"#state": "state"}
            request["ExpressionAttributeValues"] |= {":state": {"S": state}}
        if after is not None:
            request["ExclusiveStartKey"] = _key(round_.key, _task_name(after))
        found = self._query(request)
        tasks = [Task.model_validate_json(item["body"]["S"]) for item in found["Items"]]
        last = found.get("LastEvaluatedKey")
        if len(tasks) > limit:
            return Page(tasks[:limit], tasks[limit - 1].number)
        return Page(tasks, None if last is None else int(last["item"]["S"].removeprefix("task#")))

    def assigned(self, round_: Round, worker: str) -> Iterator[Task]:
        """Give the images that wait for this person."""
        return self._candidates(_in_index(_assigned_pool(round_, worker), None, None), worker, round_)

    def expired(self, round_: Round, worker: str, now: datetime) -> Iterator[Task]:
        """Give the images whose leases have run out, the longest ago first."""
        return self._candidates(_in_index(_leased_pool(round_), None, to_text(now)), worker, round_)

    def open_tasks(self, round_: Round, worker: str, cursor: int) -> Iterator[Task]:
        """Give the images for anybody that a person has not answered: those beyond ``cursor`` first."""
        pool, turn = _open_pool(round_), _turn(cursor)
        yield from self._candidates(_in_index(pool, turn, None), worker, round_)
        if cursor >= 0:
            yield from self._candidates(_in_index(pool, None, turn), worker, round_)

    def write(self, round_: Round, move: Move) -> Move:
        """Write what a move changes, all or nothing; give it back with the new revisions.

        Raises:
            Changed: somebody else wrote one of them meanwhile.
        """
        tasks = tuple(task.changed(revision=task.revision + 1) for task in move.tasks)
        people = tuple(person.changed(revision=person.revision + 1) for person in move.people)
        items = [self._task_item(round_, task) for task in tasks]
        items += [
            self._item(round_, _person_name(person.worker), person, person.revision) for person in people
        ]
        read = [task.revision for task in move.tasks] + [person.revision for person in move.people]
        actions = [self._put(item, _as_read(revision)) for item, revision in zip(items, read, strict=True)]
        self._write(actions, "write an answer", people_from=len(tasks))
        return Move(tasks, people)

    def seal(self, round_: Round) -> list[Person]:
        """Make every write that has begun, but not yet happened, fail; give the people as they stay then.

        Each write of answers writes its person as it was read. Once everybody has been written anew, what
        is still on its way is refused, and whoever tries again finds that the round is closing.

        Raises:
            Changed: a person kept being written.
        """
        return [self._sealed(round_, person) for person in self.people(round_)]

    def _sealed(self, round_: Round, person: Person) -> Person:
        for _ in range(_SEALING_TRIES):
            try:
                return self.write(round_, Move((), (person,))).people[0]
            except Changed:
                person = self.person(round_, person.worker)
        raise Changed("a person kept being written")

    def _candidates(self, request: dict[str, Any], worker: str, round_: Round) -> Iterator[Task]:
        """Give the images of a partition of the pool, a few at first, then ever more at once."""
        request = {**request, "IndexName": POOL, "Limit": _FIRST_PAGE}
        if round_.workers_per_image > 1:
            request["FilterExpression"] = "NOT contains(people, :worker)"
            request["ExpressionAttributeValues"] = {
                **request["ExpressionAttributeValues"],
                ":worker": {"S": worker},
            }
        while True:
            found = self._query(request)
            yield from (Task.model_validate_json(item["body"]["S"]) for item in found["Items"])
            if "LastEvaluatedKey" not in found:
                return
            more = min(2 * request["Limit"], _LARGEST_PAGE)
            request = {**request, "Limit": more, "ExclusiveStartKey": found["LastEvaluatedKey"]}

    def _get(self, key: str, item: str, model: type[M]) -> M | None:
        try:
            found = self._dynamodb.get_item(
                TableName=self._table_name, Key=_key(key, item), ConsistentRead=True
            ).get("Item")
        except AwsError as error:
            raise trouble_from(error, "read the labelling") from error
        return None if found is None else model.model_validate_json(found["body"]["S"])

    def _models(self, model: type[M], **request: Any) -> Iterator[M]:
        while True:
            found = self._query(request)
            yield from (model.model_validate_json(item["body"]["S"]) for item in found["Items"])
            if "LastEvaluatedKey" not in found:
                return
            request["ExclusiveStartKey"] = found["LastEvaluatedKey"]

    def _query(self, request: dict[str, Any]) -> Any:
        try:
            return self._dynamodb.query(TableName=self._table_name, **request)
        except AwsError as error:
            raise trouble_from(error, "read the labelling") from error

    def _write(self, actions: Sequence[Any], doing: str, *, people_from: int) -> None:
        try:
            write_together(self._dynamodb, actions, doing)
        except ConditionsFailed as failed:
            tasks_alone = all(number < people_from for number in failed.numbers)
            raise Changed(f"others were first to {doing}", tasks_alone=tasks_alone) from failed

    def _put(self, item: dict[str, Any], condition: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"Put": {"TableName": self._table_name, "Item": item, **(condition or {})}}

    def _round_item(self, round_: Round) -> dict[str, Any]:
        item = self._item(round_, _ROUND, round_, round_.revision)
        if round_.state == "open":
            item |= {POOL: {"S": _OPEN_ROUNDS}, "turn": {"S": round_.key}}
        return item

    def _task_item(self, round_: Round, task: Task) -> dict[str, Any]:
        item = self._item(round_, _task_name(task.number), task, task.revision)
        item["state"] = {"S": task.state}
        if task.given:
            item["people"] = {"SS": sorted(given.worker for given in task.given)}
        place = _place_in_pool(round_, task)
        if place is not None:
            item |= {POOL: {"S": place[0]}, "turn": {"S": place[1]}}
        return item

    def _item(self, round_: Round, name: str, model: BaseModel, revision: int) -> dict[str, Any]:
        expires_at = int((round_.created_at + self._kept).timestamp())
        return _key(round_.key, name) | {
            "revision": {"N": str(revision)},
            "expires_at": {"N": str(expires_at)},
            "body": {"S": model.model_dump_json(exclude_none=True)},
        }


def _key(key: str, item: str) -> dict[str, Any]:
    return {"round": {"S": key}, "item": {"S": item}}


def _as_read(revision: int) -> dict[str, Any]:
    """Condition a write on what was read; revision 0 is what was never written."""
    if revision == 0:
        return {"ConditionExpression": "attribute_not_exists(revision)"}
    return {
        "ConditionExpression": "revision = :read",
        "ExpressionAttributeValues": {":read": {"N": str(revision)}},
    }


def _task_name(number: int) -> str:
    return f"task#{_turn(number)}"


def _person_name(worker: str) -> str:
    return f"person#{worker}"


def _turn(number: int) -> str:
    return f"{number:08}" if number >= 0 else ""


def _open_pool(round_: Round) -> str:
    return round_.key


def _assigned_pool(round_: Round, worker: str) -> str:
    return f"{round_.key}#for#{worker}"


def _leased_pool(round_: Round) -> str:
    return f"{round_.key}#leased"


def _place_in_pool(round_: Round, task: Task) -> tuple[str, str] | None:
    turn = _turn(task.number)
    if task.finished_by is not None:
        return None
    if task.hold is not None:
        return _leased_pool(round_), f"{to_text(task.hold.until)}#{turn}"
    if task.assigned is not None:
        return _assigned_pool(round_, task.assigned), turn
    return _open_pool(round_), turn


def _in_index(pool: str, after: str | None, until: str | None) -> dict[str, Any]:
    condition, values = "#pool = :pool", {":pool": {"S": pool}}
    names = {"#pool": POOL}
    if after:
        condition, values[":after"] = condition + " AND turn > :after", {"S": after}
    if until:
        condition, values[":until"] = condition + " AND turn <= :until", {"S": until}
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _beginning(round_: Round, prefix: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "#round = :round AND begins_with(#item, :prefix)",
        "ExpressionAttributeNames": {"#round": "round", "#item": "item"},
        "ExpressionAttributeValues": {":round": {"S": round_.key}, ":prefix": {"S": prefix}},
    }
