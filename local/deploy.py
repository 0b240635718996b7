"""Brings whatever answers at an endpoint to the state that the services ask for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from local.apply.api import apply_api
from local.apply.bucket import apply_bucket
from local.apply.function import apply_asynchronous_calls, apply_functions, apply_mapping
from local.apply.key import apply_key
from local.apply.log_group import apply_log_group
from local.apply.outcome import Outcome
from local.apply.queue import apply_queue
from local.apply.role import apply_role
from local.apply.rule import apply_rule
from local.apply.schedule import apply_schedule
from local.apply.table import apply_table
from local.apply.topic import apply_subscription, apply_topic
from local.clients import Endpoint
from local.deployment import Deployment
from local.desired import desired_key, desired_resources
from local.resources import Resources
from local.service_spec import ServiceSpec


@dataclass(frozen=True)
class Deployed:
    """What a deployment did.

    Attributes:
        api_id: Id of the REST API.
        outcomes: How many resources were created, updated, left as they were.
    """

    api_id: str
    outcomes: Mapping[Outcome, int]

    @property
    def changes(self) -> int:
        """How many resources were not as wanted."""
        return sum(count for outcome, count in self.outcomes.items() if outcome is not Outcome.UNCHANGED)


def deploy(
    endpoint: Endpoint, specs: Sequence[ServiceSpec], deployment: Deployment, packages: Mapping[str, Path]
) -> Deployed:
    """Apply everything in the order in which things need each other; `packages` gives each service's zip.

    Resources that no service asks for any more are left alone.

    Raises:
        SpecError: A placeholder cannot be filled.
        TableChangedError: A table stands with other keys.
        botocore.exceptions.ClientError: The endpoint refused something.
    """
    make = _ClientFactory(endpoint)
    key, outcome = apply_key(make("kms"), desired_key(deployment))
    deployment = replace(deployment, key=key)
    resources = desired_resources(specs, deployment)
    outcomes = Counter([outcome, *_apply(make, resources, packages)])
    api_id, outcome = apply_api(make("apigateway"), make("lambda"), resources.api, deployment)
    outcomes[outcome] += 1
    return Deployed(api_id, outcomes)


class _ClientFactory:
    """Makes each client once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._endpoint.session.client(  # type: ignore[call-overload] # any service
                service, endpoint_url=self._endpoint.url_of(service), config=self._endpoint.config
            )
        return self._made[service]


def _apply(make: _ClientFactory, resources: Resources, packages: Mapping[str, Path]) -> Iterator[Outcome]:
    yield apply_bucket(make("s3"), resources.bucket)
    yield from (apply_table(make("dynamodb"), table) for table in resources.tables)
    yield apply_topic(make("sns"), resources.topic)
    yield from (apply_queue(make("sqs"), queue) for queue in resources.queues)
    yield from (apply_subscription(make("sns"), subscription) for subscription in resources.subscriptions)
    yield from (apply_role(make("iam"), role) for role in resources.roles)
    yield from (apply_log_group(make("logs"), group) for group in resources.log_groups)
    yield from apply_functions(make("lambda"), resources.functions, packages)
    yield from (apply_asynchronous_calls(make("lambda"), calls) for calls in resources.asynchronous_calls)
    yield from (apply_mapping(make("lambda"), mapping) for mapping in resources.mappings)
    yield from (apply_rule(make("events"), rule) for rule in resources.rules)
    yield from (apply_schedule(make("scheduler"), schedule) for schedule in resources.schedules)
