"""What `terraform test` found with a mocked provider, and what the configuration would have made."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

Values = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """One resource as it would stand, with the values that the configuration gives it."""

    address: str
    kind: str
    values: Values


@dataclass(frozen=True)
class Made:
    """All resources of one run."""

    resources: tuple[Resource, ...]

    def of(self, kind: str) -> list[Resource]:
        """Give those of a kind."""
        return [resource for resource in self.resources if resource.kind == kind]

    def named(self, kind: str, attribute: str = "name") -> dict[str, Values]:
        """Give the values of those of a kind, by their name."""
        return {resource.values[attribute]: resource.values for resource in self.of(kind)}


@dataclass(frozen=True)
class Runs:
    """How each run ended, and what it made; a run that only plans makes nothing."""

    outcomes: Mapping[str, str]
    made: Mapping[str, Made]

    def to_json(self) -> str:
        """Write it down."""
        made = {run: [asdict(resource) for resource in made.resources] for run, made in self.made.items()}
        return json.dumps({"outcomes": self.outcomes, "made": made})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        members = json.loads(text)
        made = {
            run: Made(tuple(Resource(**resource) for resource in resources))
            for run, resources in members["made"].items()
        }
        return cls(members["outcomes"], made)


def read_runs(printed: str) -> Runs:
    """Read what `terraform test -json -verbose` printed."""
    outcomes: dict[str, str] = {}
    made: dict[str, Made] = {}
    for line in printed.splitlines():
        message = json.loads(line)
        if message["type"] == "test_run" and message["test_run"].get("progress", "complete") == "complete":
            outcomes[message["test_run"]["run"]] = message["test_run"]["status"]
        elif message["type"] == "test_state":
            made[message["@testrun"]] = Made(tuple(_resources(message["test_state"]["root_module"])))
    return Runs(outcomes, made)


def _resources(module: Values) -> Iterator[Resource]:
    for resource in module.get("resources", []):
        if resource["mode"] == "managed":
            yield Resource(resource["address"], resource["type"], resource["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)
