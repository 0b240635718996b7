"""What became of a resource, and policies compared as what they mean."""

import json
from enum import Enum

from local.resources import Policy


class Outcome(Enum):
    """What applying a resource did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"

    @classmethod
    def of(cls, *, created: bool = False, updated: bool = False) -> "Outcome":
        """Name the outcome; creation outranks a later update of the same resource."""
        return cls.CREATED if created else cls.UPDATED if updated else cls.UNCHANGED


def as_json(policy: Policy) -> str:
    """Write a policy, always the same way."""
    return json.dumps(policy, sort_keys=True, separators=(",", ":"))


def same_json(stored: str | None, wanted: Policy | None) -> bool:
    """Tell whether stored JSON says the same as a policy, whatever its spaces and order; empty means none."""
    return (json.loads(stored) if stored else None) == wanted
