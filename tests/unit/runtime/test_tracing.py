import re

import pytest

from runtime.tracing import trace_id, traceparent
from tests.support.builders import TRACEPARENT

XRAY = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
FORM = r"00-[0-9a-f]{32}-[0-9a-f]{16}-01"


def test_the_callers_trace_goes_on() -> None:
    assert traceparent(TRACEPARENT, XRAY) == TRACEPARENT


@pytest.mark.parametrize("incoming", [None, "", "nonsense", TRACEPARENT.upper(), TRACEPARENT + "-more"])
def test_without_a_usable_trace_of_the_caller_x_ray_is_followed(incoming: str | None) -> None:
    continued = traceparent(incoming, XRAY)
    assert re.fullmatch(FORM, continued)
    assert trace_id(continued) == "5759e988bd862e3fe1be46a994272793"


@pytest.mark.parametrize("header", [None, "", "Sampled=0", "Root=1-xyz"])
def test_without_any_trace_one_begins(header: str | None) -> None:
    begun = traceparent(None, header)
    assert re.fullmatch(FORM, begun)
    assert begun != traceparent(None, header)


def test_no_trace_has_no_id() -> None:
    assert trace_id(None) is None
