from collections.abc import Callable

import pytest

from tests.integration.deployer.bench import Bench
from tests.support.clock import ManualClock
from tests.support.world import World


@pytest.fixture
def bench(world: Callable[[str], World], clock: ManualClock) -> Bench:
    return Bench(world("deployer"), clock)
