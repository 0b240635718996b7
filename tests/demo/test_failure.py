import sys
from pathlib import Path

from demo.failure import keep_logs
from local.stack import StackError


def test_what_the_functions_said_is_kept(tmp_path: Path) -> None:
    keep_logs(tmp_path / "out" / "functions.log", lambda: sys.stdout.write("trainer: no\n"))
    assert (tmp_path / "out" / "functions.log").read_text() == "trainer: no\n"


def test_a_stack_without_logs_does_not_hide_the_failure(tmp_path: Path) -> None:
    def broken() -> None:
        raise StackError("nothing is deployed")

    keep_logs(tmp_path / "functions.log", broken)
    assert (tmp_path / "functions.log").read_text() == ""
