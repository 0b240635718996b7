"""How the page is served: said once, in the folder of Terraform's module, for CloudFront and its twin."""

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from string import Template
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent.parent
STATEMENT = HERE / "terraform" / "modules" / "console" / "page.json"
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True)
class Page:
    """What goes with each answer.

    Attributes:
        headers: those of the page's own files.
        api_headers: those that are set on answers of the API.
    """

    headers: Mapping[str, str]
    api_headers: Mapping[str, str]
    _content_types: Mapping[str, str]
    _immutable: str
    _cache_control: Mapping[str, str]

    def content_type(self, key: str) -> str:
        """Say what a file is, by its name."""
        return self._content_types.get(PurePosixPath(key).suffix, _UNKNOWN)

    def cache_control(self, key: str) -> str:
        """Say how long a file may be kept: for ever where its name is made of what it holds."""
        return self._cache_control["immutable" if key.startswith(self._immutable) else "other"]


def read_page(images: str, statement: Path = STATEMENT) -> Page:
    """Read the statement for a page whose images come from the origin ``images``, and signs nobody in."""
    members: Any = json.loads(statement.read_text(encoding="utf-8"))
    headers = {
        kind: {name: Template(text).substitute(images=images, connects=images) for name, text in told.items()}
        for kind, told in members["headers"].items()
    }
    return Page(
        headers["page"],
        headers["api"],
        members["content_types"],
        members["immutable"],
        members["cache_control"],
    )


def image_origins(endpoint: str, bucket: str) -> str:
    """Give the origins, as a policy names them, that pre-signed URLs of a bucket may have.

    botocore puts the bucket into the host's name unless that is an address of numbers.
    """
    parts = urlsplit(endpoint)
    origin = f"{parts.scheme}://{parts.netloc}"
    try:
        ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return f"{origin} {parts.scheme}://{bucket}.{parts.netloc}"
    return origin
