"""Waiting for something to become true, with a deadline instead of a fixed sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(look: Callable[[], T], done: Callable[[T], bool], *, seconds: float, pause: float = 0.2) -> T:
    """Look again and again until ``done`` likes what is seen, and give that back.

    Raises:
        AssertionError: the deadline has passed; shows what was seen last.
    """
    deadline = time.monotonic() + seconds
    while not done(seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {seconds} s; last seen: {seen!r}")
        time.sleep(pause)
    return seen
