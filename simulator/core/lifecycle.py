"""A status is a table of legal moves; nothing else may change it."""

from collections.abc import Mapping

GONE = "(gone)"
"""The pseudo-status of a resource that no longer exists."""


class IllegalMoveError(Exception):
    """The simulator itself tried a move that its table does not have."""


class Lifecycle:
    """The legal statuses of one kind of resource and the moves between them."""

    def __init__(self, name: str, moves: Mapping[str, frozenset[str]]) -> None:
        self.name = name
        self.moves = moves

    def move(self, current: str, target: str) -> str:
        """Return `target` if `current` may become it.

        Raises:
            IllegalMoveError: The table has no such move.
        """
        if target not in self.moves.get(current, frozenset()):
            raise IllegalMoveError(f"a {self.name} cannot go from {current} to {target}")
        return target

    def reachable(self, current: str) -> frozenset[str]:
        """Return every status that can ever follow `current`, and `current` itself."""
        seen = {current}
        frontier = [current]
        while frontier:
            fresh = self.moves.get(frontier.pop(), frozenset()) - seen
            seen |= fresh
            frontier.extend(fresh)
        return frozenset(seen)
