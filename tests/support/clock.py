"""A clock that a test moves."""

from datetime import UTC, datetime, timedelta


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)
