"""Processes of a stack: found again, never mistaken for others, none left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import process_table
from local.process import Process, ProcessError
from tests.support.waiting import wait_until

# Starts a child of its own, as MiniStack starts workers, tells both numbers, and waits for its end.
FAMILY = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
told = pathlib.Path(sys.argv[1])
told.with_suffix(".part").write_text(f"{os.getpid()} {child.pid}")
told.with_suffix(".part").rename(told)
time.sleep(600)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FAMILY


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    made = Process("thing", tmp_path)
    yield made
    made.stop(seconds=1)


@pytest.fixture
def start(process: Process, tmp_path: Path) -> Callable[..., list[int]]:
    """Start a process with a child; return the numbers of both."""

    def start_it(script: str = FAMILY) -> list[int]:
        told = tmp_path / "told"
        told.unlink(missing_ok=True)
        process.start(
            [sys.executable, "-c", script, str(told)],
            url="http://x",
            environment=dict(os.environ),
            cwd=tmp_path,
        )
        process.wait_until(told.exists, seconds=10)
        return [int(number) for number in told.read_text().split()]

    return start_it


def gone(pids: list[int]) -> bool:
    return not {running.pid for running in process_table.running()} & set(pids)


def wait_until_gone(pids: list[int]) -> None:
    wait_until(lambda: gone(pids), bool, seconds=10, pause=0.05)


def test_stopping_takes_the_whole_family_along(process: Process, start: Callable[..., list[int]]) -> None:
    family = start()
    assert process.stop()
    assert gone(family)
    assert process.record() is None
    assert not process.stop()


def test_one_that_will_not_go_is_killed(process: Process, start: Callable[..., list[int]]) -> None:
    family = start(STUBBORN)
    began = time.monotonic()
    assert process.stop(seconds=0.5)
    assert gone(family)
    assert time.monotonic() - began < 10


def test_another_object_finds_what_this_one_started(
    process: Process, start: Callable[..., list[int]], tmp_path: Path
) -> None:
    family = start()
    other = Process("thing", tmp_path)
    found = other.record()
    assert found is not None
    assert found.url == "http://x"
    assert other.stop()
    assert gone(family)


def test_a_later_process_with_the_same_number_is_not_ours(
    process: Process, start: Callable[..., list[int]], tmp_path: Path
) -> None:
    start()
    file = tmp_path / "run" / "thing.json"
    kept = file.read_text()
    bystander = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    try:
        file.write_text(json.dumps({**json.loads(kept), "pid": bystander.pid}))
        assert Process("thing", tmp_path).record() is None
        assert not Process("thing", tmp_path).stop()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
        file.write_text(kept)


def test_a_file_without_a_process_is_taken_away(
    process: Process, start: Callable[..., list[int]], tmp_path: Path
) -> None:
    family = start()
    leader = process.record()
    assert leader is not None
    os.killpg(leader.pid, signal.SIGKILL)
    wait_until_gone([leader.pid, *family])
    assert process.record() is None
    assert not (tmp_path / "run" / "thing.json").exists()


def test_a_command_that_fails_is_told_with_its_last_words(process: Process, tmp_path: Path) -> None:
    process.start(
        [sys.executable, "-c", "import sys; sys.exit('no such luck')"], url="", environment={}, cwd=tmp_path
    )
    with pytest.raises(ProcessError, match=r"thing ended with exit code 1\n.*\nno such luck"):
        process.wait_until(lambda: False, seconds=10)


def test_one_that_never_answers_is_told(process: Process, start: Callable[..., list[int]]) -> None:
    start()
    with pytest.raises(ProcessError, match="thing did not answer within 0 s"):
        process.wait_until(lambda: False, seconds=0.1)


STARTER = """
import os, pathlib, sys, time
from local.process import Process
folder = pathlib.Path(sys.argv[1])
process = Process("thing", folder)
command = [sys.executable, "-c", sys.argv[2], str(folder / "told")]
process.start(command, url="", environment=dict(os.environ), cwd=folder)
process.wait_until((folder / "told").exists, seconds=10)
if sys.argv[3] == "released":
    process.release()
(folder / "ready").touch()
time.sleep(600)
"""


@pytest.fixture
def start_from_another(
    tmp_path: Path,
) -> Iterator[Callable[[str], tuple["subprocess.Popen[bytes]", list[int]]]]:
    """Have another Python start the family, and give that Python and the family's numbers."""
    starters = []

    def start_it(how: str) -> tuple["subprocess.Popen[bytes]", list[int]]:
        starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path), FAMILY, how])
        starters.append(starter)
        wait_until((tmp_path / "ready").exists, bool, seconds=20, pause=0.05)
        return starter, [int(number) for number in (tmp_path / "told").read_text().split()]

    yield start_it
    for starter in starters:
        starter.kill()
        starter.wait()


def test_nothing_outlives_a_starter_that_is_killed(
    start_from_another: Callable[[str], tuple["subprocess.Popen[bytes]", list[int]]],
) -> None:
    starter, family = start_from_another("tied")
    assert not gone(family)
    starter.kill()
    wait_until_gone(family)


def test_what_was_released_outlives_its_starter(
    start_from_another: Callable[[str], tuple["subprocess.Popen[bytes]", list[int]]], process: Process
) -> None:
    starter, family = start_from_another("released")
    starter.kill()
    starter.wait()
    found = process.record()
    assert found is not None
    assert found.alive
    assert {running.pid for running in process_table.running()} >= set(family)
    assert process.stop()
    assert gone(family)
