from collections.abc import Callable

import pytest

from tests.integration.runtime.errands import Errands
from tests.support.clock import ManualClock
from tests.support.world import World


@pytest.fixture
def errands(world: Callable[[str], World], clock: ManualClock) -> Errands:
    return Errands(world("trainer"), clock)
