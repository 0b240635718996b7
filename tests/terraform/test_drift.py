"""What counts as drift on the emulator, and what only its memory gets wrong."""

import pytest

from tools.terraform import Change
from tools.terraform_local import is_misread

ALARM = "aws_cloudwatch_metric_alarm"


@pytest.mark.parametrize(
    ("kind", "attributes", "misread"),
    [
        (ALARM, {"period", "statistic"}, True),
        (ALARM, {"period", "threshold"}, False),
        (ALARM, set(), False),
        ("aws_sqs_queue", {"period"}, False),
    ],
)
def test_only_what_the_emulator_is_known_to_misread_is_no_drift(
    kind: str, attributes: set[str], misread: bool
) -> None:
    change = Change(f"module.any.{kind}.any", kind, ("update",), frozenset(attributes))
    assert is_misread(change) is misread
