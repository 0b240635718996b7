"""The log of what was called, for tests that ask how often something was paid for."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

_SHOWN_BYTES = 64


@dataclass(frozen=True)
class CallRecord:
    """One call as it was answered. `error` is empty when it succeeded, `fault` when none was injected."""

    number: int
    time: datetime
    account: str
    region: str
    service: str
    operation: str
    status: int
    error: str
    fault: str
    request: dict[str, Any]


class CallLog:
    """The latest calls, oldest first."""

    def __init__(self, limit: int) -> None:
        self._records: deque[CallRecord] = deque(maxlen=limit)
        self._count = 0

    def add(self, **details: Any) -> None:
        """Note a call; takes the fields of `CallRecord` but its number."""
        self._count += 1
        self._records.append(CallRecord(number=self._count, **details))

    def find(self, **wanted: str) -> list[dict[str, Any]]:
        """Return the calls whose fields have the wanted values, as JSON."""
        found = [asdict(r) for r in self._records if all(str(getattr(r, k)) == v for k, v in wanted.items())]
        return [{**record, "time": record["time"].isoformat()} for record in found]

    def clear(self) -> None:
        """Forget all calls; numbers go on."""
        self._records.clear()


def shorten(value: Any) -> Any:
    """Return a request as it is logged: long strings (images, manifests) cut."""
    if isinstance(value, dict):
        return {name: shorten(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shorten(item) for item in value]
    if isinstance(value, str) and len(value) > 2048:
        return f"{value[:_SHOWN_BYTES]}… ({len(value)} characters)"
    return value
