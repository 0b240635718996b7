"""What the pipeline costs at rest, and that the manual says the same."""

import re
from pathlib import Path

import pytest

from benchmarks.idle import Range, at_rest, total
from local.service_spec import read_services

SPECS = read_services(Path("services"))
QUERIES = {"dataset": 2, "dataset-watcher": 2, "deployer": 3, "job-api": 1, "labelling": 3, "trainer": 3}
REST = at_rest(SPECS, QUERIES)
MANUAL = Path("docs/aws.md").read_text(encoding="utf-8")


def test_what_is_deployed_is_counted() -> None:
    assert (REST.queues, len(REST.watchers), REST.queries, REST.tables) == (5, 6, 14, 5)


def test_every_alarm_is_counted_that_terraform_makes() -> None:
    terraform = Path("terraform/modules/observability/main.tf").read_text(encoding="utf-8")
    blocks = re.findall(r'resource "aws_cloudwatch_metric_alarm".*?\n}', terraform, re.DOTALL)
    each = [re.search(r"for_each += (\S+)", block) for block in blocks]
    called = sum(function.every is None for spec in SPECS for function in spec.functions.values())
    numbers = {"var.queues": 5, "var.called_functions": called, "var.watchers": 6}
    assert REST.alarms == sum(numbers[found[1]] if found else 1 for found in each)


def test_an_idle_day_is_some_ten_thousand_calls() -> None:
    calls = REST.calls_a_day()
    assert calls["Scheduler calls watchers"] == Range(8_640, 8_640)
    assert calls["watchers query DynamoDB"] == Range(20_160, 20_160)
    assert calls["Lambda polls queues"] == Range(43_200, 108_000)


def test_allowances_never_make_anything_dearer() -> None:
    for item in REST.month():
        assert 0 <= item.after_allowances.least <= item.alone.least
        assert item.after_allowances.most <= item.alone.most


@pytest.mark.parametrize("item", REST.month(), ids=lambda item: item.what)
def test_the_manual_says_what_each_thing_costs(item: object) -> None:
    [row] = [line for line in MANUAL.splitlines() if line.startswith(f"| {item.what}")]  # type: ignore[attr-defined]
    _, _, alone, after, *_ = row.split("|")
    assert _amounts(alone) == _cents(item.alone)  # type: ignore[attr-defined]
    assert _amounts(after) == _cents(item.after_allowances)  # type: ignore[attr-defined]


def test_the_manual_says_what_it_all_costs() -> None:
    [row] = [line for line in MANUAL.splitlines() if line.startswith("| **all**")]
    for told, amount in zip(re.findall(r"some (\d+)", row), total(REST.month()), strict=True):
        assert amount.least - 0.5 <= float(told) <= amount.most + 0.5


def _amounts(cell: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", cell)]


def _cents(amount: Range) -> list[float]:
    return sorted({round(amount.least, 2), round(amount.most, 2)})
