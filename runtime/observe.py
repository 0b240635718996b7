"""Structured logs and metrics; nothing personal, and no payload, goes into either."""

from functools import cache

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit


@cache
def get_logger() -> Logger:
    """Give this process's JSON logger; the service's name comes from ``POWERTOOLS_SERVICE_NAME``."""
    return Logger()


def count(metric: str, number: int = 1, **dimensions: str) -> None:
    """Count something that an alarm or the dashboard looks at (embedded metric format)."""
    _emit(metric, MetricUnit.Count, number, dimensions)


def duration(metric: str, seconds: float, **dimensions: str) -> None:
    """Record how long something took."""
    _emit(metric, MetricUnit.Seconds, seconds, dimensions)


def level(metric: str, value: float, **dimensions: str) -> None:
    """Record how high something stands, in the unit that its name says."""
    _emit(metric, MetricUnit.NoUnit, value, dimensions)


def _emit(metric: str, unit: MetricUnit, value: float, dimensions: dict[str, str]) -> None:
    with single_metric(name=metric, unit=unit, value=value) as emitted:
        for name, text in dimensions.items():
            emitted.add_dimension(name=name, value=text)
