"""The form in which each service says what it keeps of AWS's behaviour and what it does not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Coverage:
    """One operation: the rules kept, what is left out, and the page of AWS's documentation it follows."""

    kept: str
    left_out: str
    page: str


@dataclass(frozen=True)
class Unconfirmed:
    """A question AWS's documentation leaves open, what the simulator does, and the switch for it, if any."""

    question: str
    answer: str
    switch: str = ""
