"""What MiniStack holds is kept as of one moment, whole or not at all."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.ministack_keeping import Keeper, StateError, hand_back, in_a_copy


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def keeper(path: Path, states: dict[str, Callable[[], Any]] | None = None, version: str = "1") -> Keeper:
    return Keeper(
        path, version=version, seconds=1, states=lambda: states or {}, encode=list, decode=lambda found: found
    )


def test_what_was_saved_is_loaded(path: Path) -> None:
    keeper(path, {"sqs": lambda: {"queues": (1, 2)}, "unused": lambda: None}).save()
    assert keeper(path).load() == {"sqs": {"queues": [1, 2]}}


def test_nothing_is_loaded_where_nothing_was_saved(path: Path) -> None:
    assert keeper(path).load() == {}


def test_a_state_that_did_not_change_is_not_written_again(path: Path) -> None:
    keeper(path, {"sqs": lambda: 1}).save()
    written = path.stat().st_ino
    keeper(path, {"sqs": lambda: 1}).save()
    assert path.stat().st_ino == written


def test_one_service_that_cannot_be_told_leaves_the_last_whole_state(path: Path) -> None:
    keeper(path, {"sqs": lambda: 1, "sns": lambda: 1}).save()
    with pytest.raises(TypeError):
        keeper(path, {"sqs": lambda: 2, "sns": object}).save()
    assert keeper(path).load() == {"sqs": 1, "sns": 1}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"version": "1"}', '{"version": "1", "services": 3}'])
def test_a_damaged_state_is_told_with_the_way_out(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(StateError, match=r"state\.json cannot be read .* give it up with: make down"):
        keeper(path).load()


def test_the_state_of_another_ministack_is_told_with_the_way_out(path: Path) -> None:
    keeper(path, version="0").save()
    with pytest.raises(StateError, match=r"written by MiniStack 0, this is 1; .* make down"):
        keeper(path).load()


def test_a_copy_works_on_what_was_there_when_it_was_made(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    things = ["before"]

    def write() -> None:
        seen.write_text(json.dumps(things))
        things.append("lost with the copy")

    assert in_a_copy(write)
    assert (json.loads(seen.read_text()), things) == (["before"], ["before"])


def test_a_copy_that_fails_is_told_and_does_not_go_on(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise OSError("the disk is full")

    assert not in_a_copy(fail)
    assert "the disk is full" in capfd.readouterr().err


def test_a_message_that_somebody_was_busy_with_is_visible_again_at_once() -> None:
    class Scoped:
        """As MiniStack keeps things by account and region."""

        def __init__(self, **data: Any) -> None:
            self._data = data

    far = 10.0**12
    held: dict[str, Any] = {"receipt_handle": "r", "visible_at": far}
    delayed = {"receipt_handle": None, "visible_at": far}
    hand_back({"sqs": {"queues": Scoped(queue={"messages": [held, delayed]})}})
    assert held["visible_at"] < far
    assert delayed["visible_at"] == far
