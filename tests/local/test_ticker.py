import http.server
import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import localstack
from local.localstack import Kind
from local.process import Process
from local.stack import ROOT
from tests.support.waiting import wait_until


class Emulator(http.server.ThreadingHTTPServer):
    """Counts what it is asked; answers as a LocalStack does when asked who it is, and else with nothing."""

    def __init__(self, info: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.info = info
        self.calls: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Emulator

    def do_POST(self) -> None:
        self.server.calls[self.path] += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        # One of the two functions is out of order, which must not keep the other from being called.
        self._answer(b'{"message": "out of order"}', 500 if "broken" in self.path else 200)

    def do_GET(self) -> None:
        self._answer(self.server.info)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the base class
        del format, args

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    server = Emulator(getattr(request, "param", b"{}"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_each_function_is_called_again_and_again(emulator: Emulator, tmp_path: Path) -> None:
    ticker = Process("ticker", tmp_path)
    command = [sys.executable, "-m", "local.ticker", emulator.url, "eu-west-1", "good", "broken"]
    ticker.start(command, url=emulator.url, environment=os.environ, cwd=ROOT)
    try:
        wait_until(lambda: emulator.calls, lambda calls: min(calls.values(), default=0) >= 2, seconds=30)
    finally:
        ticker.stop()
    assert set(emulator.calls) == {f"/2015-03-31/functions/{name}/invocations" for name in ("good", "broken")}
    assert "out of order" in ticker.log.read_text()


@pytest.mark.parametrize(
    ("emulator", "kind"),
    [
        (b'{"version": "4.14.0", "is_docker": true}', Kind.LOCALSTACK_IN_DOCKER),
        (b'{"version": "4.14.0", "is_docker": false}', Kind.LOCALSTACK),
        (b'{"services": {}}', Kind.SOMETHING_ELSE),
        (b"<html>", Kind.SOMETHING_ELSE),
    ],
    indirect=["emulator"],
)
def test_localstack_is_told_from_others(emulator: Emulator, kind: Kind) -> None:
    assert localstack.kind_of(emulator.url + "/") is kind


def test_nobody_is_something_else() -> None:
    assert localstack.kind_of("http://127.0.0.1:9") is Kind.SOMETHING_ELSE
