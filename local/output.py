"""What the command line prints."""

import sys

from local.deploy import Deployed
from local.stack import LocalStack, Stack
from local.web import answers


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def print_stack(stack: LocalStack, made: Stack, deployed: Deployed, seconds: float) -> None:
    """Say where things answer and what the deployment did."""
    counts = ", ".join(
        f"{count} {outcome.value}" for outcome, count in sorted(deployed.outcomes.items(), key=str)
    )
    say(f"deployed in {seconds:.1f} s: {counts}")
    say(f"  page       {made.console or 'left out, for it is not built: make console'}")
    say(f"  HTTP API   {made.api}/api/training/…")
    say(f"  AWS        {made.aws}   (region {made.region}, access key and secret: test)")
    say(f"  simulator  {made.simulator}   (SageMaker and Rekognition)")
    say(f"written to {stack.file}")


def print_status(stack: LocalStack) -> int:
    """Say what runs; 0 if a stack was deployed and answers."""
    records = {process.name: process.record() for process in reversed(stack.processes)}
    for name, record in records.items():
        if record is not None:
            say(f"{name:10} runs, process {record.pid}, {record.url}")
    try:
        made = Stack.read(stack.file)
    except FileNotFoundError:
        say("nothing is deployed; start it with: make up")
        return 1
    if not answers(made.aws):
        say(f"nothing answers at {made.aws} any more; start it again with: make up")
        return 1
    say(f"HTTP API   {made.api}")
    if made.console is not None:
        say(f"page       {made.console}")
    return 0
