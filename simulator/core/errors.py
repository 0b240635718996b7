"""The error every refused call ends in."""


class AwsError(Exception):
    """An error answer: the code SDKs raise by, an HTTP status and a message that says what to do."""

    code = "InternalFailure"
    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnknownOperation(AwsError):
    """The operation does not exist, or exists on AWS and is not simulated."""

    code = "UnknownOperationException"


class MissingAuthentication(AwsError):
    """The request is not signed, so there is no account and no region."""

    code = "MissingAuthenticationTokenException"
    status = 403


class SerializationFailed(AwsError):
    """The body is not JSON, or a value has the wrong JSON type."""

    code = "SerializationException"


class ValidationFailed(AwsError):
    """A value breaks a constraint of the service model."""

    code = "ValidationException"


class AccessDenied(AwsError):
    """The caller may not do this."""

    code = "AccessDeniedException"


class Throttled(AwsError):
    """Too many calls; SDKs wait and try again."""

    code = "ThrottlingException"
