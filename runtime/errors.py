"""The three kinds of trouble, and which of them an AWS error is.

``Permanent`` ends the stage with a reason a user can act on. ``Retryable`` passes by itself: the work is
tried again. ``Busy`` is a used-up quota: the work is parked and tried again in its turn.
"""

import re
from collections.abc import Mapping, Sequence

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError


class Trouble(Exception):
    """Something the pipeline knows how to answer."""


class Permanent(Trouble):
    """Trying again would change nothing.

    Attributes:
        code: stable and short, for programs.
        reason: what went wrong, for the user.
        advice: what the user can do about it.
        details: single things that went wrong, a line each.
    """

    def __init__(self, code: str, reason: str, advice: str, details: Sequence[str] = ()) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason
        self.advice = advice
        self.details = tuple(details)


class Retryable(Trouble):
    """The same thing may well succeed a little later."""


class Busy(Trouble):
    """An account quota is used up; ``waiting_for`` says which, in words for the user."""

    def __init__(self, waiting_for: str) -> None:
        super().__init__(f"waiting for {waiting_for}")
        self.waiting_for = waiting_for


_RETRYABLE_CODES = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TooManyUpdates",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_BROKEN_CONNECTION = (BotoConnectionError, HTTPClientError, IncompleteReadError, FlexibleChecksumError)
"""The last two are a body that ended early or came with other bytes than were sent."""

_PATH = re.compile(r"(?<=://)([^/\s\"']*)/[^\s\"']*")
_QUOTA_CODES = frozenset({"LimitExceededException", "ResourceLimitExceeded", "ServiceQuotaExceededException"})
_ACCESS_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def error_code(error: ClientError) -> str:
    """Give the code AWS answered with, such as ``ResourceInUseException``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def error_message(error: ClientError) -> str:
    """Give the message AWS answered with."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


def trouble_from(error: Exception, action: str, *, quotas: Mapping[str, str] | None = None) -> Trouble:
    """Translate what boto3 raised while doing ``action`` (words for the user: "start the training").

    ``quotas`` maps quota error codes of this call to what the user then waits for; a quota error that it
    does not name is permanent, because waiting in a queue would not free such a quota.
    """
    if isinstance(error, ClientError):
        code, message = error_code(error), error_message(error)
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in (quotas or {}):
            return Busy((quotas or {})[code])
        if code in _RETRYABLE_CODES or status >= 500:
            return Retryable(f"AWS could not {action} just now ({code}: {message})")
        return Permanent(code, f"AWS refused to {action}: {message} ({code})", _advice(code))
    if isinstance(error, _BROKEN_CONNECTION):
        return Retryable(f"AWS could not be reached to {action} ({_without_paths(str(error))})")
    return Permanent(type(error).__name__, f"The request to {action} could not be made: {error}", _advice(""))


def _without_paths(text: str) -> str:
    """Leave of each address its host alone: file names are their owners', and this text goes to the logs."""
    return _PATH.sub(r"\1", text)


def _advice(code: str) -> str:
    if code in _ACCESS_CODES:
        return "Give the service's role this permission (terraform apply restores it), then retry the job."
    if code in _QUOTA_CODES:
        return "Ask AWS for a higher quota or remove what is no longer needed, then retry the job."
    return "Correct what the reason names, then retry the job; nothing that succeeded before is lost."


AwsError = (ClientError, BotoCoreError)
"""What a boto3 call may raise, for ``except`` clauses."""
