"""A day on which nobody does anything: calls to AWS, and dollars."""

from collections.abc import Iterator

from benchmarks.figures import Figure, Row
from benchmarks.idle import DAYS, Range, at_rest, total
from benchmarks.rows.warm_handler import found_in
from benchmarks.stub import stub
from benchmarks.surroundings import Surroundings
from local.service_spec import read_services
from tools.package import ROOT


def measure(_: Surroundings) -> Iterator[Figure]:
    """Count the calls of a tick of every watcher, and the rest from what is deployed."""
    specs = read_services(ROOT / "services")
    with stub() as endpoint:
        queries = {spec.service: len(found_in(spec, endpoint, 0, 0).tick_calls) for spec in specs}
    rest = at_rest(specs, queries)
    for what, calls in rest.calls_a_day().items():
        yield _figure(what, calls, "calls")
    items = rest.month()
    alone, after = total(items)
    dearest = sorted(items, key=lambda item: -item.alone.most)
    told = ", ".join(f"{item.what} {item.alone.most / DAYS:.3f}" for item in dearest)
    yield _figure("dollars, alone", Range(alone.least / DAYS, alone.most / DAYS), "$", note=told)
    yield _figure("dollars, after allowances", Range(after.least / DAYS, after.most / DAYS), "$")


def _figure(what: str, amount: Range, unit: str, note: str = "") -> Figure:
    return Figure.amount(what, [amount.least, amount.most], unit, note=note)


ROW = Row(
    what="an idle day, computed from service.yaml, the calls of an idle tick, and list prices",
    baseline="none",
    measure=measure,
)
