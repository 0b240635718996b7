"""Jobs as the API remembers them, without a table."""

from collections.abc import Iterable

from contracts.envelope import Event
from services.job_api.costs import Prices
from services.job_api.job import Fact, Job, key_of_fact
from services.job_api.projection import move_of
from tests.support.builders import JOB, NOON, TRACEPARENT, a_plan

PRICES = Prices(labelled_image=0.08, training_hour=1.0, inference_unit_hour=4.0)


def a_job(**options: object) -> Job:
    return Job(job_id=JOB, plan=a_plan(**options), traceparent=TRACEPARENT, created_at=NOON, updated_at=NOON)


def applied(job: Job, events: Iterable[Event]) -> Job:
    """Do to a job what JobsTable's conditional writes do to its item."""
    for event in events:
        move = move_of(event)
        name = key_of_fact(event)
        known = job.facts.get(name)
        if known is None or known.position < move.position:
            fact = Fact(position=move.position, event=event.to_json())
            job = job.model_copy(update={"facts": {**job.facts, name: fact}})
        if move.position > job.position:
            moved = {"status": move.status, "position": move.position, "attempt": event.attempt}
            job = job.model_copy(update=moved)
    return job
