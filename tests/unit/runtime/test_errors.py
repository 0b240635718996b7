import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from runtime.errors import Busy, Permanent, Retryable, Trouble, error_code, error_message, trouble_from
from tests.support.rekognition import refusal

QUOTAS = {"LimitExceededException": "a free slot"}


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, Retryable),
        ("ProvisionedThroughputExceededException", 400, Retryable),
        ("TransactionConflictException", 400, Retryable),
        ("SlowDown", 503, Retryable),
        ("TooManyUpdates", 400, Retryable),  # PutParameter, while another one is at work
        ("RequestTimeout", 400, Retryable),
        ("InternalServerError", 500, Retryable),
        ("SomethingNew", 500, Retryable),
        ("SomethingNew", 502, Retryable),
        ("LimitExceededException", 400, Busy),
        ("ServiceQuotaExceededException", 400, Permanent),  # not named as a quota of this call
        ("ResourceLimitExceeded", 400, Permanent),
        ("AccessDeniedException", 400, Permanent),
        ("ValidationException", 400, Permanent),
        ("ResourceInUseException", 400, Permanent),
        ("SomethingNew", 400, Permanent),
    ],
)
def test_an_aws_error_is_one_kind_of_trouble(code: str, status: int, kind: type[Trouble]) -> None:
    trouble = trouble_from(refusal(code, status=status), "start the training", quotas=QUOTAS)
    assert type(trouble) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (EndpointConnectionError(endpoint_url="https://x"), Retryable),
        (ConnectTimeoutError(endpoint_url="https://x"), Retryable),
        (ReadTimeoutError(endpoint_url="https://x"), Retryable),
        (NoCredentialsError(), Permanent),
        (ParamValidationError(report="no"), Permanent),
    ],
)
def test_an_answer_that_never_came_may_come_next_time(error: BotoCoreError, kind: type[Trouble]) -> None:
    assert type(trouble_from(error, "start the training")) is kind


def test_where_aws_could_not_be_reached_is_told_without_anybodys_file_name() -> None:
    url = "https://images.s3.eu-west-1.amazonaws.com/images/01m8/john-doe-passport.jpg?x=1"
    for error in (ReadTimeoutError(endpoint_url=url), EndpointConnectionError(endpoint_url=url)):
        told = str(trouble_from(error, "read an uploaded image"))
        assert "https://images.s3.eu-west-1.amazonaws.com" in told
        assert "john-doe" not in told


def test_a_quota_is_waited_for_in_words_for_the_user() -> None:
    trouble = trouble_from(refusal("LimitExceededException"), "start the training", quotas=QUOTAS)
    assert isinstance(trouble, Busy)
    assert trouble.waiting_for == "a free slot"


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "permission"),
        ("UnauthorizedOperation", "permission"),
        ("LimitExceededException", "higher quota"),
        ("InvalidParameterException", "Correct what the reason names"),
    ],
)
def test_what_will_not_pass_says_what_was_refused_and_what_to_do(code: str, advice: str) -> None:
    trouble = trouble_from(refusal(code, message="not like this"), "start the training")
    assert isinstance(trouble, Permanent)
    assert trouble.code == code
    assert trouble.reason == f"AWS refused to start the training: not like this ({code})"
    assert advice in trouble.advice


def test_an_error_without_a_code_or_message_is_still_told() -> None:
    error = refusal("", message="")
    assert error_code(error) == ""
    assert "Operation" in error_message(error)
