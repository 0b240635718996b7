"""The calls to AWS that an event and an idle tick cost; docs/scale.md says what each of them is for."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.rows.warm_handler import found_in
from benchmarks.stub import IMAGES, stub
from local.service_spec import ServiceSpec, read_services

CLAIM = RECORD = CLEAR = "dynamodb:PutItem"
LINE, PUBLISH = "dynamodb:Query", "sns:Publish"

CALLS = {
    "job-api": ["dynamodb:PutItem", "dynamodb:UpdateItem"],
    "trainer": [LINE, CLAIM, "rekognition:CreateProjectVersion", RECORD, PUBLISH, CLEAR],
    "deployer": [
        *(LINE, CLAIM, "rekognition:DescribeProjectVersions", "rekognition:StartProjectVersion"),
        *(RECORD, PUBLISH, CLEAR),
    ],
    "dataset": [
        *(CLAIM, "s3:GetObject", "s3:PutObject", "s3:PutObject", RECORD),
        *("rekognition:CreateProject", RECORD, "rekognition:DescribeProjects"),
        *("rekognition:CreateDataset", "rekognition:CreateDataset", RECORD, PUBLISH, CLEAR),
    ],
    "labelling": [
        *(CLAIM, "s3:ListObjectsV2", *["s3:GetObject"] * IMAGES, "s3:PutObject", RECORD),
        *(LINE, "s3:PutObject", "s3:PutObject", "sagemaker:CreateLabelingJob", RECORD, PUBLISH, CLEAR),
    ],
    "dataset-watcher": [],
}
QUERIES_OF_A_TICK = {
    "dataset": 2,
    "dataset-watcher": 2,
    "deployer": 3,
    "job-api": 1,
    "labelling": 3,
    "trainer": 3,
}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with stub() as address:
        yield address


@pytest.mark.parametrize("spec", read_services(Path("services")), ids=lambda spec: spec.service)
def test_an_event_costs_these_calls_and_an_idle_tick_nothing_but_its_queries(
    spec: ServiceSpec, endpoint: str
) -> None:
    found = found_in(spec, endpoint, pairs=1, events=1)
    assert Counter(found.calls) == Counter(CALLS[spec.service])
    assert found.tick_calls == [LINE] * QUERIES_OF_A_TICK[spec.service]
