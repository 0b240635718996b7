"""Fixtures for all tests."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from hypothesis import settings

from tests.support.clock import ManualClock
from tests.support.world import World, pretended_aws

settings.register_profile("patient", deadline=None)  # how long an example takes says more of the machine
settings.load_profile("patient")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def boto_session() -> boto3.Session:
    """One session for all tests."""
    return boto3.Session()


@pytest.fixture
def world(boto_session: boto3.Session) -> Iterator[Callable[[str], World]]:
    """Make the surroundings of a service in moto's AWS: ``world("trainer")``."""
    with pretended_aws(boto_session):
        yield World
