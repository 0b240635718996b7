"""Fixtures for all tests."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from hypothesis import settings
from moto import mock_aws

from tests.support.clock import ManualClock
from tests.support.world import CREDENTIALS, World

settings.register_profile("patient", deadline=None)  # how long an example takes says more of the machine
settings.load_profile("patient")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def boto_session() -> boto3.Session:
    """One session for all tests: it keeps the service models, which take long to read."""
    return boto3.Session()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, boto_session: boto3.Session) -> Iterator[Callable[[str], World]]:
    """Make the surroundings of a service in moto's AWS: ``world("trainer")``."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto_session)  # moto would have each test begin its own
        yield World
