"""The one source of time; everything that waits gets a clock from outside."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

Listener = Callable[[], None]


class Clock(Protocol):
    """Tells the time and says when it jumped."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        ...

    def subscribe(self, listener: Listener) -> None:
        """Have `listener` called whenever the time was moved other than by passing."""
        ...


class SystemClock:
    """The machine's own clock; it passes by itself and never jumps."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return datetime.now(UTC)

    def subscribe(self, listener: Listener) -> None:
        """Accept a listener that will never be called."""


class FrozenClock:
    """A clock that stands still until it is advanced by hand, for tests."""

    def __init__(self, start: datetime = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._listeners: list[Listener] = []

    def now(self) -> datetime:
        """Return the moment the clock stands at."""
        return self._now

    def subscribe(self, listener: Listener) -> None:
        """Have `listener` called after every `advance`."""
        self._listeners.append(listener)

    def advance(self, seconds: float) -> None:
        """Move the time forward and wake whoever waits for it."""
        if seconds < 0:
            raise ValueError("time moves forward only: seconds must not be negative")
        self._now += timedelta(seconds=seconds)
        for listener in self._listeners:
            listener()
