"""What surrounds an operator's command: its outputs, and the AWS of the deployment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.operations.aws import Aws, operator_aws
from cli.places import Place, find_place
from cli.session import reporting
from cli.terminal import Terminal


@dataclass(frozen=True)
class Operation:
    """A terminal, a deployment, and the AWS that it is in."""

    terminal: Terminal
    place: Place
    aws: Aws


@contextmanager
def operating(api: str | None, *, as_json: bool) -> Iterator[Operation]:
    """Give a command its outputs and AWS; the API itself is not asked anything."""
    with reporting(as_json=as_json) as terminal:
        place = find_place(api, env=os.environ, folder=Path.cwd())
        yield Operation(terminal, place, operator_aws(place))
