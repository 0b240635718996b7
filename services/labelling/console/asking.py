"""Who asks, by what API Gateway says of the request; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORKER_HEADER = "X-Worker"
"""Says who labels where nobody signs in; whoever signs in is who they are, whatever it says."""

_ANYBODY = "anybody"
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_USABLE = re.compile(r"[!-~]{1,512}")
_BETWEEN_GROUPS = re.compile(r"[\s,'\[\]]+")


class UnknownWorker(Exception):
    """The request does not say who asks in a way that can be kept; the message says what to do."""


@dataclass(frozen=True)
class Asker:
    """Somebody who uses the API; a lead may give images out anew, to others, and end a labelling."""

    worker: str
    is_lead: bool


def asker_of(request_context: Mapping[str, Any], named: str | None, leads: str) -> Asker:
    """Tell who asks: the holder of a Cognito token, an IAM principal, or whoever they say they are.

    Args:
        request_context: ``requestContext`` of API Gateway's event.
        named: the request's header of this name, if it has one.
        leads: the Cognito group whose members lead; without Cognito everybody does.

    Raises:
        UnknownWorker: nobody signs in here, and the header is no name.
    """
    claims = (request_context.get("authorizer") or {}).get("claims")
    if claims:
        groups = _BETWEEN_GROUPS.split(str(claims.get("cognito:groups", "")))
        return Asker(_name_in(claims), leads in groups)
    arn = (request_context.get("identity") or {}).get("userArn")
    if arn:
        return Asker(str(arn), is_lead=True)
    name = _ANYBODY if named is None else named
    if not _NAME.fullmatch(name):
        raise UnknownWorker(f"{WORKER_HEADER}: give a name of up to 64 letters, digits and any of . _ @ -")
    return Asker(name, is_lead=True)


def _name_in(claims: Mapping[str, Any]) -> str:
    """Give the user's name, or their id when the name has other than ASCII's letters and signs in it.

    An access token has ``username``, an ID token ``cognito:username``, a program's token its client id alone.
    """
    names = (str(claims.get(claim, "")) for claim in ("username", "cognito:username", "sub", "client_id"))
    found = next((name for name in names if _USABLE.fullmatch(name)), None)
    if found is None:
        raise UnknownWorker("The token says nobody's name: sign in again.")
    return found
