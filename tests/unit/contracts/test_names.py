import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.ids import JOB_ID_PATTERN, Arn
from contracts.names import image_key, images_prefix, labelling_job_arn, labelling_job_name
from runtime.settings import NamePrefix
from tests.support.builders import JOB

# CreateLabelingJob's pattern and length in botocore's model of SageMaker.
LABELING_JOB_NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
LONGEST_PREFIX = "a" * 20


@given(st.from_regex(JOB_ID_PATTERN, fullmatch=True), st.integers(min_value=1, max_value=10**13))
def test_a_labelling_job_of_the_longest_prefix_has_a_name_that_sagemaker_takes(
    job_id: str, attempt: int
) -> None:
    name = labelling_job_name(LONGEST_PREFIX, job_id, attempt)
    assert re.fullmatch(LABELING_JOB_NAME, name)
    assert len(name) <= 63
    assert name == name.lower()


@pytest.mark.parametrize("prefix", ["a" * 21, "-a", "a-", "1a", "Ekyc", "", "a"])
def test_a_prefix_that_would_spoil_outside_names_is_refused(prefix: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(NamePrefix).validate_python(prefix)


def test_each_job_has_a_labelling_job_name_of_its_own_for_each_attempt() -> None:
    assert labelling_job_name("ekyc", JOB, 1) == f"ekyc-{JOB}-1"
    assert labelling_job_name("ekyc", JOB, 2) != labelling_job_name("ekyc", JOB, 1)


def test_a_labelling_job_has_an_arn_before_it_exists() -> None:
    arn = labelling_job_arn("aws-cn", "cn-north-1", "123456789012", "ekyc-x-1")
    assert arn == "arn:aws-cn:sagemaker:cn-north-1:123456789012:labeling-job/ekyc-x-1"
    assert TypeAdapter(Arn).validate_python(arn) == arn


def test_images_lie_below_their_job() -> None:
    assert image_key(JOB, "a b.jpg") == images_prefix(JOB) + "a b.jpg" == f"images/{JOB}/a b.jpg"
