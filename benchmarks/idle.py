"""What the pipeline asks of AWS, and what it costs, while nobody uses it: counted from what is deployed.

List prices in US dollars, us-east-1, of November 2026 as far as known. SageMaker and Rekognition do not
occur: nothing of theirs runs at rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.service_spec import FunctionSpec, ServiceSpec

DAYS = 30
TICKS_A_DAY = 24 * 60

POLLERS = (2, 5)
"""Pollers that Lambda keeps at a queue where nothing comes: two to five (services-sqs-scaling)."""
POLL_SECONDS = 20

TICK_SECONDS = 0.1
"""Billed for an idle tick: 5 ms of processor at a seventh of one, and two to four answers of DynamoDB."""
TICK_LOG_BYTES = 900
"""Lambda's three lines and our one or two."""
KMS_REQUESTS_AN_HOUR = 12
"""For each table that is read: DynamoDB keeps a table's key for five minutes."""

ALARMS_OF_A_QUEUE = 2
ALARMS_OF_THE_WHOLE = 3
"""Throttles, the API's 5xx, a model that runs long."""

PER_MONTH = {"key": 1.00, "alarm": 0.10, "metric": 0.30, "dashboard": 3.00}
PER_MILLION = {"sqs": 0.40, "lambda": 0.20, "scheduler": 1.00, "read unit": 0.125, "kms": 3.00}
PER_GB_SECOND = 0.0000133334
PER_GB_OF_LOGS = 0.50
READ_UNITS_OF_A_QUERY = 0.5
"""An index is read eventually consistent, and an empty answer costs the least there is."""

FREE = {
    "alarms": 10,
    "metrics": 10,
    "dashboards": 3,
    "sqs": 1_000_000,
    "lambda": 1_000_000,
    "gb seconds": 400_000,
    "scheduler": 14_000_000,
    "kms": 20_000,
    "gb of logs": 5,
}
"""A month, for ever; DynamoDB's free units are for provisioned tables only."""


@dataclass(frozen=True)
class Range:
    """An amount of which only its bounds are known, or one that is known."""

    least: float
    most: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.least + other.least, self.most + other.most)


@dataclass(frozen=True)
class Item:
    """What is paid for a month: by itself, and with the always-free allowances used for nothing else."""

    what: str
    alone: Range
    after_allowances: Range


@dataclass(frozen=True)
class Rest:
    """What is deployed, as far as it costs anything at rest.

    Attributes:
        queues: Polled by Lambda.
        alarms: Of metrics, each with one.
        watchers: Functions that the clock calls, by the gigabytes of memory that each has.
        queries: That all of them make in a minute.
        tables: That they read.
    """

    queues: int
    alarms: int
    watchers: Sequence[float]
    queries: int
    tables: int

    @property
    def ticks(self) -> int:
        """How often a watcher is called in a month."""
        return len(self.watchers) * TICKS_A_DAY * DAYS

    @property
    def polls_a_day(self) -> Range:
        """How often Lambda asks the queues."""
        of_one = 24 * 3600 // POLL_SECONDS
        return Range(*(self.queues * pollers * of_one for pollers in POLLERS))

    def calls_a_day(self) -> dict[str, Range]:
        """Count the calls to AWS in a day, by who makes them."""
        ticks = self.ticks / DAYS
        queries = self.queries * TICKS_A_DAY
        return {
            "Scheduler calls watchers": Range(ticks, ticks),
            "watchers query DynamoDB": Range(queries, queries),
            "Lambda polls queues": self.polls_a_day,
        }

    def month(self) -> list[Item]:
        """Give what a month costs."""
        polls = Range(self.polls_a_day.least * DAYS, self.polls_a_day.most * DAYS)
        gb_seconds = sum(self.watchers) * TICK_SECONDS * TICKS_A_DAY * DAYS
        logs = self.ticks * TICK_LOG_BYTES / 1e9
        kms = self.tables * KMS_REQUESTS_AN_HOUR * 24 * DAYS
        reads = self.queries * TICKS_A_DAY * DAYS * READ_UNITS_OF_A_QUERY
        read_cost = reads * PER_MILLION["read unit"] / 1e6
        watchers = len(self.watchers)
        return [
            _sure("KMS key", PER_MONTH["key"], PER_MONTH["key"]),
            _counted("alarms", self.alarms, PER_MONTH["alarm"], FREE["alarms"]),
            _counted("metrics of our own", watchers, PER_MONTH["metric"], FREE["metrics"]),
            _counted("dashboard", 1, PER_MONTH["dashboard"], FREE["dashboards"]),
            _spread("SQS", polls, PER_MILLION["sqs"] / 1e6, FREE["sqs"]),
            _sure(
                "Lambda",
                self.ticks * PER_MILLION["lambda"] / 1e6 + gb_seconds * PER_GB_SECOND,
                max(self.ticks - FREE["lambda"], 0) * PER_MILLION["lambda"] / 1e6
                + max(gb_seconds - FREE["gb seconds"], 0) * PER_GB_SECOND,
            ),
            _counted("EventBridge Scheduler", self.ticks, PER_MILLION["scheduler"] / 1e6, FREE["scheduler"]),
            _sure(
                "DynamoDB, KMS requests, logs",
                read_cost + kms * PER_MILLION["kms"] / 1e6 + logs * PER_GB_OF_LOGS,
                read_cost
                + max(kms - FREE["kms"], 0) * PER_MILLION["kms"] / 1e6
                + max(logs - FREE["gb of logs"], 0) * PER_GB_OF_LOGS,
            ),
        ]


def at_rest(specs: Sequence[ServiceSpec], queries: Mapping[str, int]) -> Rest:
    """Count what `service.yaml` deploys.

    Args:
        specs: All services.
        queries: How often each service's idle tick asks DynamoDB.
    """
    functions = [function for spec in specs for function in spec.functions.values()]
    queues = sum(function.on == "queue" for function in functions)
    watchers = [function for function in functions if function.every is not None]
    called = len(functions) - len(watchers)
    return Rest(
        queues=queues,
        alarms=ALARMS_OF_A_QUEUE * queues + called + len(watchers) + ALARMS_OF_THE_WHOLE,
        watchers=[_gigabytes(function) for function in watchers],
        queries=sum(queries[spec.service] for spec in specs),
        tables=sum(spec.table is not None for spec in specs),
    )


def total(items: Sequence[Item]) -> tuple[Range, Range]:
    """Give what all of it costs a month, alone and after the allowances."""
    alone, after = Range(0, 0), Range(0, 0)
    for item in items:
        alone, after = alone + item.alone, after + item.after_allowances
    return alone, after


def _gigabytes(function: FunctionSpec) -> float:
    return function.memory / 1024


def _sure(what: str, alone: float, after: float) -> Item:
    return Item(what, Range(alone, alone), Range(after, after))


def _counted(what: str, number: float, price: float, free: float) -> Item:
    return _sure(what, number * price, max(number - free, 0) * price)


def _spread(what: str, number: Range, price: float, free: float) -> Item:
    return Item(
        what,
        Range(number.least * price, number.most * price),
        Range(max(number.least - free, 0) * price, max(number.most - free, 0) * price),
    )
