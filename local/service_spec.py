"""`services/*/service.yaml` as typed, frozen models; `services/README.md` says what each member means."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)

from local import yaml12

PLACEHOLDERS = frozenset(
    {
        "partition",
        "region",
        "account",
        "prefix",
        "bucket",
        "topic",
        "table",
        "key",
        "labelling_role",
        "workteam",
        "labels",
        "labelling_backend",
    }
)
_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Attribute = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,255}$")]
IndexName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{3,255}$")]
TableName = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}$")]
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.-]*\.v[1-9][0-9]*$")]
Action = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*:[A-Z][A-Za-z]*$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Route = Annotated[
    str, StringConstraints(pattern=r"^(?:GET|POST|PUT|PATCH|DELETE) (?:/(?:[A-Za-z0-9._-]+|\{[A-Za-z]+\}))+$")
]


class SpecError(ValueError):
    """A `service.yaml` says something that cannot be deployed; the message names the file and the member."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class IndexSpec(_Model):
    """A global secondary index; its keys are strings."""

    partition_key: Attribute
    sort_key: Attribute | None = None
    projection: Literal["KEYS_ONLY", "ALL"]


class TableSpec(_Model):
    """A table; its keys are strings."""

    partition_key: Attribute
    sort_key: Attribute | None = None
    ttl: Attribute | None = None
    indexes: dict[IndexName, IndexSpec] = {}


class FunctionSpec(_Model):
    """A function and the one thing that calls it: the service's queue, the clock, or HTTP routes."""

    handler: str = Field(pattern=r"^services(?:\.[a-z_][a-z0-9_]*){3,}$")
    timeout: int = Field(ge=1, le=900)
    memory: int = Field(ge=128, le=10_240)
    on: Literal["queue"] | None = None
    # More than ten would need a batching window [services-sqs-configure]; we answer at once instead.
    batch_size: int | None = Field(default=None, ge=1, le=10)
    # AWS allows no maximum below two [ScalingConfig].
    max_concurrency: int | None = Field(default=None, ge=2, le=1000)
    every: Literal["tick"] | None = None
    routes: list[Route] = []

    @property
    def module(self) -> str:
        """Where the handler is."""
        return self.handler.rpartition(".")[0]

    @model_validator(mode="after")
    def _has_one_trigger(self) -> Self:
        if [self.on is not None, self.every is not None, bool(self.routes)].count(True) != 1:
            raise ValueError("a function has exactly one of 'on', 'every' and 'routes'")
        if (self.on is not None) != (self.batch_size is not None) or (self.on is not None) != (
            self.max_concurrency is not None
        ):
            raise ValueError("'on: queue' goes with 'batch_size' and 'max_concurrency', and they with it")
        # API Gateway gives up after 29 s; a longer function would work on for nobody [api-gateway limits].
        if self.routes and self.timeout > 29:
            raise ValueError("a function with routes has 29 seconds at most")
        return self


class StatementSpec(_Model):
    """One statement of the roles' policy: actions, resources, and conditions (operator, key, values)."""

    actions: list[Action] = Field(min_length=1)
    on: list[str] = Field(min_length=1)
    when: dict[str, dict[str, list[str]]] = {}


class ServiceSpec(_Model):
    """One service."""

    service: Name
    description: str = Field(min_length=1)
    consumes: list[EventType] = []
    publishes: list[EventType] = []
    eventbridge: dict[Name, dict[str, JsonValue]] = {}
    table: TableSpec | None = None
    table_of: Name | None = None
    tables: dict[TableName, TableSpec] = {}
    environment: dict[Variable, str] = {}
    functions: dict[Name, FunctionSpec] = Field(min_length=1)
    allow: list[StatementSpec] = []
    includes: list[str] = []

    @property
    def folder(self) -> str:
        """The folder and Python package of the service."""
        return self.service.replace("-", "_")

    @property
    def queue_function(self) -> str | None:
        """The name of the function that reads the queue, if the service has one."""
        return next((name for name, function in self.functions.items() if function.on == "queue"), None)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.table is not None and self.table_of is not None:
            raise ValueError("give 'table' or 'table_of', not both")
        if "table" in self.tables:
            raise ValueError("a further table needs a name of its own: 'table' is the service's first")
        readers = [name for name, function in self.functions.items() if function.on == "queue"]
        hears = bool(self.consumes or self.eventbridge)
        if len(readers) != int(hears):
            raise ValueError(
                "a service that consumes events has exactly one function 'on: queue', any other has none; "
                f"consumes or eventbridge is {'given' if hears else 'missing'}, readers: {readers or 'none'}"
            )
        for name, function in self.functions.items():
            if not function.handler.startswith(f"services.{self.folder}."):
                raise ValueError(f"the handler of {name} is outside services.{self.folder}")
        _check_placeholders(self)
        return self


def table_placeholder(name: str) -> str:
    """Name the placeholder of a further table's ARN."""
    return f"{name}_table"


def table_variable(name: str) -> str:
    """Name the variable in which a service's functions find a further table's name."""
    return f"{name.upper()}_TABLE_NAME"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace each `${name}` by its value.

    Raises:
        SpecError: There is nothing to fill a placeholder with, as for `${table}` in a service without one.
    """

    def value_of(match: re.Match[str]) -> str:
        try:
            return values[match.group(1)]
        except KeyError:
            raise SpecError(f"nothing is known to fill {match.group(0)} with, in {text!r}") from None

    return _PLACEHOLDER.sub(value_of, text)


def read_services(root: Path) -> tuple[ServiceSpec, ...]:
    """Read every `service.yaml` below the services folder, in order of name.

    Raises:
        SpecError: A file is missing, unreadable, or says something that cannot be deployed.
    """
    paths = sorted(root.glob("*/service.yaml"))
    if not paths:
        raise SpecError(f"there is no */service.yaml below {root}")
    specs = tuple(_read(path) for path in paths)
    tables = {spec.service for spec in specs if spec.table is not None}
    for path, spec in zip(paths, specs, strict=True):
        if path.parent.name != spec.folder:
            raise SpecError(f"{path}: the service {spec.service} belongs in a folder named {spec.folder}")
        if spec.table_of is not None and spec.table_of not in tables:
            raise SpecError(f"{path}: table_of names {spec.table_of}, which has no table")
    return specs


def _read(path: Path) -> ServiceSpec:
    try:
        return ServiceSpec.model_validate(yaml12.load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise SpecError(f"{path} is no YAML we can read: {error}") from error
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        told = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'service'}: {fault['msg']}" for fault in faults
        )
        raise SpecError(f"{path}: {told}") from error


def _check_placeholders(spec: ServiceSpec) -> None:
    texts = [*spec.environment.values(), *_statement_texts(spec.allow)]
    known = PLACEHOLDERS | {table_placeholder(name) for name in spec.tables}
    unknown = {name for text in texts for name in _PLACEHOLDER.findall(text)} - known
    if unknown:
        raise ValueError(f"unknown placeholders {sorted(unknown)}; there are {sorted(known)}")


def _statement_texts(statements: Iterable[StatementSpec]) -> Iterable[str]:
    for statement in statements:
        yield from statement.on
        for condition in statement.when.values():
            for values in condition.values():
                yield from values
