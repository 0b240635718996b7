"""Pages of a listing, and the tokens that lead from one to the next."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")


class StaleTokenError(Exception):
    """The token is not one of ours, or belongs to another listing."""


def page(
    items: Sequence[Item], *, token: str | None, size: int, listing: Any
) -> tuple[Sequence[Item], str | None]:
    """Return one page of `items` and the token of the next, None after the last.

    `listing` identifies what is listed and how it is filtered; a token is good for that alone.

    Raises:
        StaleTokenError: The token was made for something else.
    """
    start = 0 if not token else _read(token, listing)
    following = start + size
    return items[start:following], _write(following, listing) if following < len(items) else None


def _write(offset: int, listing: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, _mark(listing)]).encode()).decode()


def _read(token: str, listing: Any) -> int:
    try:
        offset, mark = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError, binascii.Error) as error:
        raise StaleTokenError("The pagination token is not valid.") from error
    if mark != _mark(listing) or not isinstance(offset, int):
        raise StaleTokenError("The pagination token belongs to another listing.")
    return offset


def _mark(listing: Any) -> str:
    return json.dumps(listing, sort_keys=True, default=str)
