"""The functions' logs, as CloudWatch Logs has them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from local.clients import Endpoint
from local.output import say
from local.stack import LocalStack, Stack, StackError

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

_NOT_WRITTEN_BY_THE_CODE = ("START RequestId:", "END RequestId:", "REPORT RequestId:", '{"_aws":')


def print_logs(stack: LocalStack, service: str) -> int:
    """Print every line that a service's functions wrote, or all functions', oldest first.

    Left out is what Lambda writes about each call, and the metrics, of which every tick brings some.

    Raises:
        StackError: No stack was started, or no function of that name is there.
    """
    try:
        made = Stack.read(stack.file)
    except FileNotFoundError:
        raise StackError("nothing is deployed; start it with: make up") from None
    endpoint = Endpoint(made.aws, made.region)
    client = endpoint.session.client("logs", endpoint_url=endpoint.url, config=endpoint.config)
    prefix = f"/aws/lambda/{made.prefix}-"
    groups = [name for name in _groups(client, prefix) if name.removeprefix(prefix).startswith(service)]
    if not groups:
        raise StackError(f"no function's name begins with {service!r}")
    lines = [line for group in groups for line in _lines(client, group, group.removeprefix(prefix))]
    for moment, function, message in sorted(lines, key=itemgetter(0)):
        time = datetime.fromtimestamp(moment / 1000, tz=UTC).strftime("%H:%M:%S.%f")[:-3]
        say(f"{time} {function:24} {message}")
    for process in stack.processes:
        say(f"{process.name} itself writes to {process.log}")
    return 0


def _groups(client: "CloudWatchLogsClient", prefix: str) -> Iterator[str]:
    for page in client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
        yield from (group["logGroupName"] for group in page["logGroups"])


def _lines(client: "CloudWatchLogsClient", group: str, function: str) -> Iterator[tuple[int, str, str]]:
    for page in client.get_paginator("filter_log_events").paginate(logGroupName=group):
        for event in page["events"]:
            if event["message"].startswith(_NOT_WRITTEN_BY_THE_CODE):
                continue
            yield event["timestamp"], function, event["message"].rstrip()
