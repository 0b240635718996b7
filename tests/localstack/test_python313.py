"""Which Python LocalStack gets, and what is said where there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.localstack.python313 import NoPythonError, find_python


def test_a_named_python_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    named = str(tmp_path / "python3.13")
    with pytest.raises(NoPythonError, match=r"needs Python 3\.13 .* and .*/python3\.13 is none: install it"):
        find_python({"PYTHON313": named})


def test_without_it_the_command_says_so_and_exits_with_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.localstack"],
        env={"PATH": "/usr/bin:/bin", "PYTHON313": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "LocalStack 4.14 needs Python 3.13" in done.stderr
