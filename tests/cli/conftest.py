import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from cli.main import app
from tests.cli.fake_api import FakeApi


@contextmanager
def serving(api: FakeApi) -> Iterator[FakeApi]:
    listener = socket.create_server(("127.0.0.1", 0))
    api.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(api.app(), log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield api
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@dataclass
class Ran:
    """How a command ended; `json` is the one document on its stdout."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass
class Cli:
    """Runs `ekyc` in a folder and an environment of the test's own."""

    folder: Path
    env: dict[str, str | None]

    def __call__(self, *arguments: str | Path) -> Ran:
        result = CliRunner(env=self.env).invoke(app, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with serving(FakeApi()) as served:
        yield served


@pytest.fixture
def no_api_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line where nothing says where the API is."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return Cli(folder, {"XDG_CONFIG_HOME": str(tmp_path / "config"), "EKYC_API_URL": None, "COLUMNS": "200"})


@pytest.fixture
def ekyc(no_api_cli: Cli, api: FakeApi) -> Cli:
    """The command line in a folder whose local stack is the fake one."""
    stack = no_api_cli.folder / ".local" / "stack.json"
    stack.parent.mkdir()
    stack.write_text(
        json.dumps({"aws": api.url, "simulator": api.url, "api": api.url, "region": "eu-west-1"})
    )
    return no_api_cli


@pytest.fixture
def images(tmp_path: Path) -> Callable[[Sequence[str]], Path]:
    """Make a folder of files with these names; their content is the name."""

    def make(names: Sequence[str]) -> Path:
        folder = tmp_path / "images"
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_text(name)
        return folder

    return make
