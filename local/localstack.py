"""What is particular about LocalStack: its scheduler never fires, and its functions may run in containers."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from local import web
from local.clients import CREDENTIAL

# It knows no secret of a role's, so that every presigned URL would look forged; and it enforces no roles.
SIGNING: Mapping[str, str] = MappingProxyType(
    {"AWS_ACCESS_KEY_ID": CREDENTIAL, "AWS_SECRET_ACCESS_KEY": CREDENTIAL, "AWS_SESSION_TOKEN": ""}
)
"""Variables with which a function signs so that LocalStack can check it."""

# LocalStack's own name, which its containers resolve to it and the public DNS to this machine, so that a
# presigned URL made in a function works outside too. The simulator goes by its name in the compose file.
FUNCTION_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        **SIGNING,
        "AWS_ENDPOINT_URL": "http://localhost.localstack.cloud:4566",
        "AWS_ENDPOINT_URL_S3": "http://s3.localhost.localstack.cloud:4566",
        "AWS_ENDPOINT_URL_SAGEMAKER": "http://simulator:4567",
        "AWS_ENDPOINT_URL_REKOGNITION": "http://simulator:4567",
    }
)


class Kind(Enum):
    """What answers at an endpoint."""

    SOMETHING_ELSE = "something else"
    LOCALSTACK = "LocalStack"
    LOCALSTACK_IN_DOCKER = "LocalStack in Docker"


def kind_of(endpoint: str) -> Kind:
    """Ask what answers at an endpoint."""
    info = web.get_json(f"{endpoint.rstrip('/')}/_localstack/info")
    if not isinstance(info, dict) or "is_docker" not in info:
        return Kind.SOMETHING_ELSE
    return Kind.LOCALSTACK_IN_DOCKER if info["is_docker"] else Kind.LOCALSTACK
