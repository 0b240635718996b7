"""What is left when everything has come to rest, without what differs from run to run."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from tests.faults.account import CALLER, Account
from tests.faults.pipeline import Pipeline

PAID_FOR = frozenset(
    {
        "CreateLabelingJob",
        "StopLabelingJob",
        "CreateProject",
        "CreateDataset",
        "CreateProjectVersion",
        "StartProjectVersion",
        "StopProjectVersion",
    }
)
"""What costs money or people's time, or occupies a name."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.]*(?:Z|\+00:00)?")
_MINTED = re.compile(r"/\d{13}\b")


@dataclass(frozen=True)
class Outcome:
    """What a path leaves behind.

    Attributes:
        jobs: each job as its user sees it, times and costs left out.
        histories: each job's events: type, attempt, stage, run.
        made: what was made, started and stopped outside, and how often.
        waiting: what still stands in an index.
        messages: what still is in a queue.
        dead: what is among the dead letters.
        at_work: what people or AWS are at, by status.
        parameters: where the eKYC API finds the model.
    """

    jobs: list[Any]
    histories: list[list[str]]
    made: dict[str, int]
    waiting: list[str]
    messages: list[str]
    dead: list[str]
    at_work: list[str]
    parameters: dict[str, str]

    def differences(self, other: "Outcome") -> str:
        """Say in which way another outcome differs; empty when it does not."""
        lines = []
        for field in fields(self):
            wanted, got = getattr(self, field.name), getattr(other, field.name)
            if wanted != got:
                lines.append(
                    f"{field.name}:\n  without a fault {_text(wanted)}\n  with it         {_text(got)}"
                )
        return "\n".join(lines)


def outcome_of(pipeline: Pipeline, jobs: list[str]) -> Outcome:
    """Look at everything."""
    observer, account = pipeline.observer, pipeline.account

    def neutral(value: Any) -> Any:
        text = json.dumps(value)
        for number, job_id in enumerate(jobs, 1):
            text = text.replace(job_id, f"job-{number}")
        return json.loads(_MINTED.sub("/minted", _TIME.sub("a time", text)))

    calls = account.simulator.gateway.calls.find(status="200")
    made = Counter(
        f"{call['operation']} {_what(call['request'])}" for call in calls if call["operation"] in PAID_FOR
    )
    rows = [
        {"table": table.name, "job": row["job_id"], "for": row.get("waiting", "publication")}
        for table in account.resources.tables
        for row in account.in_index(table)
    ]
    queues = pipeline.queues.values()
    return Outcome(
        jobs=[neutral({k: v for k, v in observer.job(job).items() if k != "cost"}) for job in jobs],
        histories=[sorted(_said(event) for event in observer.history(job)) for job in jobs],
        made=neutral(dict(sorted(made.items()))),
        waiting=neutral([f"{row['table']}: {row['job']} for {row['for']}" for row in rows]),
        messages=neutral([message.body for queue in queues for message in queue.messages]),
        dead=neutral([message.body for queue in queues for message in queue.dead]),
        at_work=neutral(sorted(_at_work(account))),
        parameters=neutral(account.parameters()),
    )


def _at_work(account: Account) -> Iterator[str]:
    labelling = account.simulator.labelling.at(CALLER).jobs.values()
    yield from (
        f"{j.name} {j.status}" for j in labelling if j.status not in {"Completed", "Stopped", "Failed"}
    )
    ended = {"TRAINING_COMPLETED", "TRAINING_FAILED", "STOPPED"}
    versions = account.simulator.custom_labels.at(CALLER).versions.values()
    yield from (f"{version.arn} {version.status}" for version in versions if version.status not in ended)


def _what(request: dict[str, Any]) -> str:
    names = (
        "LabelingJobName",
        "ProjectName",
        "ProjectArn",
        "DatasetType",
        "VersionName",
        "ProjectVersionArn",
    )
    return " ".join(str(request[name]) for name in names if name in request)


def _said(event: dict[str, Any]) -> str:
    data = event["data"]
    told = [event["type"], f"attempt {event['attempt']}"]
    return " ".join([*told, *(f"{name} {data[name]}" for name in ("stage", "run") if name in data)])


def _text(value: Any) -> str:
    return json.dumps(value, indent=None, ensure_ascii=False)
