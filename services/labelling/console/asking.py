"""Who asks for what people label, and who of them leads; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from runtime.callers import Person, Principal, Program, caller_of

WORKER_HEADER = "X-Worker"
"""Says who labels where nobody signs in; whoever signs in is who they are, whatever it says."""

_ANYBODY = "anybody"
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")


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
        UnknownWorker: the token has no name in it; or nobody signs in here, and the header is no name.
    """
    match caller_of(request_context):
        case Person(name=str(person), groups=groups):
            return Asker(person, leads in groups)
        case Person():
            raise UnknownWorker("The token says nobody's name: sign in again.")
        case Program(client_id=client):
            return Asker(client, is_lead=False)
        case Principal(arn=arn):
            return Asker(arn, is_lead=True)
        case None:
            return Asker(_name_in(named), is_lead=True)
        case never:
            assert_never(never)


def _name_in(header: str | None) -> str:
    name = _ANYBODY if header is None else header
    if not _NAME.fullmatch(name):
        raise UnknownWorker(f"{WORKER_HEADER}: give a name of up to 64 letters, digits and any of . _ @ -")
    return name
