import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.filenames import FILENAME_PATTERN, MAX_FILENAME, Filename, why_refused

NEARLY_FILENAMES = st.text(st.sampled_from("ab.Z9_- /\\é\n"), max_size=12).flatmap(
    lambda stem: st.sampled_from(["", ".jpg", ".JPEG", ".pNg", ".gif", "jpg", ".jpg\n"]).map(stem.__add__)
)


@pytest.mark.parametrize(
    "filename", ["a.jpg", "A b_c-d.1.JPEG", "-.png", "_x.PnG", "a" * (MAX_FILENAME - 4) + ".jpg"]
)
def test_ordinary_names_are_fine(filename: str) -> None:
    assert why_refused(filename) is None


@pytest.mark.parametrize(
    ("filename", "reason"),
    [
        ("", "empty"),
        ("a" * (MAX_FILENAME - 3) + ".jpg", "201 characters; at most 200"),
        ("folder/a.jpg", "leave the folders out"),
        ("folder\\a.jpg", "leave the folders out"),
        ("../a.jpg", "leave the folders out"),
        ("pässe.jpg", "unaccented"),
        ("a\n.jpg", "rename the file"),
        ("a.jpg\n", "rename the file"),
        ("a\u200b.jpg", "rename the file"),
        (".jpg", "begin with a dot"),
        ("..jpg", "begin with a dot"),
        (" a.jpg", "begin with a dot or a space"),
        ("a.gif", ".jpg, .jpeg or .png"),
        ("a", ".jpg, .jpeg or .png"),
        ("a.jpg ", ".jpg, .jpeg or .png"),
        ("a.jpg.exe", ".jpg, .jpeg or .png"),
    ],
)
def test_every_refusal_says_what_to_do(filename: str, reason: str) -> None:
    assert reason in (why_refused(filename) or "")


@given(NEARLY_FILENAMES)
def test_the_pattern_and_the_refusals_agree(filename: str) -> None:
    matches = re.fullmatch(FILENAME_PATTERN, filename) is not None and len(filename) <= MAX_FILENAME
    assert (why_refused(filename) is None) == matches == _is_filename(filename)


@given(st.text())
def test_no_text_at_all_upsets_the_rule(filename: str) -> None:
    assert (why_refused(filename) is None) == _is_filename(filename)


def _is_filename(text: str) -> bool:
    try:
        TypeAdapter(Filename).validate_python(text)
    except ValidationError:
        return False
    return True
