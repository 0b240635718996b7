"""Stacks to measure on, whose models learn in no time, and boto3 clients of them."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal

from local.clients import Endpoint
from local.stack import LocalStack, Options, Stack
from tests.load import simulator
from tests.support.waiting import wait_until

SPEED = 3600
"""A training of half an hour lasts half a second: what is measured is the pipeline."""

NO_WAITING = {"projects": 2_500, "concurrent_trainings": 100, "running_models": 100}
"""Jobs would wait for these quotas instead of for us; how many are labelled at once is as on AWS."""


@contextmanager
def stack_in(folder: Path, quotas: Mapping[str, int], **function_environment: str) -> Iterator[Stack]:
    """Run a stack in a folder of its own, without a page, and stop it at the end."""
    chosen = [word for name, most in quotas.items() for word in ("--quota", f"{name}={most}")]
    local = LocalStack(folder)
    try:
        stack, _ = local.up(
            Options(
                port=0,
                simulator_port=0,
                speed=SPEED,
                function_environment=function_environment,
                simulator_command=(
                    sys.executable,
                    "-m",
                    simulator.__name__,
                    *chosen,
                    "--log-level",
                    "warning",
                ),
            )
        )
        yield stack
    finally:
        local.down()


def shared_stack(folder: Path) -> AbstractContextManager[Stack]:
    """Run the stack that rows share."""
    return stack_in(folder, NO_WAITING)


class Clients:
    """boto3 clients of the stack, and what rows ask with them."""

    def __init__(self, stack: Stack) -> None:
        at = Endpoint(stack.aws, stack.region)
        self.lambda_ = at.session.client("lambda", endpoint_url=at.url, config=at.config)
        self.sns = at.session.client("sns", endpoint_url=at.url, config=at.config)
        self.sqs = at.session.client("sqs", endpoint_url=at.url, config=at.config)
        self.dynamodb = at.session.client("dynamodb", endpoint_url=at.url, config=at.config)
        self.rekognition = at.session.client("rekognition", endpoint_url=stack.simulator, config=at.config)
        self.logs = at.session.client("logs", endpoint_url=at.url, config=at.config)

    def wait_until_queues_are_empty(self, seconds: float) -> None:
        """Wait until every event has been taken by everyone whom it concerns."""
        names: list[Literal["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ]
        urls = [url for url in self.sqs.list_queues()["QueueUrls"] if not url.endswith("-dlq")]

        def left() -> int:
            found = (self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names) for url in urls)
            return sum(int(count) for answer in found for count in answer["Attributes"].values())

        wait_until(left, lambda count: count == 0, seconds=seconds)
