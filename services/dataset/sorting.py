"""Sorting the labellers' lines into those of use and those left out."""

from collections.abc import Iterable

from services.dataset.left_out import LeftOutLog
from services.dataset.lines import Expected, judge
from services.dataset.reasons import Reason
from services.dataset.unusable import Unusable
from services.dataset.usable import UsableLines


def sort_lines(lines: Iterable[bytes], expected: Expected, usable: UsableLines, left_out: LeftOutLog) -> int:
    """Judge every line and put it where it belongs; give the number of boxes that were cut to their image.

    An image's first usable line counts. Blank lines are nobody's and are passed over.
    """
    trimmed = 0
    for number, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            judged = judge(line, expected)
        except Unusable as unusable:
            for box in unusable.boxes:
                left_out.note(box.reason, number, unusable.image, box.detail)
            left_out.note(unusable.reason, number, unusable.image, unusable.detail)
            continue
        if not usable.add(judged.image, judged.label_set, judged.text):
            left_out.note(Reason.REPEATED_IMAGE, number, judged.image)
            continue
        for box in judged.left_out:
            left_out.note(box.reason, number, judged.image, box.detail)
        trimmed += judged.trimmed
    return trimmed
