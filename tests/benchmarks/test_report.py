"""The report that benchmarks write."""

import json
from pathlib import Path

import pytest

from benchmarks.figures import Figure, Row
from benchmarks.pairs import Pair
from benchmarks.report import Measured, Report, number, table_line

PAIRS = [Pair(ours=0.012, baseline=0.010), Pair(ours=0.030, baseline=0.020), Pair(ours=0.022, baseline=0.020)]


def report_of(*figures: Figure, failure: str = "") -> Report:
    row = Row("reading", "a bare read", lambda _: figures)
    return Report({"machine": "a small one"}, [Measured("reading", row, figures, 3.0, (0.5, 1.5), failure)])


def written(report: Report, folder: Path) -> str:
    report.write(folder)
    return (folder / "report.md").read_text()


def test_a_ratio_is_shown_with_its_extremes_its_aim_and_both_sides() -> None:
    figure = Figure.ratio("p50", PAIRS, aim=1.3)
    line = table_line("reading", figure)
    assert line == "| reading | p50 | 1.2 x (1.1 to 1.5) | ≤ 1.3 x | met | 0.022 s | 0.02 s |"


def test_an_amount_has_no_sides() -> None:
    figure = Figure.amount("peak memory", [180.0, 180.0], "MB", aim=200)
    assert table_line("reading", figure) == "| reading | peak memory | 180 MB | ≤ 200 MB | met |  |  |"


def test_an_aim_that_is_missed_is_explained(tmp_path: Path) -> None:
    text = written(report_of(Figure.ratio("p50", PAIRS, aim=1.1, missed="The wire is slow.")), tmp_path)
    assert "**missed**" in text
    assert "- **reading** (p50): The wire is slow." in text


def test_aims_that_are_missed_for_one_reason_are_explained_once(tmp_path: Path) -> None:
    slow = [Figure.ratio(what, PAIRS, aim=1.1, missed="The wire is slow.") for what in ("p50", "p95")]
    other = Figure.ratio("flat", PAIRS, aim=1.1, missed="The table is large.")
    text = written(report_of(*slow, other), tmp_path)
    assert "- **reading** (p50; p95): The wire is slow." in text
    assert "- **reading** (flat): The table is large." in text


def test_the_reason_for_a_miss_is_not_shown_where_the_aim_is_met(tmp_path: Path) -> None:
    text = written(report_of(Figure.ratio("p50", PAIRS, aim=1.3, missed="The wire is slow.")), tmp_path)
    assert "The wire is slow." not in text
    assert "None." in text


def test_a_miss_that_nobody_explained_says_so(tmp_path: Path) -> None:
    assert "nobody has looked" in written(report_of(Figure.ratio("p50", PAIRS, aim=1.1)), tmp_path)


def test_a_figure_without_an_aim_only_tells(tmp_path: Path) -> None:
    figure = Figure.amount("dollars", [2.5], "$")
    assert figure.met is None
    assert "missed**" not in written(report_of(figure), tmp_path)


def test_a_row_that_could_not_be_measured_is_a_failure_and_keeps_what_it_had(tmp_path: Path) -> None:
    report = report_of(Figure.ratio("p50", PAIRS, aim=1.3), failure="OSError: no stack\n")
    text = written(report, tmp_path)
    assert report.failed
    assert "| reading | not measured |" in text
    assert "| reading | p50 |" in text
    assert "OSError: no stack" in text


def test_a_missed_aim_is_no_failure() -> None:
    assert not report_of(Figure.ratio("p50", PAIRS, aim=1.1)).failed


def test_programs_read_the_same_figures(tmp_path: Path) -> None:
    report_of(Figure.ratio("p50", PAIRS, aim=1.1, missed="slow", note="warm")).write(tmp_path)
    (row,) = json.loads((tmp_path / "report.json").read_text())["rows"]
    (figure,) = row["figures"]
    assert row["load"] == [0.5, 1.5]
    assert figure["met"] is False
    assert figure["measured"]["median"] == pytest.approx(1.2)
    assert figure["ours"]["highest"] == 0.03
    assert (figure["missed"], figure["note"]) == ("slow", "warm")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (0.012345, "0.0123"),
        (1.2345, "1.23"),
        (12.0, "12"),
        (123.4, "123"),
        (250_000.0, "250,000"),
    ],
)
def test_numbers_have_three_digits_that_matter(value: float, expected: str) -> None:
    assert number(value) == expected
