"""What is particular about LocalStack: functions run in containers, which see other addresses than we do."""

from collections.abc import Mapping
from types import MappingProxyType

from local import web

# LocalStack's own name, which its containers resolve to it and the public DNS to this machine, so that a
# presigned URL made in a function works outside too. The simulator goes by its name in the compose file.
FUNCTION_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "AWS_ENDPOINT_URL": "http://localhost.localstack.cloud:4566",
        "AWS_ENDPOINT_URL_S3": "http://s3.localhost.localstack.cloud:4566",
        "AWS_ENDPOINT_URL_SAGEMAKER": "http://simulator:4567",
        "AWS_ENDPOINT_URL_REKOGNITION": "http://simulator:4567",
    }
)


def runs_in_docker(endpoint: str) -> bool:
    """Tell whether a LocalStack answers at the endpoint, from within Docker."""
    info = web.get_json(f"{endpoint.rstrip('/')}/_localstack/info")
    return isinstance(info, dict) and info.get("is_docker") is True
