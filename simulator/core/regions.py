"""State kept apart by account and region."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from simulator.core.wire import Caller

State = TypeVar("State")


class Regions(Generic[State]):
    """One state object per account and region, made when first looked at."""

    def __init__(self, make: Callable[[], State]) -> None:
        self._make = make
        self._states: dict[Caller, State] = {}

    def at(self, caller: Caller) -> State:
        """Return the state of an account in a region."""
        return self._states.setdefault(caller, self._make())

    def put(self, caller: Caller, state: State) -> None:
        """Replace the state of an account in a region."""
        self._states[caller] = state

    def items(self) -> Iterator[tuple[Caller, State]]:
        """Yield every account and region that has state."""
        yield from self._states.items()
