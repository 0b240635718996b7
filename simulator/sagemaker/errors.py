"""SageMaker's errors; its declared codes carry no `Exception` suffix."""

from simulator.core.errors import AwsError


class ResourceInUse(AwsError):
    """The name is taken."""

    code = "ResourceInUse"


class ResourceLimitExceeded(AwsError):
    """A quota is used up."""

    code = "ResourceLimitExceeded"


class ResourceNotFound(AwsError):
    """There is no such resource."""

    code = "ResourceNotFound"


class InternalFailure(AwsError):
    """The service had a problem."""

    code = "InternalFailure"
    status = 500
