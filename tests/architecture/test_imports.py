"""Who imports whom: import-linter's contracts in pyproject.toml, and what may be imported from outside."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

OURS = {"contracts", "runtime", "services"}
IN_EVERY_ZIP = {"aws_lambda_powertools", "boto3", "botocore", "ijson", "pydantic", "pydantic_core"}


def test_every_import_keeps_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    status = lint_imports(no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


@pytest.mark.parametrize(
    ("package", "allowed"),
    [("contracts", {"pydantic"}), ("runtime", IN_EVERY_ZIP), ("services", IN_EVERY_ZIP)],
)
def test_nothing_is_imported_that_the_zips_lack(package: str, allowed: set[str]) -> None:
    for path in Path(package).rglob("*.py"):
        foreign = set(_imported(path)) - set(sys.stdlib_module_names) - OURS
        assert foreign <= allowed, path


def _imported(path: Path) -> Iterator[str]:
    """Give the top-level packages that a module imports when it runs."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]
