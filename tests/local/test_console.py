"""The page's own server, as a process: what it serves, what it hands on, and what it lets nobody have."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local import console_process
from local.console_page import read_page
from local.ports import choose_port
from local.process import Process, ProcessError

pytestmark = pytest.mark.e2e

IMAGES = "http://127.0.0.1:4566"
SECRET = "the page does not have this"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Api:
    """Something that answers in the API's place, and remembers what it was asked."""

    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"{}"
    first_part_read: threading.Event = field(default_factory=threading.Event)


def server_for(api: Api) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length) if length else self._chunks()
            headers = {name.lower(): value for name, value in self.headers.items()}
            api.asked.append((self.command, self.path, headers, body))
            if self.path.endswith("/in-parts"):
                self._answer_in_parts()
                return
            self.send_response(api.status)
            for name, value in api.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(api.body)))
            self.end_headers()
            self.wfile.write(api.body)

        def _chunks(self) -> bytes:
            body = b""
            while "chunked" in self.headers.get("Transfer-Encoding", ""):
                size = int(self.rfile.readline(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    break
            return body

        def _answer_in_parts(self) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nfirst\r\n")
            self.wfile.flush()
            api.first_part_read.wait(20)
            self.wfile.write(b"6\r\nsecond\r\n0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    for method in ("DELETE", "GET", "PATCH", "POST", "PUT"):
        setattr(Handler, f"do_{method}", Handler.answer)
    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture(scope="module")
def remembered() -> Api:
    """The one that all tests share."""
    return Api()


@pytest.fixture
def api(remembered: Api) -> Api:
    """The same, as if it had just begun."""
    remembered.asked, remembered.status = [], 200
    remembered.headers, remembered.body = {}, b"{}"
    return remembered


@pytest.fixture(scope="module")
def api_url(remembered: Api) -> Iterator[str]:
    server = server_for(remembered)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/_aws/execute-api/x1/local"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("page")
    folder = root / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>page</title>")
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    (root / "secret.txt").write_text(SECRET)
    (folder / "link.txt").symlink_to(root / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, files: Path, api_url: str) -> Iterator[str]:
    process = Process("console", tmp_path_factory.mktemp("stack"))
    try:
        yield started(process, files, api_url)
    finally:
        process.stop()


def started(process: Process, files: Path, api_url: str) -> str:
    port = choose_port(0, purpose="the page", option="CONSOLE_PORT")
    return console_process.start(
        process, port=port, files=files, api=api_url, images=IMAGES, region="eu-west-1"
    )


def ask(
    console: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes | Iterator[bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Send the path as it stands: a browser would tidy it up."""
    connection = http.client.HTTPConnection(urlsplit(console).netloc, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read())
    finally:
        connection.close()


# ---- the page


def test_the_page_is_served_with_the_headers_that_are_stated(console: str) -> None:
    answer = ask(console, "/")
    assert (answer.status, answer.body) == (200, b"<!doctype html><title>page</title>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    stated = {name.lower(): value for name, value in read_page(IMAGES).headers.items()}
    assert {name: answer.headers.get(name) for name in stated} == stated


def test_a_file_named_after_what_it_holds_is_kept_for_ever(console: str) -> None:
    answer = ask(console, "/assets/index-abc123.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


def test_the_page_is_told_that_nobody_signs_in_here(console: str) -> None:
    answer = ask(console, "/config.json")
    assert json.loads(answer.body) == {
        "auth": "none",
        "region": "eu-west-1",
        "signIn": None,
        "modelRunningAlarmHours": 12,
        "workersHeader": True,
    }
    assert answer.headers["cache-control"] == "no-cache"


def test_a_page_that_is_built_again_is_served_anew(console: str, files: Path) -> None:
    assert ask(console, "/assets/index-new.js").status == 404
    (files / "assets" / "index-new.js").write_text("new")
    assert ask(console, "/assets/index-new.js").body == b"new"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt",
        "/link.txt",
        "//etc/passwd",
        "/assets",
        "/nothing.html",
    ],
)
def test_what_is_no_file_of_the_page_is_not_there(console: str, path: str) -> None:
    answer = ask(console, path)
    assert answer.status == 404
    assert SECRET.encode() not in answer.body
    assert "content-security-policy" in answer.headers


def test_the_page_takes_nothing_in(console: str) -> None:
    assert ask(console, "/index.html", method="PUT", body=b"mine").status == 405


@pytest.mark.parametrize("host", ["somebody-elses.example", "127.0.0.1.example:80"])
def test_another_name_that_leads_here_gets_nothing(console: str, api: Api, host: str) -> None:
    for path in ("/", "/api/training/list"):
        assert ask(console, path, headers={"Host": host}).status == 400
    assert api.asked == []


# ---- the API


def test_a_request_is_handed_on_as_it_is(console: str, api: Api) -> None:
    path = "/api/training/x%2Fy/results?nextToken=1-2%203&a=&a=%C3%A4"
    headers = {"Authorization": "Bearer t", "X-Worker": "anna", "Connection": "X-Mine", "X-Mine": "1"}
    assert ask(console, path, method="POST", body=b'{"a": 1}', headers=headers).status == 200
    [(method, asked, told, body)] = api.asked
    assert (method, asked, body) == ("POST", f"/_aws/execute-api/x1/local{path}", b'{"a": 1}')
    assert (told["authorization"], told["x-worker"], told["content-length"]) == ("Bearer t", "anna", "8")
    assert "x-mine" not in told
    assert told["host"].startswith("127.0.0.1:")


def test_an_answer_is_handed_back_as_it_is_but_for_what_guards_the_browser(console: str, api: Api) -> None:
    api.status, api.body = 409, b'{"type": "urn:ekyc:problem:no-model"}'
    api.headers = {"Content-Type": "application/problem+json", "Retry-After": "5", "X-Frame-Options": "ALLOW"}
    answer = ask(console, "/api/training/1/detect", method="POST")
    assert (answer.status, answer.body) == (409, api.body)
    assert (answer.headers["content-type"], answer.headers["retry-after"]) == (
        "application/problem+json",
        "5",
    )
    stated = {name.lower(): value for name, value in read_page(IMAGES).api_headers.items()}
    assert {name: answer.headers.get(name) for name in stated} == stated


def test_the_description_of_the_api_comes_from_the_api(console: str, api: Api) -> None:
    api.body = b'{"openapi": "3.1.0"}'
    assert ask(console, "/openapi.json").body == api.body


def test_a_body_of_six_megabytes_gets_through(console: str, api: Api) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(6):
            yield bytes(1024 * 1024)

    headers = {"Content-Length": str(6 * 1024 * 1024)}
    assert ask(console, "/api/x", method="POST", body=parts(), headers=headers).status == 200
    assert len(api.asked[0][3]) == 6 * 1024 * 1024


def test_an_answer_comes_as_it_is_made(console: str, api: Api) -> None:
    connection = http.client.HTTPConnection(urlsplit(console).netloc, timeout=30)
    connection.request("GET", "/api/in-parts")
    answer = connection.getresponse()
    assert answer.read(5) == b"first"  # the second part is not written before this one was read
    api.first_part_read.set()
    assert answer.read() == b"second"
    connection.close()


@pytest.mark.parametrize("path", ["/api/../secret", "/api/%2e%2e/_aws/x", "/api/a/./b", "/api/..%5cx"])
def test_a_path_that_leads_out_of_the_api_is_not_handed_on(console: str, api: Api, path: str) -> None:
    assert ask(console, path).status == 400
    assert api.asked == []


def test_an_api_that_is_gone_is_a_problem_to_try_again(tmp_path: Path, files: Path) -> None:
    process = Process("console", tmp_path / "stack")
    nowhere = choose_port(0, purpose="nothing", option="")
    try:
        console = started(process, files, f"http://127.0.0.1:{nowhere}")
        answer = ask(console, "/api/training/list")
    finally:
        process.stop()
    assert (answer.status, answer.headers["content-type"]) == (502, "application/problem+json")
    assert json.loads(answer.body)["type"] == "urn:ekyc:problem:try-again"


# ---- the process


def test_it_answers_on_the_loopback_interface_alone_and_ends_when_it_is_stopped(
    tmp_path: Path, files: Path, api_url: str
) -> None:
    process = Process("console", tmp_path / "stack")
    console = started(process, files, api_url)
    port = urlsplit(console).port
    listening = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
    if listening:
        addresses = {line.split()[1] for line in listening.splitlines()[1:] if line.split()[3] == "0A"}
        assert {address for address in addresses if int(address.split(":")[1], 16) == port} == {
            f"0100007F:{port:04X}"
        }
    assert process.stop()
    assert process.record() is None
    with pytest.raises(ConnectionRefusedError):
        ask(console, "/")


def test_a_port_that_is_taken_is_told_with_the_servers_own_words(tmp_path: Path, files: Path) -> None:
    process = Process("console", tmp_path / "stack")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProcessError, match="in use"):
            console_process.start(
                process, port=port, files=files, api=IMAGES, images=IMAGES, region="eu-west-1"
            )
    process.stop()
