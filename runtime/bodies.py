"""Request bodies that no JSON reader could take, refused before one tries."""

import base64
import json
from typing import Any

from contracts.problems import INVALID_REQUEST, FieldFault
from runtime.problem_error import ProblemError

MOST_CHARACTERS = 5_700_000
"""An image of 4 MiB in Base64 is 5.6 million; Lambda's 6 MB end not far beyond."""
MOST_MEMBERS = 100
"""Of one object; none of ours has a dozen. Each that nobody knows is told, and costs the time to tell it."""


class _TooManyMembers(Exception):
    """An object has more members than any of ours."""


def with_plain_body(event: dict[str, Any]) -> dict[str, Any]:
    """Give API Gateway's event with its body as text.

    A body that is merely no JSON stays: whoever reads it can say where it goes wrong.

    Raises:
        ProblemError: the body is no text, or it holds what cannot be read.
    """
    body = event.get("body")
    if not body:
        return event
    try:
        text = base64.b64decode(body, validate=True).decode() if event.get("isBase64Encoded") else body
    except ValueError as error:
        raise _refused("It is not text in UTF-8.") from error
    if len(text) > MOST_CHARACTERS:
        raise _refused(f"It is longer than {MOST_CHARACTERS:,} characters.")
    try:
        document = json.loads(text, object_pairs_hook=_count)
    except json.JSONDecodeError:
        document = None
    except _TooManyMembers as error:
        raise _refused(f"An object in it has more than {MOST_MEMBERS} members.") from error
    except RecursionError as error:
        raise _refused("It is nested too deeply.") from error
    except ValueError as error:
        raise _refused("It holds a number of too many digits.") from error
    if isinstance(document, list):
        # Powertools would read its last item, and a last item of null as no body at all.
        raise _refused("It is a list: send an object.")
    return event | {"body": text, "isBase64Encoded": False}


def _count(members: list[tuple[str, Any]]) -> None:
    if len(members) > MOST_MEMBERS:
        raise _TooManyMembers


def _refused(why: str) -> ProblemError:
    fault = FieldFault(field="body", message=why)
    return ProblemError(INVALID_REQUEST, f"Correct the request. body: {why}", [fault])
