"""What rows measure in: how much of it, a folder, and a stack once a row asks for one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from local.stack import Stack

T = TypeVar("T")


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        quick: Less of it, for a look within minutes: the figures are rougher.
    """

    quick: bool = False

    @property
    def pairs(self) -> int:
        """How many pairs a median is taken of."""
        return self.choose(7, 3)

    def choose(self, whole: T, quick: T) -> T:
        """Give the one of the two that fits."""
        return quick if self.quick else whole


@dataclass(frozen=True)
class Surroundings:
    """What a row is given.

    Attributes:
        effort: How much it measures.
        folder: To write in; all rows share it, and it goes when they are done.
        stack: Gives the stack that all rows share; the first call starts it.
    """

    effort: Effort
    folder: Path
    stack: Callable[[], Stack]


@contextmanager
def surroundings(
    effort: Effort, running_stack: Callable[[Path], AbstractContextManager[Stack]]
) -> Iterator[Surroundings]:
    """Give surroundings, and clear them away; ``running_stack`` runs a stack in a folder of its own."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(TemporaryDirectory(prefix="bench-")))

        @cache
        def stack() -> Stack:
            return ends.enter_context(running_stack(folder / "stack"))

        yield Surroundings(effort, folder, stack)
