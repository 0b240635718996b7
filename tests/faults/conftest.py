"""Fixtures of the tests with faults."""

from collections.abc import Iterator

import pytest

from tests.faults.account import Machinery, machinery


@pytest.fixture(scope="module", name="machinery")
def _machinery() -> Iterator[Machinery]:
    with machinery() as made:
        yield made
