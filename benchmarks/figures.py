"""What a row of the report says."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from benchmarks.pairs import Pair, Spread
from benchmarks.surroundings import Surroundings

TIMES = "x"
"""The unit of a ratio."""


@dataclass(frozen=True)
class Figure:
    """One thing that was measured.

    Attributes:
        what: Of the row's work, for example ``p50, idle``.
        measured: What is held against the aim: the ratio of each pair, or an amount.
        unit: Of ``measured``: `TIMES` for a ratio, else for example ``MB``.
        aim: What the median must not exceed, in the same unit; None where the figure only tells.
        ours: What ours took, where ``measured`` is a ratio.
        baseline: What the baseline took, in the same unit as ``ours``.
        of: That unit.
        missed: Why the aim is missed where it is, and what was tried; shown only then.
        note: What else one has to know to read the figure.
    """

    what: str
    measured: Spread
    unit: str = TIMES
    aim: float | None = None
    ours: Spread | None = None
    baseline: Spread | None = None
    of: str = "s"
    missed: str = ""
    note: str = ""

    @classmethod
    def ratio(
        cls,
        what: str,
        pairs: Sequence[Pair],
        *,
        aim: float | None,
        of: str = "s",
        missed: str = "",
        note: str = "",
    ) -> Self:
        """Sum up pairs; ``of`` is the unit in which both took what they took."""
        return cls(
            what=what,
            measured=Spread.of(pair.ratio for pair in pairs),
            aim=aim,
            ours=Spread.of(pair.ours for pair in pairs),
            baseline=Spread.of(pair.baseline for pair in pairs),
            of=of,
            missed=missed,
            note=note,
        )

    @classmethod
    def amount(
        cls,
        what: str,
        values: Iterable[float],
        unit: str,
        *,
        aim: float | None = None,
        missed: str = "",
        note: str = "",
    ) -> Self:
        """Sum up what is no ratio: megabytes, calls, dollars."""
        return cls(what=what, measured=Spread.of(values), unit=unit, aim=aim, missed=missed, note=note)

    @property
    def met(self) -> bool | None:
        """Whether the median keeps to the aim; None without an aim."""
        return None if self.aim is None else self.measured.median <= self.aim


@dataclass(frozen=True)
class Row:
    """One kind of work, and what it is held against.

    Attributes:
        what: The work, as a user would name it.
        baseline: The least that the work needs, and how it was measured.
        measure: Does both, in turn, and gives the figures.
    """

    what: str
    baseline: str
    measure: Callable[[Surroundings], Iterable[Figure]]
