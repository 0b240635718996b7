"""How jobs and events look as DynamoDB items."""

from typing import Any

from pydantic import BaseModel

from contracts.envelope import Event
from contracts.plan import TrainingPlan
from runtime.clock import to_text
from services.job_api.job import Fact, Job, key_of_fact
from services.job_api.projection import Move

LISTING = "jobs"
"""The one partition of the index that lists all jobs."""

_FACT = "fact_"


class _Asked(BaseModel):
    """What never changes about a job."""

    name: str | None
    plan: TrainingPlan
    traceparent: str


def key(job_id: str, item: str) -> dict[str, Any]:
    """Give the key of one of a job's items."""
    return {"job_id": {"S": job_id}, "item": {"S": item}}


def fact_name(event: Event) -> str:
    """Name the attribute that holds the latest event of this type, or of this type and attempt."""
    return _FACT + key_of_fact(event)


def fact_value(event: Event, move: Move) -> dict[str, Any]:
    """Give the value of that attribute."""
    return {"M": {"position": {"N": str(move.position)}, "event": {"S": event.to_json()}}}


def event_item(event: Event) -> dict[str, Any]:
    """Give an event's item in the history; a repeated event has the same key."""
    return key(event.job_id, f"event#{event.id}") | {"body": {"S": event.to_json()}}


def job_item(job: Job) -> dict[str, Any]:
    """Give the item of a new job."""
    asked = _Asked(name=job.name, plan=job.plan, traceparent=job.traceparent)
    return key(job.job_id, "job") | {
        "listing": {"S": LISTING},
        "status": {"S": job.status},
        "position": {"N": str(job.position)},
        "attempt": {"N": str(job.attempt)},
        "created_at": {"S": to_text(job.created_at)},
        "updated_at": {"S": to_text(job.updated_at)},
        "asked": {"S": asked.model_dump_json()},
    }


def job_of(item: dict[str, Any]) -> Job:
    """Read a job's item."""
    asked = _Asked.model_validate_json(item["asked"]["S"])
    return Job(
        job_id=item["job_id"]["S"],
        name=asked.name,
        status=item["status"]["S"],
        position=item["position"]["N"],
        attempt=item["attempt"]["N"],
        plan=asked.plan,
        traceparent=asked.traceparent,
        created_at=item["created_at"]["S"],
        updated_at=item["updated_at"]["S"],
        facts={
            name.removeprefix(_FACT): Fact(
                position=int(value["M"]["position"]["N"]), event=value["M"]["event"]["S"]
            )
            for name, value in item.items()
            if name.startswith(_FACT)
        },
    )
