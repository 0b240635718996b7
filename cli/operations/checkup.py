"""What a look at the deployment found: a line for each thing looked at, and what a person should do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.client import ApiError, ApiUnreachable
from cli.exits import CliError, ExitCode


class State(StrEnum):
    """How one thing stands."""

    OK = "ok"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        facts: what was found, for programs; `lines` the same for people, as far as it is worth reading.
        findings: what needs a person, each with what to do about it.
        error: why it could not be looked at.
    """

    name: str
    summary: str
    facts: Sequence[dict[str, Any]] = ()
    lines: Sequence[str] = ()
    findings: Sequence[str] = ()
    error: str | None = None

    @property
    def state(self) -> State:
        """How it stands."""
        if self.error is not None:
            return State.UNKNOWN
        return State.ATTENTION if self.findings else State.OK

    def to_json(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            "check": self.name,
            "state": self.state,
            "summary": self.summary,
            "findings": list(self.findings),
            "facts": list(self.facts),
            "error": self.error,
        }


def run_checks(looks: dict[str, Callable[[], Check]]) -> list[Check]:
    """Look at everything; what cannot be looked at keeps nothing else from it."""
    return [_looked(name, look) for name, look in looks.items()]


def exit_code_of(checks: Sequence[Check]) -> ExitCode:
    """Say it to monitoring: something needs a person, or not all could be looked at, or all is well."""
    states = {check.state for check in checks}
    if State.ATTENTION in states:
        return ExitCode.REFUSED
    return ExitCode.UNREACHABLE if State.UNKNOWN in states else ExitCode.OK


def _looked(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except (ApiError, ApiUnreachable, BotoCoreError, ClientError, CliError) as error:
        return Check(name, "could not be looked at", error=str(error))
