"""A sign of life now and then, from the middle of long work."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from runtime.clock import Clock

T = TypeVar("T")

_AT_ONCE = 16
"""Items between two looks at the clock, which takes a tenth of what a line takes."""


class Heartbeat:
    """Calls ``beat`` once per ``every``, however often there is an occasion."""

    def __init__(self, beat: Callable[[], None], every: timedelta, clock: Clock) -> None:
        self._beat = beat
        self._every = every
        self._clock = clock
        self._next = clock() + every

    def during(self, items: Iterable[T]) -> Iterator[T]:
        """Pass the items on, some at a time; each time is an occasion."""
        rest = iter(items)
        while some := list(islice(rest, _AT_ONCE)):
            now = self._clock()
            if now >= self._next:
                self._beat()
                self._next = now + self._every
            yield from some
