"""Pages, with Rekognition's error for a bad token."""

from collections.abc import Sequence
from typing import Any, TypeVar

from simulator.core.operations import Call
from simulator.core.paging import StaleTokenError, page
from simulator.rekognition.errors import InvalidPaginationToken

Item = TypeVar("Item")


def page_of(call: Call, items: Sequence[Item], most: int = 100) -> tuple[Sequence[Item], str | None]:
    """Return the page the call asks for, and the token of the next.

    Raises:
        InvalidPaginationToken: The token was made for another listing.
    """
    listing: dict[str, Any] = {
        name: value for name, value in call.request.items() if name not in ("NextToken", "MaxResults")
    }
    try:
        return page(
            items,
            token=call.request.get("NextToken"),
            size=call.request.get("MaxResults", most),
            listing=listing,
        )
    except StaleTokenError as error:
        raise InvalidPaginationToken(str(error)) from error
