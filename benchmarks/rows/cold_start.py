"""From an empty interpreter to a handler that is ready for its first message."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environment import of_service
from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair
from benchmarks.surroundings import Surroundings
from local.service_spec import ServiceSpec, read_services
from tools.package import ROOT

_CLIENTS = (
    "It makes its clients too, for which boto3 reads its endpoints and models (70 ms for whichever client is "
    "the first, 25 for S3, 41 for SageMaker): see the figure with the same clients made."
)
_MODELS = (
    "What is left is pydantic's: the classes of events and requests, 30 to 60 ms, and for requests "
    "Powertools' OpenAPI parameters, 25 ms. Done: models are built when they are first used (20 to 30 ms "
    "less), the resolver is imported for requests alone, zips for AWS hold byte code (0.45 s instead of 1.1)."
)


@dataclass(frozen=True)
class _Handler:
    """One way of waking a service.

    Attributes:
        name: The service, and what of it.
        module: Where its handler is.
        wire: The function there that its first call runs once.
        byte_code: Where Python keeps it, for ours and the libraries alike.
    """

    name: str
    spec: ServiceSpec
    module: str
    wire: str
    byte_code: Path

    @property
    def environment(self) -> Mapping[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **of_service(self.spec), "PYTHONPYCACHEPREFIX": str(self.byte_code)}


@dataclass(frozen=True)
class _Turn:
    """What each handler took, what boto3 and the libraries took alone, and that with the same clients."""

    ours: float
    imports: float
    with_clients: float


def measure(given: Surroundings) -> Iterator[Figure]:
    """Start every handler, the libraries alone, and the libraries with the same clients, in turn."""
    handlers = _handlers(given.folder / "byte-code")
    turns: dict[str, list[_Turn]] = {handler.name: [] for handler in handlers}
    for handler in handlers:  # so that all is compiled before it counts
        _run(handler, "ours", handler.module, handler.wire)
    for _ in range(given.effort.choose(given.effort.pairs, 2)):
        bare = _Bare(handlers[0])
        for handler in handlers:
            ours, clients = _run(handler, "ours", handler.module, handler.wire)
            turns[handler.name].append(_Turn(ours, bare.seconds(()), bare.seconds(tuple(sorted(clients)))))
    for name, taken in turns.items():
        yield Figure.ratio(name, [Pair(turn.ours, turn.imports) for turn in taken], aim=1.3, missed=_CLIENTS)
        same = [Pair(turn.ours, turn.with_clients) for turn in taken]
        yield Figure.ratio(f"{name}, same clients made", same, aim=1.3, missed=_MODELS)


class _Bare:
    """The libraries alone, in one turn: once for each choice of clients."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self._seconds: dict[tuple[str, ...], float] = {}

    def seconds(self, clients: tuple[str, ...]) -> float:
        if clients not in self._seconds:
            self._seconds[clients], _ = _run(self._handler, "bare", *clients)
        return self._seconds[clients]


def _handlers(byte_code: Path) -> list[_Handler]:
    """Name each way in which a service wakes: for messages and ticks, or for requests, with its routes."""
    return [
        _Handler(f"{spec.service}, HTTP" if wire == "app" else spec.service, spec, module, wire, byte_code)
        for spec in read_services(ROOT / "services")
        for module, wire in sorted(
            {
                (function.module, "app" if function.routes else "service")
                for function in spec.functions.values()
            }
        )
    ]


def _run(handler: _Handler, *arguments: str) -> tuple[float, list[str]]:
    """Give the seconds that a fresh process took, and the clients that it made."""
    command = [sys.executable, "-m", "benchmarks.cold", *arguments]
    done = subprocess.run(  # noqa: S603 - a module of ours
        command, cwd=ROOT, env=handler.environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stderr}")
    seconds, *clients = done.stdout.splitlines()[-1].split()
    return float(seconds), clients


ROW = Row(
    what="import and first wiring of a handler in a fresh interpreter, from byte code, in processor seconds",
    baseline="importing boto3, pydantic, and Powertools' logger and batch processor, nothing else",
    measure=measure,
)
