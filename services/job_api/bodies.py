"""Request bodies that no JSON reader could take, refused before one tries."""

import base64
import json
from typing import Any

from contracts.problems import INVALID_REQUEST, FieldFault
from services.job_api.problem_error import ProblemError


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
    try:
        json.loads(text)
    except json.JSONDecodeError:
        pass
    except RecursionError as error:
        raise _refused("It is nested too deeply.") from error
    except ValueError as error:
        raise _refused("It holds a number of too many digits.") from error
    return event | {"body": text, "isBase64Encoded": False}


def _refused(why: str) -> ProblemError:
    fault = FieldFault(field="body", message=why)
    return ProblemError(INVALID_REQUEST, f"Correct the request. body: {why}", [fault])
