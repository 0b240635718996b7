"""The EventBridge event of a job that ended, as it is put on the bus."""

import logging
from typing import Any

import httpx
import pytest

from simulator.core.aws import Boto3Aws
from simulator.core.s3 import Buckets
from simulator.core.wire import Caller
from tests.simulator.builders import (
    coco,
    labelling_request,
    make_bucket,
    put_job_files,
    put_text,
    upload_pictures,
)
from tests.simulator.conftest import ACCOUNT, REGION, Lab, MakeLab, wait_until

JOB_ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job/job-1"


class Bus:
    """Keeps the entries that EventBridge took, or refuses them."""

    def __init__(self, aws: Boto3Aws, *, refuses: bool = False) -> None:
        self.entries: list[dict[str, Any]] = []
        self._aws = aws
        self._refuses = refuses

    def buckets(self, caller: Caller) -> Buckets:
        return self._aws.buckets(caller)

    def events(self, caller: Caller) -> Any:
        self._client = self._aws.events(caller)
        return self

    def put_events(self, **request: Any) -> Any:
        if self._refuses:
            refused = {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "aws. is reserved"}
            return {"FailedEntryCount": 1, "Entries": [refused]}
        answer = self._client.put_events(**request)
        self.entries += request["Entries"]
        return answer


@pytest.fixture
def bus(aws: Boto3Aws) -> Bus:
    return Bus(aws)


@pytest.fixture
def lab(make_lab: MakeLab, bus: Bus) -> Lab:
    return make_lab(other_aws=bus)


def begin_job(lab: Lab) -> None:
    make_bucket(lab.s3)
    pictures = upload_pictures(lab.s3, 1)
    put_job_files(lab.s3, list(pictures))
    httpx.post(f"{lab.url}/_simulator/annotations", json=coco(pictures)).raise_for_status()
    lab.sagemaker.create_labeling_job(**labelling_request())


def set_fault(lab: Lab, **fault: Any) -> None:
    httpx.post(f"{lab.url}/_simulator/faults", json=fault).raise_for_status()


def test_the_end_of_a_job_is_told_once_with_the_status_alone(lab: Lab, bus: Bus) -> None:
    begin_job(lab)
    lab.pass_time(3600)
    (entry,) = bus.entries
    assert entry["Source"] == "aws.sagemaker"
    assert entry["DetailType"] == "SageMaker Ground Truth Labeling Job State Change"
    assert entry["Resources"] == [JOB_ARN]
    assert entry["Detail"] == '{"LabelingJobStatus": "Completed"}'


def test_nobody_needs_to_ask_for_the_event_and_whoever_hears_it_finds_the_job_ended(
    lab: Lab, bus: Bus
) -> None:
    begin_job(lab)
    lab.settle()
    lab.clock.advance(3600)
    wait_until(lambda: len(bus.entries) == 1)
    assert lab.sagemaker.describe_labeling_job(LabelingJobName="job-1")["LabelingJobStatus"] == "Completed"


def test_a_stopped_job_is_told(lab: Lab, bus: Bus) -> None:
    begin_job(lab)
    lab.sagemaker.stop_labeling_job(LabelingJobName="job-1")
    lab.pass_time(3600)
    assert [entry["Detail"] for entry in bus.entries] == ['{"LabelingJobStatus": "Stopped"}']


def test_a_failed_job_is_told(lab: Lab, bus: Bus) -> None:
    make_bucket(lab.s3)
    put_job_files(lab.s3, [])
    put_text(lab.s3, "job/input.manifest", "rubbish")
    lab.sagemaker.create_labeling_job(**labelling_request())
    lab.pass_time(3600)
    assert [entry["Detail"] for entry in bus.entries] == ['{"LabelingJobStatus": "Failed"}']


@pytest.mark.parametrize(("kind", "count"), [("event-lost", 0), ("event-doubled", 2)])
def test_events_can_be_lost_and_doubled(lab: Lab, bus: Bus, kind: str, count: int) -> None:
    set_fault(lab, operation="CreateLabelingJob", fault=kind)
    begin_job(lab)
    lab.pass_time(3600)
    assert len(bus.entries) == count


def test_an_event_can_come_late(lab: Lab, bus: Bus) -> None:
    set_fault(lab, operation="CreateLabelingJob", fault="event-late", seconds=100)
    begin_job(lab)
    lab.pass_time(3600)
    assert bus.entries == []
    lab.pass_time(100)
    assert len(bus.entries) == 1


def test_a_bus_that_refuses_is_complained_about_once_and_the_job_goes_on(
    make_lab: MakeLab, aws: Boto3Aws, caplog: pytest.LogCaptureFixture
) -> None:
    lab = make_lab(other_aws=Bus(aws, refuses=True))
    set_fault(lab, operation="CreateLabelingJob", fault="event-doubled")
    with caplog.at_level(logging.WARNING, "simulator"):
        begin_job(lab)
        lab.pass_time(3600)
    complaints = [record for record in caplog.records if "NotAuthorizedForSource" in record.getMessage()]
    assert len(complaints) == 1
    assert lab.sagemaker.describe_labeling_job(LabelingJobName="job-1")["LabelingJobStatus"] == "Completed"
