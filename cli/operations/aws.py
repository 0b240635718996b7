"""The AWS that a deployment lives in, and what its things are called there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.exits import CliError
from cli.loopback import emulator_session
from cli.places import Place

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import EventSourceMappingConfigurationTypeDef
    from mypy_boto3_sqs import SQSClient

_DEAD_LETTERS = "-dlq"


@dataclass(frozen=True)
class Aws:
    """Gives boto3 clients; where `endpoint` stands in for AWS, `elsewhere` names what others stand in for."""

    prefix: str
    region: str
    session: "boto3.Session"
    endpoint: str | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    def client(self, name: str) -> Any:
        """A client of one service."""
        # A tenth of a second to import, and few commands need it.
        from botocore.config import Config as BotoConfig

        config = BotoConfig(
            retries={"mode": "standard", "total_max_attempts": 6}, connect_timeout=5, read_timeout=30
        )
        if self.endpoint is not None:
            config = config.merge(BotoConfig(proxies={}))
        make: Any = self.session.client  # its overloads know no names that come at run time
        return make(name, endpoint_url=self.elsewhere.get(name, self.endpoint), config=config)


def operator_aws(place: Place) -> Aws:
    """Connect to the AWS of the API's deployment.

    Raises:
        CliError: nothing says under which names and where the deployment is.
    """
    if place.stack:
        stack, session = place.stack, emulator_session(place.stack.region)
        elsewhere = {**stack.elsewhere, "rekognition": stack.simulator}
        return Aws(stack.prefix, stack.region, session, stack.aws, elsewhere)
    if place.deployed is None:
        raise CliError(
            f"Where in AWS is the deployment behind {place.api}? Say it once, in the terraform folder: "
            "`terraform output -json | ekyc configure --from-terraform -`.",
            code="no-deployment",
        )
    # A third of a second to import, and few commands need it.
    import boto3

    session = boto3.Session(profile_name=place.profile, region_name=place.deployed.region)
    return Aws(place.deployed.name_prefix, place.deployed.region, session)


def services_with_a_queue(sqs: "SQSClient", prefix: str) -> list[str]:
    """Name the services of the deployment that have a queue, and so a dead-letter queue."""
    names = {url.rsplit("/", 1)[-1] for url in _queue_urls(sqs, f"{prefix}-")}
    return sorted(
        name.removeprefix(f"{prefix}-").removesuffix(_DEAD_LETTERS)
        for name in names
        if name.endswith(_DEAD_LETTERS) and name.removesuffix(_DEAD_LETTERS) in names
    )


def reader_of(awslambda: "LambdaClient", queue_arn: str) -> "EventSourceMappingConfigurationTypeDef | None":
    """The mapping that gives a queue's messages to a function; None when there is none."""
    pages = awslambda.get_paginator("list_event_source_mappings").paginate(EventSourceArn=queue_arn)
    return next((mapping for page in pages for mapping in page["EventSourceMappings"]), None)


def _queue_urls(sqs: "SQSClient", name_prefix: str) -> Iterator[str]:
    for page in sqs.get_paginator("list_queues").paginate(QueueNamePrefix=name_prefix):
        yield from page.get("QueueUrls", [])
