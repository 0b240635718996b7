"""Rekognition's errors. Its API reference gives throttling and internal errors HTTP 500, the rest 400."""

from simulator.core.errors import AwsError


class ResourceInUse(AwsError):
    """The name is taken, or the resource is in a state that forbids the call."""

    code = "ResourceInUseException"


class ResourceNotFound(AwsError):
    """There is no such resource."""

    code = "ResourceNotFoundException"


class ResourceNotReady(AwsError):
    """The resource cannot be used yet."""

    code = "ResourceNotReadyException"


class ResourceAlreadyExists(AwsError):
    """The project has a dataset of this type."""

    code = "ResourceAlreadyExistsException"


class InvalidParameter(AwsError):
    """A value is well formed and still wrong."""

    code = "InvalidParameterException"


class InvalidS3Object(AwsError):
    """An object in S3 is missing or may not be read."""

    code = "InvalidS3ObjectException"


class InvalidPaginationToken(AwsError):
    """The token is not valid for this listing."""

    code = "InvalidPaginationTokenException"


class LimitExceeded(AwsError):
    """A quota is used up."""

    code = "LimitExceededException"


class ServiceQuotaExceeded(AwsError):
    """A quota is used up; the newer form."""

    code = "ServiceQuotaExceededException"


class ImageTooLarge(AwsError):
    """The image has too many bytes or pixels."""

    code = "ImageTooLargeException"


class InvalidImageFormat(AwsError):
    """The image is neither PNG nor JPEG."""

    code = "InvalidImageFormatException"


class ProvisionedThroughputExceeded(AwsError):
    """More calls a second than are allowed."""

    code = "ProvisionedThroughputExceededException"


class ThrottlingFailed(AwsError):
    """The service is busy."""

    code = "ThrottlingException"
    status = 500


class InternalServerError(AwsError):
    """The service had a problem."""

    code = "InternalServerError"
    status = 500
