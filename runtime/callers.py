"""Who calls, by what API Gateway says of the request; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.problems import NOT_A_LEAD
from runtime.problem_error import ProblemError

_PERSONS = ("username", "cognito:username")
_USABLE = re.compile(r"[!-~]{1,512}")
_BETWEEN_GROUPS = re.compile(r"[\s,'\[\]]+")


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in to the user pool.

    Attributes:
        name: their user name, or their id when the name has other than ASCII's letters and signs in it;
            ``None`` when the token has neither.
        groups: the user pool's groups that they are in.
    """

    name: str | None
    groups: frozenset[str]


@dataclass(frozen=True)
class Program:
    """A client of the user pool that has signed in as itself, with its secret (client credentials)."""

    client_id: str


@dataclass(frozen=True)
class Principal:
    """An IAM user or role that has signed its request."""

    arn: str


Caller = Person | Program | Principal | None
"""``None`` where nobody signs in."""


def caller_of(request_context: Mapping[str, Any]) -> Caller:
    """Tell who calls; a token that is not certainly a program's is a person's.

    A person's access token has ``username``, their ID token ``cognito:username``; a program's token has
    neither, and its subject is its client.

    Args:
        request_context: ``requestContext`` of API Gateway's event.
    """
    claims = (request_context.get("authorizer") or {}).get("claims")
    if claims is not None:
        return _program_in(claims) or _person_in(claims)
    arn = (request_context.get("identity") or {}).get("userArn")
    return Principal(str(arn)) if arn else None


def not_a_lead() -> ProblemError:
    """Refuse somebody what leads alone may do."""
    return ProblemError(
        NOT_A_LEAD,
        "Leads are the members of the user pool's group of leads: ask one of them to do this, or whoever "
        "looks after the user pool to make you one.",
    )


def _program_in(claims: Mapping[str, Any]) -> Program | None:
    if any(claim in claims for claim in _PERSONS):
        return None
    client_id = str(claims.get("client_id", ""))
    return Program(client_id) if _USABLE.fullmatch(client_id) and claims.get("sub") == client_id else None


def _person_in(claims: Mapping[str, Any]) -> Person:
    names = (str(claims.get(claim, "")) for claim in (*_PERSONS, "sub", "client_id"))
    # API Gateway makes one text of the list, and nowhere says how.
    groups = _BETWEEN_GROUPS.split(str(claims.get("cognito:groups", "")))
    return Person(next(filter(_USABLE.fullmatch, names), None), frozenset(filter(None, groups)))
