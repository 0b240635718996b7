import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.ids import JOB_ID_PATTERN, Arn, JobId, Label, S3Uri, new_job_id

MOMENTS = st.integers(min_value=1_577_836_800_000, max_value=7_258_118_400_000).map(
    lambda milliseconds: datetime.fromtimestamp(milliseconds / 1000, UTC)
)
RANDOMNESS = st.binary(min_size=10, max_size=10)


@given(MOMENTS, RANDOMNESS)
def test_a_job_id_keeps_its_pattern(now: datetime, randomness: bytes) -> None:
    assert re.fullmatch(JOB_ID_PATTERN, new_job_id(now, randomness))


@given(MOMENTS, RANDOMNESS, RANDOMNESS, st.integers(min_value=2, max_value=10**12))
def test_job_ids_sort_as_they_were_made(
    now: datetime, first: bytes, second: bytes, milliseconds: int
) -> None:
    later = now + timedelta(milliseconds=milliseconds)
    assert new_job_id(now, first) < new_job_id(later, second)


@given(MOMENTS, RANDOMNESS, RANDOMNESS)
def test_job_ids_of_one_moment_differ_by_their_randomness(now: datetime, first: bytes, second: bytes) -> None:
    assert (new_job_id(now, first) == new_job_id(now, second)) == (first == second)


@pytest.mark.parametrize("length", [0, 9, 11])
def test_a_job_id_needs_ten_random_bytes(length: int) -> None:
    with pytest.raises(ValueError, match=f"10 random bytes, not {length}"):
        new_job_id(datetime(2026, 11, 22, tzinfo=UTC), bytes(length))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "01m81h5swf60rk4csm6mv3ee1",  # one short
        "01m81h5swf60rk4csm6mv3ee1s0",  # one too many
        "01M81H5SWF60RK4CSM6MV3EE1S",  # SageMaker compares without case, so there is one spelling
        "81m81h5swf60rk4csm6mv3ee1s",  # past the ULID's last moment
        "01m81h5swf60rk4csm6mv3ee1i",  # Crockford's alphabet has no i, l, o, u
        "01m81h5swf60rk4csm6mv3ee1s\n",
    ],
)
def test_what_is_no_job_id_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(JobId).validate_python(text)


@pytest.mark.parametrize("label", ["a", "id-card", "Passport v2.1", "a" * 64])
def test_labels_may_be_words(label: str) -> None:
    assert TypeAdapter(Label).validate_python(label) == label


@pytest.mark.parametrize("label", ["", " a", "a ", "-a", "a-", "a" * 65, "pässe", "a/b", "a\nb", "a\n"])
def test_labels_that_no_service_would_take_are_refused(label: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Label).validate_python(label)


@pytest.mark.parametrize(
    "uri", ["s3://ab/key", "https://bucket/key", "s3://bucket", "s3://Bucket/key", "s3:///key"]
)
def test_what_is_no_s3_address_is_refused(uri: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(S3Uri).validate_python(uri)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:rekognition:eu-west-1:123456789012:project/a/1763805600000",
        "arn:aws-cn:s3:::bucket",
        "arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:labeling-job/a",
    ],
)
def test_arns_of_every_partition_are_known(arn: str) -> None:
    assert TypeAdapter(Arn).validate_python(arn) == arn
