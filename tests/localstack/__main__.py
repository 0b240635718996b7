"""Runs the end-to-end tests on LocalStack without Docker: `python -m tests.localstack [TESTS…]`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from demo.failure import keep_logs
from local.localstack import SIGNING
from local.logs import print_logs
from local.output import say
from local.process import ProcessError
from local.stack import ROOT, LocalStack, Options, Stack
from tests.localstack.emulator import Functions, emulators, simulator_command
from tests.localstack.python313 import NoPythonError, find_python
from tools.dependencies import InstallError
from tools.interpreters import Python
from tools.lock import locked
from tools.package import PackageError

FOLDER = ROOT / ".local" / "localstack"


def main(arguments: Sequence[str]) -> int:
    """Start it, deploy, test, stop it; 0 if all tests passed, 2 if there is no Python for it."""
    # Somebody's `kill` stops what was started, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        python = find_python(os.environ)
    except NoPythonError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        return _try_out(python, arguments or ["tests/e2e"])
    except (InstallError, PackageError, ProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130


def _try_out(python: Python, tests: Sequence[str]) -> int:
    began = time.monotonic()

    def done(what: str) -> None:
        say(f"[{time.monotonic() - began:5.0f} s] {what}")

    local, functions = LocalStack(FOLDER), Functions.of(python)
    with locked(FOLDER / "lock"), emulators(FOLDER, python, functions) as run:
        done(f"LocalStack answers at {run.aws}, DynamoDB at {run.dynamodb}")
        try:
            options = Options(
                simulator_port=0,
                simulator_command=simulator_command(python),
                endpoint=run.aws,
                elsewhere={"dynamodb": run.dynamodb},
                target=functions.target,
                function_environment=SIGNING,
                tick=True,
            )
            stack, deployed = local.up(options)
            done(f"deployed: {deployed.changes} resources; the API answers at {stack.api}")
            _, again = local.up(options)
            done(f"deployed once more: {again.changes} changes")
            code, count = _test(local.file, stack, tests)
            done(f"{count} tests ran on LocalStack: {'all passed' if code == 0 else f'pytest says {code}'}")
            if code:
                kept = ROOT / "build" / "e2e" / "localstack.log"
                keep_logs(kept, lambda: print_logs(local, ""))
                done(f"what the functions logged: {kept}")
        finally:
            local.down()
    done("stopped")
    return code or int(count == 0 or again.changes > 0)


def _test(file: Path, stack: Stack, tests: Sequence[str]) -> tuple[int, int]:
    """Run pytest and give its exit code and how many tests it ran."""
    results = file.with_name("results.xml")
    results.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml", str(results), *tests]
    environment = {**os.environ, "AWS_ENDPOINT_URL": stack.aws, "EKYC_STACK": str(file)}
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if not results.exists():
        return code, 0
    counts = [
        int(suite.get("tests", 0)) - int(suite.get("skipped", 0))
        for suite in ElementTree.parse(results).iter("testsuite")  # noqa: S314 - our own pytest wrote it
    ]
    return code, sum(counts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
