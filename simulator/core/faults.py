"""Trouble on demand: which calls fail, and how."""

import math
import random
from dataclasses import dataclass, field
from typing import Any

WIRE_FAULTS = {
    "throttle": "the call is refused with ThrottlingException",
    "error": "the call is refused with a 500",
    "delay": "the answer comes `seconds` late",
    "lost-answer": "the call takes effect and is answered with a 500",
    "quota": "the call is refused as if the account's quota were used up",
}
STAGE_FAULTS = {
    "dataset-fails": ("CreateDataset", "UpdateDatasetEntries", "DistributeDatasetEntries"),
    "training-fails": ("CreateProjectVersion",),
    "start-fails": ("StartProjectVersion",),
    "labelling-fails": ("CreateLabelingJob",),
    "event-lost": ("CreateLabelingJob",),
    "event-doubled": ("CreateLabelingJob",),
    "event-late": ("CreateLabelingJob",),
}
_DETAILS: dict[str, tuple[str, ...]] = {
    "delay": ("seconds",),
    "dataset-fails": ("code",),
    "training-fails": ("code", "message"),
    "start-fails": ("message",),
    "labelling-fails": ("message",),
    "event-late": ("seconds",),
}


class BadFaultError(ValueError):
    """The description of a fault makes no sense; the message says what would."""


@dataclass
class Fault:
    """One rule: calls of `operation` suffer `kind`, the next `times` of them or each with chance `share`.

    Attributes:
        details: `seconds` for delays and late events, `code` and `message` for failing stages.
        seen: How many calls the rule was tried on.
        hit: How many of them suffered.
    """

    number: int
    operation: str
    kind: str
    times: int | None
    share: float | None
    seed: int
    details: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    hit: int = 0

    def strikes(self) -> bool:
        """Decide about the next call, and count it."""
        self.seen += 1
        if self.share is not None:
            # A generator of its own for each call: the same seed gives the same calls, whatever came between.
            struck = random.Random(f"{self.seed}/{self.seen}").random() < self.share  # noqa: S311 (not a secret)
        else:
            struck = self.hit < (self.times or 0)
        self.hit += struck
        return struck

    def describe(self) -> dict[str, Any]:
        """Return the rule as JSON."""
        return {
            "id": self.number,
            "operation": self.operation,
            "fault": self.kind,
            "times": self.times,
            "share": self.share,
            "seed": self.seed,
            **self.details,
            "seen": self.seen,
            "hit": self.hit,
        }


class Faults:
    """The rules that are set."""

    def __init__(self, operations: frozenset[str]) -> None:
        self._operations = operations
        self._rules: list[Fault] = []
        self._count = 0

    def add(self, body: Any) -> Fault:
        """Set a rule from its JSON description.

        Raises:
            BadFaultError: The description makes no sense.
        """
        fault = self._parse(body)
        self._rules.append(fault)
        return fault

    def strike(self, operation: str) -> list[Fault]:
        """Return the rules that strike this call."""
        return [rule for rule in self._rules if rule.operation == operation and rule.strikes()]

    def describe(self) -> list[dict[str, Any]]:
        """Return all rules as JSON, oldest first."""
        return [rule.describe() for rule in self._rules]

    def clear(self, number: int | None = None) -> int:
        """Remove one rule, or all; return how many went."""
        kept = [] if number is None else [rule for rule in self._rules if rule.number != number]
        gone = len(self._rules) - len(kept)
        self._rules = kept
        return gone

    def _parse(self, body: Any) -> Fault:
        if not isinstance(body, dict):
            raise BadFaultError('a fault is an object: {"operation": …, "fault": …, "times": 1}')
        operation, kind = body.get("operation"), body.get("fault")
        if operation not in self._operations:
            raise BadFaultError(
                f"operation {operation!r} is not simulated; see docs/simulator.md for the list"
            )
        if kind not in WIRE_FAULTS and kind not in STAGE_FAULTS:
            raise BadFaultError(
                f"fault {kind!r} is unknown; choose from {', '.join([*WIRE_FAULTS, *STAGE_FAULTS])}"
            )
        if kind in STAGE_FAULTS and operation not in STAGE_FAULTS[kind]:
            raise BadFaultError(f"{kind} belongs to {' or '.join(STAGE_FAULTS[kind])}, not to {operation}")
        times, share = _amount(body)
        seed = body.get("seed", 0)
        if not isinstance(seed, int):
            raise BadFaultError(f"seed must be a whole number, got {seed!r}")
        details = _details(kind, body)
        self._count += 1
        return Fault(self._count, operation, kind, times, share, seed, details)


def _amount(body: dict[str, Any]) -> tuple[int | None, float | None]:
    times, share = body.get("times"), body.get("share")
    if times is not None and share is not None:
        raise BadFaultError("give times (the next n calls) or share (a chance for each call), not both")
    if share is not None:
        if not isinstance(share, int | float) or not 0 <= share <= 1:
            raise BadFaultError(f"share must be a number from 0 to 1, got {share!r}")
        return None, float(share)
    times = 1 if times is None else times
    if not isinstance(times, int) or times < 1:
        raise BadFaultError(f"times must be a whole number of at least 1, got {times!r}")
    return times, None


def _details(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return what the fault's own kind takes."""
    common = ("operation", "fault", "times", "share", "seed")
    own = _DETAILS.get(kind, ())
    unknown = sorted(body.keys() - {*common, *own})
    if unknown:
        raise BadFaultError(
            f"{kind} does not take {', '.join(unknown)}; it takes {', '.join((*common, *own))}"
        )
    details = {name: body[name] for name in own if name in body}
    for name, value in details.items():
        if name == "seconds":
            if not isinstance(value, int | float) or not 0 <= value < math.inf:
                raise BadFaultError(f"seconds must be a number of at least 0, got {value!r}")
        elif not isinstance(value, str):
            raise BadFaultError(f"{name} must be text, got {value!r}")
    return details
