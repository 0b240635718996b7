"""The end-to-end tests on LocalStack: in every run of the tests where its Python is there.

All of them, or those that EKYC_ON_LOCALSTACK names.
"""

import os
import subprocess
import sys

import pytest

from local.stack import ROOT
from tests.localstack.python313 import NoPythonError, find_python

pytestmark = pytest.mark.e2e


def test_the_end_to_end_tests_pass_on_localstack_too() -> None:
    try:
        find_python(os.environ)
    except NoPythonError as error:
        pytest.skip(f"LEFT OUT: {error}")
    tests = os.environ.get("EKYC_ON_LOCALSTACK", "tests/e2e").split()
    done = subprocess.run(
        [sys.executable, "-m", "tests.localstack", *tests, "-q"],
        cwd=ROOT,
        # A choice that was made for this very run of pytest.
        env={name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.stdout.write(done.stdout)
