"""Stacks to measure on, whose models learn in no time, and boto3 clients of them."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from local.clients import Endpoint
from local.stack import LocalStack, Options, Stack
from tests.load import simulator
from tests.support.waiting import wait_until

SPEED = 3600
"""A training of half an hour lasts half a second: what is measured is the pipeline."""

QUOTAS = {"projects": 2_500, "concurrent_trainings": 100, "running_models": 100}
"""Jobs would wait for AWS's own instead of for us."""


@contextmanager
def shared_stack(folder: Path) -> Iterator[Stack]:
    """Run the stack that rows share in a folder of its own, without a page, and stop it at the end."""
    quotas = [word for name, most in QUOTAS.items() for word in ("--quota", f"{name}={most}")]
    local = LocalStack(folder)
    try:
        stack, _ = local.up(
            Options(
                port=0,
                simulator_port=0,
                speed=SPEED,
                simulator_command=(
                    sys.executable,
                    "-m",
                    simulator.__name__,
                    *quotas,
                    "--log-level",
                    "warning",
                ),
            )
        )
        yield stack
    finally:
        local.down()


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

    @contextmanager
    def configured(self, function: str, **variables: str) -> Iterator[None]:
        """Give a function other variables for the time of the block."""
        usual = self.lambda_.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        self._configure(function, {**usual, **variables})
        try:
            yield
        finally:
            self._configure(function, usual)

    def _configure(self, function: str, variables: Mapping[str, str]) -> None:
        self.lambda_.update_function_configuration(
            FunctionName=function, Environment={"Variables": variables}
        )
        self.lambda_.get_waiter("function_updated_v2").wait(FunctionName=function)

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
