"""The stack that rows share: AWS's quotas but for projects, and models that learn in no time."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.stack import LocalStack, Options, Stack
from tests.load import simulator

PROJECTS = 2_500
"""Each job has one; AWS's quota would end a row of a thousand jobs at its hundredth."""

SPEED = 3600
"""A training of half an hour lasts half a second: what is measured is the pipeline."""


@contextmanager
def shared_stack(folder: Path) -> Iterator[Stack]:
    """Run the stack in a folder of its own, without a page, and stop it at the end."""
    command = (sys.executable, "-m", simulator.__name__, "--quota", f"projects={PROJECTS}")
    local = LocalStack(folder)
    try:
        stack, _ = local.up(
            Options(
                port=0,
                simulator_port=0,
                speed=SPEED,
                simulator_command=(*command, "--log-level", "warning"),
            )
        )
        yield stack
    finally:
        local.down()
