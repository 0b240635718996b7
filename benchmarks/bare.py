"""The baseline's functions, deployed to the pipeline's stack in the way in which the pipeline is."""

from dataclasses import dataclass
from pathlib import Path

from local.clients import Endpoint
from local.deploy import deploy
from local.deployment import Deployment
from local.service_spec import read_services
from local.stack import Stack
from tools import package
from tools.dependencies import target_named

_FUNCTIONS = Path(__file__).resolve().parent / "functions"


@dataclass(frozen=True)
class Bare:
    """The baseline's functions.

    Attributes:
        api: What the paths of their HTTP API are appended to.
        topic: ARN of the topic whose messages call `events`.
        events: Name of the function that takes them.
    """

    api: str
    topic: str
    events: str


def deploy_bare(stack: Stack) -> Bare:
    """Deploy them beside the pipeline, with a topic, queue and API of their own."""
    specs, target = read_services(_FUNCTIONS), target_named("host")
    packages = {built.service: built.path for built in package.build(specs, target, services=_FUNCTIONS)}
    where = Deployment(
        prefix="bare",
        region=stack.region,
        account=stack.account_id,
        architecture=target.architecture,
        endpoints={"AWS_ENDPOINT_URL": stack.aws},
    )
    deployed = deploy(Endpoint(stack.aws, stack.region), specs, where, packages)
    return Bare(
        api=f"{stack.aws}/_aws/execute-api/{deployed.api_id}/{where.stage}",
        topic=where.topic,
        events=f"{where.prefix}-bare-events",
    )
