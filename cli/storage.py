"""Putting image files where pre-signed URLs point."""

import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from cli.loopback import NO_PROXY

_TIMEOUT = httpx.Timeout(60, connect=5)
_RETRIES = 3
_FIRST_DELAY = 0.3


class PutFailed(Exception):
    """An image did not arrive; the message says why."""


class ImageStore:
    """Puts files to URLs, at most `parallel` at once; safe to call from several threads."""

    def __init__(
        self,
        *,
        parallel: int,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        limits = httpx.Limits(max_connections=parallel, max_keepalive_connections=parallel)
        self._http = httpx.Client(timeout=_TIMEOUT, limits=limits, transport=transport, mounts=NO_PROXY)
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def put(self, url: str, path: Path) -> None:
        """Stream one file to its URL; connection failures and 5xx are tried again a few times.

        Raises:
            PutFailed: the file cannot be read, or the store did not take it.
        """
        for attempt in range(_RETRIES + 1):
            trouble = self._try(url, path)
            if trouble is None:
                return
            if attempt < _RETRIES:
                self._sleep(_FIRST_DELAY * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - jitter
        raise PutFailed(trouble)

    def _try(self, url: str, path: Path) -> str | None:
        """Give what went wrong if it may pass; `None` when the image has arrived."""
        try:
            # A file object makes httpx send Content-Length: S3 takes no chunked upload.
            with path.open("rb") as image:
                response = self._http.put(url, content=image)
        except OSError as error:
            raise PutFailed(f"cannot be read: {error.strerror or error}") from error
        except httpx.TransportError as error:
            return f"the connection failed ({str(error) or type(error).__name__})"
        if response.is_success:
            return None
        refusal = f"the store answered {response.status_code}{_aws_message(response.text)}"
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            return refusal
        raise PutFailed(refusal)


def _aws_message(body: str) -> str:
    """The words of S3's XML error document, if it is one."""
    found = re.search(r"<Message>([^<]{1,300})</Message>", body)
    return f": {found[1]}" if found else ""
