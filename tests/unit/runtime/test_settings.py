from traceback import format_exception
from typing import Any

import pytest
from pydantic import PositiveInt

from runtime.settings import Settings, SettingsError, StageSettings

GOOD = {
    "NAME_PREFIX": "ekyc",
    "BUCKET": "ekyc-images",
    "TABLE_NAME": "ekyc-trainer",
    "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:ekyc-events",
}


class Limits(Settings):
    most: PositiveInt
    least: PositiveInt = 1


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        StageSettings.read({})
    assert all(f"{name}: Field required" in str(caught.value) for name in GOOD)


def test_what_is_missing_and_what_is_wrong_are_told_together() -> None:
    environment: dict[str, Any] = {**GOOD, "NAME_PREFIX": "Ekyc", "CHECK_EVERY_SECONDS": "soon"}
    del environment["BUCKET"]
    with pytest.raises(SettingsError) as caught:
        StageSettings.read(environment)
    told = str(caught.value)
    assert "BUCKET: Field required" in told
    assert "NAME_PREFIX: String should match" in told
    assert "CHECK_EVERY_SECONDS: Input should be a valid integer" in told


def test_a_wrong_value_is_not_repeated_in_what_is_told() -> None:
    environment = {"MOST": "a-secret"}
    with pytest.raises(SettingsError) as caught:
        Limits.read(environment)
    assert "a-secret" not in "".join(format_exception(caught.value))


def test_variables_of_others_are_passed_over() -> None:
    assert Limits.read({"MOST": "3", "PATH": "/bin", "least": "2"}) == Limits(most=3)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Limits(most=3).most = 4


def test_durations_are_given_in_seconds() -> None:
    settings = StageSettings.read({**GOOD, "CHECK_EVERY_SECONDS": "0", "LEASE_SECONDS": "90"})
    assert (settings.between_looks.total_seconds(), settings.lease.total_seconds()) == (0, 90)
