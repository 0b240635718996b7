"""A small service of one's own, and a stack that runs nothing else."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.stack import LocalStack, Options
from tests.local.echo_service import HANDLER, MANIFEST, SIMULATOR


@pytest.fixture(scope="session")
def make_services(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a services folder that holds the small service, or one whose manifest was changed."""

    def make(manifest: str = MANIFEST) -> Path:
        root = tmp_path_factory.mktemp("tree") / "services"
        folder = root / "echo_box"
        folder.mkdir(parents=True)
        (root / "__init__.py").write_text("")
        (folder / "__init__.py").write_text("")
        (folder / "handler.py").write_text(HANDLER)
        (folder / "service.yaml").write_text(manifest)
        return root

    return make


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page as it is when it is built."""
    folder = tmp_path_factory.mktemp("dist")
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    return folder


@pytest.fixture(scope="session")
def options(make_services: Callable[..., Path], page: Path) -> Options:
    """A stack on free ports with the small service, a page, and something that answers like a simulator."""
    return Options(
        port=0,
        simulator_port=0,
        console_port=0,
        console_files=page,
        services=make_services(),
        simulator_command=(sys.executable, "-c", SIMULATOR),
    )


@pytest.fixture(scope="session")
def local_stack(tmp_path_factory: pytest.TempPathFactory, options: Options) -> Iterator[LocalStack]:
    """The one MiniStack that these tests start."""
    folder = tmp_path_factory.mktemp("stack")
    stack = LocalStack(folder)
    try:
        stack.up(options)
        yield stack
    finally:
        stack.down()
        shutil.rmtree(folder)
