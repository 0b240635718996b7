"""The twin of CloudFront: one address that serves the page at ``/`` and hands ``/api/…`` on to the API."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from local.console_page import Page

_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
_INDEX = "index.html"
_CONFIG = "config.json"
# A function of the API answers within 29 seconds or not at all.
_PATIENCE = httpx.Timeout(35, connect=5)
# What concerns one connection, or is set anew on the next one (RFC 9110, 7.6.1).
_OF_ONE_CONNECTION = frozenset(
    {
        "connection",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def make_app(files: Path, page: Page, config: Mapping[str, Any], api: str) -> Starlette:
    """Give the application.

    Args:
        files: The built page; looked at anew at each request, for it may be built again meanwhile.
        page: The headers.
        config: What ``/config.json`` says.
        api: What the paths of the HTTP API are appended to.
    """
    client = httpx.AsyncClient(timeout=_PATIENCE, trust_env=False, follow_redirects=False)
    forwarding = _Api(client, httpx.URL(api), page)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    def serve(request: Request) -> Response:
        return _served(request.path_params["key"] or _INDEX, files, page, config)

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/api/{path:path}", forwarding.answer, methods=_METHODS),
            Route("/openapi.json", forwarding.answer, methods=_METHODS),
            Route("/{key:path}", serve, methods=["GET", "HEAD"]),
        ],
        # A page of somebody else's whose name was made to lead here gets nothing.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def _served(key: str, files: Path, page: Page, config: Mapping[str, Any]) -> Response:
    if key == _CONFIG:
        response: Response = Response(json.dumps(config), media_type=page.content_type(key))
    elif key in _keys(files):
        response = FileResponse(files / key, media_type=page.content_type(key))
    else:
        return PlainTextResponse("There is no such file.\n", 404, headers=dict(page.headers))
    response.headers["Cache-Control"] = page.cache_control(key)
    response.headers.update(page.headers)
    return response


def _keys(files: Path) -> frozenset[str]:
    """Name what is there, as a bucket would: a path that is none of these names leads nowhere."""
    return frozenset(
        path.relative_to(files).as_posix()
        for path in files.rglob("*")
        if path.is_file() and path.resolve().is_relative_to(files.resolve())
    )


class _Api:
    """The API behind the page."""

    def __init__(self, client: httpx.AsyncClient, api: httpx.URL, page: Page) -> None:
        self._client = client
        self._api = api
        self._page = page

    async def answer(self, request: Request) -> Response:
        """Hand a request on, and its answer back, each as it comes."""
        if {".", ".."} & set(request.scope["path"].replace("\\", "/").split("/")):
            return self._refusal(400, "bad-path", "The path leads out of the API.")
        outgoing = self._client.build_request(
            request.method,
            self._target(request),
            headers=_passed_on(request.headers.raw),
            content=_body(request),
        )
        try:
            answer = await self._client.send(outgoing, stream=True)
        except httpx.TimeoutException:
            return self._refusal(504, "try-again", "The API did not answer in time.")
        except httpx.TransportError:
            return self._refusal(502, "try-again", "The API cannot be reached: is the local stack running?")
        response = StreamingResponse(
            answer.aiter_raw(), status_code=answer.status_code, background=BackgroundTask(answer.aclose)
        )
        response.raw_headers = _passed_on(answer.headers.raw)
        response.headers.update(self._page.api_headers)
        return response

    def _target(self, request: Request) -> httpx.URL:
        """Append path and query as they were sent: decoding and encoding again could change them."""
        path: bytes = request.scope["raw_path"]
        query: bytes = request.scope["query_string"]
        base = self._api.raw_path.rstrip(b"/")
        return self._api.copy_with(raw_path=base + path + (b"?" + query if query else b""))

    def _refusal(self, status: int, code: str, detail: str) -> Response:
        problem = {"type": f"urn:ekyc:problem:{code}", "title": detail, "status": status, "detail": detail}
        return Response(
            json.dumps(problem), status, dict(self._page.api_headers), media_type="application/problem+json"
        )


def _body(request: Request) -> AsyncIterator[bytes] | None:
    """Give the body as it comes; ``None`` where there is none, for a stream would look like one."""
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return request.stream() if has_body else None


def _passed_on(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    named = {
        name.strip().lower()
        for header, value in headers
        if header.lower() == b"connection"
        for name in value.decode("latin-1").split(",")
    }
    return [
        (header, value)
        for header, value in headers
        if header.decode("latin-1").lower() not in _OF_ONE_CONNECTION | named
    ]
