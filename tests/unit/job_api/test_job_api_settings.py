import pytest

from runtime.settings import SettingsError
from services.job_api.settings import JobApiSettings

GOOD = {
    "NAME_PREFIX": "ekyc",
    "BUCKET": "ekyc-images",
    "TABLE_NAME": "ekyc-job-api",
    "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:ekyc-events",
    "PARTITION": "aws",
    "AWS_REGION": "eu-west-1",
    "ACCOUNT": "123456789012",
    "DEFAULT_LABELS": "passport, id-card ,driving licence",
}


def test_default_labels_are_separated_by_commas() -> None:
    assert JobApiSettings.read(GOOD).default_labels == ["passport", "id-card", "driving licence"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEFAULT_LABELS", ""),
        ("DEFAULT_LABELS", "a,,b"),
        ("DEFAULT_LABELS", "passport,Passport"),  # every job would fail to be created
        ("DEFAULT_LABELS", ",".join(f"l{number}" for number in range(11))),
        ("ACCOUNT", "12345"),
        ("UPLOAD_URL_SECONDS", "3601"),
        ("PRICE_TRAINING_HOUR", "-1"),
    ],
)
def test_what_cannot_be_right_is_refused_at_the_start(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        JobApiSettings.read({**GOOD, variable: value})


def test_prices_can_be_set_without_new_code() -> None:
    settings = JobApiSettings.read({**GOOD, "PRICE_INFERENCE_UNIT_HOUR": "4.5"})
    assert settings.prices.inference_unit_hour == 4.5
