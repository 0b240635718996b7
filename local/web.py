"""Small HTTP questions to servers on this machine."""

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit


def answers(url: str, *, seconds: float = 2) -> bool:
    """Tell whether anybody listens at a URL."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=seconds).close()
    except OSError:
        return False
    return True


def get_json(url: str, *, seconds: float = 2) -> Any:
    """GET a JSON document; None if nobody answers, or not with one.

    No proxies and no certificates are looked up, as urllib would.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        return json.loads(answer.read()) if answer.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
