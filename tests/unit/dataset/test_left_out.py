"""Counting and reporting what is left out."""

import io
import json

from services.dataset.left_out import LeftOutLog
from services.dataset.lines import Expected
from services.dataset.reasons import Reason
from services.dataset.sorting import sort_lines
from services.dataset.usable import UsableLines
from tests.support.manifest_lines import (
    ATTRIBUTE,
    CLASSES,
    IMAGES,
    a_box,
    a_line,
    a_manifest,
    an_expired_line,
)

EXPECTED = Expected(images=IMAGES, attribute=ATTRIBUTE, labels=CLASSES, undated="2026-11-22T12:00:00.000000")


def test_each_reason_is_counted_with_at_most_ten_examples() -> None:
    log = LeftOutLog(io.BytesIO(), IMAGES)
    for number in range(12):
        log.note(Reason.NO_DOCUMENT, number, f"{IMAGES}{number}.jpg")
    log.note(Reason.NOT_JSON, 99, None)
    first, second = log.summary()
    assert (first.code, first.count, len(first.examples)) == ("no-document", 12, 10)
    assert first.examples[0] == "0.jpg"
    assert (second.code, second.count, second.examples) == ("not-json", 1, ["line 99"])


def test_nothing_in_a_line_can_spoil_the_event_that_names_it() -> None:
    log = LeftOutLog(io.BytesIO(), IMAGES)
    log.note(Reason.FOREIGN_IMAGE, 1, "s3://x/\ud800" + "y" * 1000)
    [left_out] = log.summary()
    assert len(left_out.model_dump_json()) < 600


def sorted_out(*lines: object) -> tuple[UsableLines, list[dict[str, object]]]:
    report = io.BytesIO()
    usable = UsableLines(io.BytesIO())
    manifest = a_manifest(*lines)  # type: ignore[arg-type]
    sort_lines(manifest.splitlines(keepends=True), EXPECTED, usable, LeftOutLog(report, IMAGES))
    usable.finish()
    return usable, [json.loads(line) for line in report.getvalue().splitlines()]


def test_the_report_says_where_each_case_is_and_what_it_was() -> None:
    usable, report = sorted_out(
        a_line("a.jpg"), "{", an_expired_line("b.jpg"), a_line("c.jpg", a_box(width=1))
    )
    assert len(usable) == 1
    assert [(entry["code"], entry["line"], entry.get("image")) for entry in report] == [
        ("not-json", 2, None),
        ("labelling-failed", 3, IMAGES + "b.jpg"),
        ("box-too-small", 4, IMAGES + "c.jpg"),
        ("no-usable-box", 4, IMAGES + "c.jpg"),
    ]
    assert "expired" in str(report[1]["detail"])


def test_an_image_counts_once_and_its_first_usable_line_wins() -> None:
    usable, report = sorted_out(
        an_expired_line("a.jpg"), a_line("a.jpg"), a_line("a.jpg", a_box("id-card")), a_line("b.jpg")
    )
    assert list(usable.label_sets) == [0b01, 0b01]
    assert [entry["code"] for entry in report] == ["labelling-failed", "repeated-image"]


def test_blank_lines_are_nobodys() -> None:
    usable, report = sorted_out(a_line("a.jpg"), "", "   ", a_line("b.jpg"), "")
    assert (len(usable), report) == (2, [])


def test_chosen_lines_come_back_as_they_were_kept() -> None:
    usable, _ = sorted_out(a_line("a.jpg"), a_line("b.jpg"), a_line("c.jpg"))
    images = [json.loads(line)["source-ref"] for line in usable.chosen([True, False, True])]
    assert images == [IMAGES + "a.jpg", IMAGES + "c.jpg"]
    [middle] = usable.chosen([False, True, False])
    assert len(middle) == usable.lengths[1]
