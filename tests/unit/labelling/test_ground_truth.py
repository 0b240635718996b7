import json
import re

import pytest
from pydantic import ValidationError

from runtime.errors import Permanent
from services.labelling.bounding_box_functions import bounding_box_functions
from services.labelling.ground_truth import job_id_of, label_categories, worker_template
from services.labelling.settings import LabellingSettings

JOB = "01jd3v9k5wq8x2m4n6p7r9stvz"
ARN = "arn:aws:sagemaker:eu-west-1:111122223333:labeling-job/"
SETTINGS = {
    "name_prefix": "ekyc",
    "bucket": "ekyc-images",
    "table_name": "ekyc-labelling",
    "tasks_table_name": "ekyc-labelling-tasks",
    "topic_arn": "arn:aws:sns:eu-west-1:111122223333:ekyc-events",
    "labelling_role_arn": "arn:aws:iam::111122223333:role/ekyc-labelling",
    "workteam_arn": "arn:aws:sagemaker:eu-west-1:111122223333:workteam/private-crowd/ekyc",
}


def test_a_region_has_functions_of_its_own_account_leading_zero_included() -> None:
    functions = bounding_box_functions("us-west-2")
    assert functions.prepare == "arn:aws:lambda:us-west-2:081040173940:function:PRE-BoundingBox"
    assert functions.consolidate == "arn:aws:lambda:us-west-2:081040173940:function:ACS-BoundingBox"


@pytest.mark.parametrize("region", ["ca-central-1", "eu-north-1"])
def test_a_region_without_both_services_is_refused_with_those_that_have_them(region: str) -> None:
    with pytest.raises(Permanent) as refused:
        bounding_box_functions(region)
    assert refused.value.code == "region-unsupported"
    assert region in refused.value.reason
    named = re.findall(r"[a-z]+-[a-z]+-\d", refused.value.advice)
    assert len(named) == 11
    assert "ca-central-1" not in named


def test_a_labelling_job_of_ours_is_known_by_its_name() -> None:
    assert job_id_of("ekyc", f"{ARN}ekyc-{JOB}-12") == JOB


@pytest.mark.parametrize(
    "name",
    [f"other-{JOB}-1", f"ekyc-{JOB}", f"ekyc-{JOB}-1-clone", "ekyc-cats-1", "birds", f"ekyc2-{JOB}-1", ""],
)
def test_a_labelling_job_of_somebody_else_is_not_ours(name: str) -> None:
    assert job_id_of("ekyc", ARN + name) is None


def test_label_categories_keep_the_order_that_gives_the_class_ids() -> None:
    document = json.loads(label_categories(["passport", "id-card"]))
    assert document == {
        "document-version": "2018-11-28",
        "labels": [{"label": "passport"}, {"label": "id-card"}],
    }


def test_the_template_is_what_the_built_in_functions_expect() -> None:
    template = worker_template().decode()
    for needed in (
        '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>',
        "<crowd-form>",
        "<crowd-bounding-box",
        'name="boundingBox"',
        'src="{{ task.input.taskObject | grant_read_access }}"',
        'labels="{{ task.input.labels | to_json | escape }}"',
        "<full-instructions header=",
        "<short-instructions>",
    ):
        assert template.count(needed) == 1, needed
    # Liquid reads every pair of braces: only those two may be there.
    assert template.count("{{") == 2
    assert "{%" not in template


def test_the_environment_is_read_as_one() -> None:
    settings = LabellingSettings.model_validate(SETTINGS)
    assert settings.output_kms_key_arn is None
    assert settings.task_lifetime_seconds < 30 * 86_400


@pytest.mark.parametrize(
    ("member", "value", "said"),
    [
        (
            "workteam_arn",
            "arn:aws:sagemaker:eu-west-1:394669845002:workteam/public-crowd/default",
            "private or a vendor's work team",
        ),
        ("workteam_arn", "private-crowd/ekyc", "match pattern"),
        ("labelling_role_arn", "ekyc-labelling", "match pattern"),
        ("task_time_limit_seconds", "29", "greater than or equal to 30"),
        ("task_lifetime_seconds", str(30 * 86_400 + 1), "less than or equal"),
        ("max_concurrent_tasks", "5001", "less than or equal"),
    ],
)
def test_what_ground_truth_would_refuse_is_refused_at_start_up(member: str, value: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        LabellingSettings.model_validate({**SETTINGS, member: value})
