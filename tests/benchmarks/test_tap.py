"""The wire on which first calls are seen."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from benchmarks.tap import tapped

JOB, OTHER_JOB = "01m81h5swf60rk4csm6mv3ee1s", "01m81jvvyfkvbtg0jznza0akd9"


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_a_call_goes_through_unchanged_and_the_job_is_heard_of_when_it_is_made(server: str) -> None:
    with tapped(server) as tap, httpx.Client() as http:
        before = time.monotonic()
        assert http.post(tap.url, content=f"job {JOB}").text == f"job {JOB}"
        first = tap.first_heard(JOB)
        assert before < first < time.monotonic()
        http.post(tap.url, content=f"{OTHER_JOB} after {JOB}")
        assert tap.first_heard(JOB) == first
        assert tap.first_heard(OTHER_JOB) > first


def test_a_job_that_nobody_speaks_of_is_not_waited_for_without_end(server: str) -> None:
    with tapped(server) as tap, pytest.raises(TimeoutError, match=JOB):
        tap.first_heard(JOB, seconds=0.05)
