"""A stage's plumbing, connected to the AWS that boto3 finds."""

from collections.abc import Callable
from typing import TypeVar

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime.clients import data_plane
from runtime.clock import Clock
from runtime.publish import Publisher
from runtime.reconcile import Identity, Moved, Pace, Reconciler
from runtime.rows import Row, RowTable
from runtime.settings import StageSettings

R = TypeVar("R", bound=Row)


def wire_reconciler(
    settings: StageSettings,
    row_type: type[R],
    *,
    identity: Identity[R],
    pace: Pace[R],
    advance: Callable[[R], Moved[R] | None],
    clock: Clock,
) -> Reconciler[R]:
    """Connect a reconciler to the service's table and the topic."""
    return Reconciler(
        identity=identity,
        table=RowTable(boto3.client("dynamodb", config=data_plane()), settings.table_name, row_type),
        publisher=Publisher(boto3.client("sns", config=data_plane()), settings.topic_arn),
        clock=clock,
        pace=pace,
        advance=advance,
    )


def seconds_left(context: LambdaContext) -> Callable[[], float]:
    """Give a function that tells how long this invocation may still take."""
    return lambda: context.get_remaining_time_in_millis() / 1000
