"""The table of the two emulators' differences in docs/local.md, held to the tests that it names."""

import ast
import re
from collections.abc import Iterator

from local.stack import ROOT

E2E = ROOT / "tests" / "e2e"
TABLE = re.compile(r"^\| on LocalStack 4\.14 .*?\n\n", re.DOTALL | re.MULTILINE)


def test_every_test_that_is_left_out_somewhere_has_its_line_and_every_line_its_test() -> None:
    told = {(test, why) for line in _rows() for test, why in _left_out_by(line)}
    assert told == set(_left_out())


def test_every_line_names_a_test_that_shows_it() -> None:
    tests = {name for tree in _trees().values() for name in _functions(tree)} | _trees().keys()
    for line in _rows():
        named = set(re.findall(r"`(test_\w+(?:\.py)?)`", line))
        assert named, line
        assert named <= tests, line


def _rows() -> list[str]:
    manual = ROOT.joinpath("docs", "local.md").read_text(encoding="utf-8")
    [table] = TABLE.findall(manual)
    rows: list[str] = table.strip().splitlines()[2:]
    assert rows
    return rows


def _left_out_by(row: str) -> Iterator[tuple[str, str]]:
    """Give tests and what leaves them out, from the last column: `test_x`, not on LocalStack."""
    last = row.strip("| ").rsplit("|", 1)[-1]
    yield from re.findall(r"`(test_\w+(?:\.py)?)`, (not on \w+|a stack of its own)", last)


def _left_out() -> Iterator[tuple[str, str]]:
    """Give the same from the marks of modules and tests."""
    for file, tree in _trees().items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
                yield from ((file, reason) for reason in _reasons(ast.unparse(node.value)))
            if isinstance(node, ast.FunctionDef):
                marks = "\n".join(ast.unparse(mark) for mark in node.decorator_list)
                yield from ((node.name, reason) for reason in _reasons(marks))


def _reasons(marks: str) -> Iterator[str]:
    for emulator in re.findall(r"not_on\('(\w+)'\)", marks):
        yield f"not on {emulator}"
    if re.search(r"skip(if)?\(", marks):
        assert "AWS_ENDPOINT_URL" in marks, "a test is left out for a reason that the table does not know"
        yield "a stack of its own"


def _trees() -> dict[str, ast.Module]:
    return {path.name: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(E2E.glob("test_*.py"))}


def _functions(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
