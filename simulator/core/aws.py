"""Clients of the AWS services that exist outside the simulator: S3 and EventBridge."""

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config

from simulator.core.s3 import Buckets
from simulator.core.wire import DEFAULT_ACCOUNT, Caller

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

_CONFIG = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    max_pool_connections=32,
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "max_attempts": 4},
)
# EventBridge signs with plain v4; only S3 has a signature version of its own.
_EVENTS_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})


class Aws(Protocol):
    """What the simulator needs of AWS, as a caller of its own would see it."""

    def buckets(self, caller: Caller) -> Buckets:
        """Return S3 in the caller's account and region."""
        ...

    def events(self, caller: Caller) -> "EventBridgeClient":
        """Return EventBridge in the caller's account and region."""
        ...


class Boto3Aws:
    """Clients from the environment: `AWS_ENDPOINT_URL…`, profile, credentials, as boto3 reads them.

    A caller whose access key is an account id (12 digits) is followed into that account, which is how
    MiniStack and LocalStack keep accounts apart; anybody else's calls are made with the ambient
    credentials, or with `test`/`test` where there are none.
    """

    def __init__(self, endpoint_url: str | None = None) -> None:
        self._endpoint_url = endpoint_url
        self._session = boto3.Session()
        self._ambient = self._session.get_credentials() is not None
        self.buckets = lru_cache(maxsize=64)(self._make_buckets)
        self.events = lru_cache(maxsize=64)(self._make_events)

    def _make_buckets(self, caller: Caller) -> Buckets:
        key = self._key(caller)
        return Buckets(
            self._session.client(
                "s3",
                region_name=caller.region,
                endpoint_url=self._endpoint_url,
                aws_access_key_id=key,
                aws_secret_access_key=key,
                config=_CONFIG,
            )
        )

    def _make_events(self, caller: Caller) -> "EventBridgeClient":
        key = self._key(caller)
        return self._session.client(
            "events",
            region_name=caller.region,
            endpoint_url=self._endpoint_url,
            aws_access_key_id=key,
            aws_secret_access_key=key,
            config=_EVENTS_CONFIG,
        )

    def _key(self, caller: Caller) -> str | None:
        if caller.account != DEFAULT_ACCOUNT:
            return caller.account
        return None if self._ambient else "test"
