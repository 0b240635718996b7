"""What the rows of the benchmarks share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.surroundings import Effort, surroundings
from local.stack import Stack


class Stacks:
    """Counts what is started and stopped."""

    def __init__(self) -> None:
        self.events: list[str] = []

    @contextmanager
    def run(self, folder: Path) -> Iterator[Stack]:
        self.events.append("start")
        yield Stack("http://aws", "http://simulator", "http://api", "eu-west-1", "1", "ekyc", str(folder))
        self.events.append("stop")


def test_one_stack_is_started_when_it_is_first_asked_for_and_stopped_at_the_end() -> None:
    stacks = Stacks()
    with surroundings(Effort(), stacks.run) as given:
        assert stacks.events == []
        assert given.stack() is given.stack()
        assert stacks.events == ["start"]
    assert stacks.events == ["start", "stop"]


def test_the_folder_goes_when_the_rows_are_done() -> None:
    with surroundings(Effort(), Stacks().run) as given:
        assert given.folder.is_dir()
    assert not given.folder.exists()


def test_a_quick_run_takes_less_and_a_whole_one_at_least_five_pairs() -> None:
    assert Effort(quick=True).choose("much", "little") == "little"
    assert Effort().choose("much", "little") == "much"
    assert Effort(quick=True).pairs < Effort().pairs
    assert Effort().pairs >= 5
