"""boto3 clients for one endpoint, whatever the shell's environment and AWS profiles say."""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

CREDENTIAL = "test"
"""Access key and secret of the emulators' root user."""


NOWHERE_ELSE: Mapping[str, str] = MappingProxyType({})
"""No service has an address of its own."""


class Endpoint:
    """Somewhere that answers like AWS; `elsewhere` gives the URLs of services that something else answers."""

    def __init__(self, url: str, region: str, elsewhere: Mapping[str, str] = NOWHERE_ELSE) -> None:
        self.url = url
        self.region = region
        self._elsewhere = elsewhere
        # Files and profile of the person at the keyboard must not matter: no environment variable is left to
        # name others, and the files are empty ones.
        isolated: dict[str, Any] = {
            "profile": (None, [], None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
        self.session = boto3.Session(
            botocore_session=botocore.session.Session(session_vars=isolated),
            aws_access_key_id=CREDENTIAL,
            aws_secret_access_key=CREDENTIAL,
            region_name=region,
        )
        # A loopback address is never behind a proxy. Slow answers are normal while functions start.
        self.config = Config(
            proxies={},
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": 3},
            s3={"addressing_style": "path"},
        )

    def url_of(self, service: str) -> str:
        """Tell where a service answers."""
        return self._elsewhere.get(service, self.url)
