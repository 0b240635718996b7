"""Call rates as token buckets."""

from datetime import datetime


class RateLimiter:
    """Allows so many calls a second for each key, with bursts of one second's worth."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, ...], tuple[float, datetime]] = {}

    def allow(self, key: tuple[str, ...], per_second: float, now: datetime) -> bool:
        """Take one call from the bucket of `key`; say whether there was one left."""
        capacity = max(1.0, per_second)
        level, then = self._buckets.get(key, (capacity, now))
        level = min(capacity, level + (now - then).total_seconds() * per_second)
        allowed = level >= 1
        self._buckets[key] = (level - 1 if allowed else level, now)
        return allowed
