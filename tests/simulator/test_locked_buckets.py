"""What happens when S3 does not let the service in."""

from typing import Any

from simulator.core.aws import Boto3Aws
from simulator.core.s3 import S3Forbidden
from simulator.core.wire import Caller
from tests.simulator.builders import (
    BUCKET,
    begin_training,
    describe_version,
    labelling_request,
    make_bucket,
    make_dataset,
    make_project,
    make_ready_project,
    put_job_files,
    upload_pictures,
)
from tests.simulator.conftest import Lab, MakeLab, refusal


class LockedBuckets:
    """S3 that refuses some of what is asked of it, from when `locked` names it."""

    def __init__(self, aws: Boto3Aws) -> None:
        self.locked: set[str] = set()
        self.owners: dict[str, str] = {}
        self._aws = aws
        self._inner: Any = None

    def buckets(self, caller: Caller) -> Any:
        self._inner = self._aws.buckets(caller)
        return self

    def events(self, caller: Caller) -> Any:
        return self._aws.events(caller)

    def owner(self, bucket: str) -> str:
        return self.owners[bucket]

    def __getattr__(self, name: str) -> Any:
        if name in self.locked:
            return self._refuse
        return getattr(self._inner, name)

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise S3Forbidden("access denied")


def make(make_lab: MakeLab, aws: Boto3Aws) -> tuple[Lab, LockedBuckets]:
    locked = LockedBuckets(aws)
    lab = make_lab(other_aws=locked)
    make_bucket(lab.s3)
    return lab, locked


def test_a_manifest_that_may_not_be_read_fails_the_dataset_later(make_lab: MakeLab, aws: Boto3Aws) -> None:
    lab, locked = make(make_lab, aws)
    project = make_project(lab)
    locked.locked = {"size"}
    arn = make_dataset(lab, project, "TRAIN", upload_pictures(lab.s3, 1))
    message = lab.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]["StatusMessage"]
    assert message.startswith("ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET")


def test_images_that_may_not_be_read_are_invalid_in_a_dataset(make_lab: MakeLab, aws: Boto3Aws) -> None:
    lab, locked = make(make_lab, aws)
    project = make_project(lab)
    locked.locked = {"head"}
    arn = make_dataset(lab, project, "TRAIN", upload_pictures(lab.s3, 1))
    stats = lab.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]["DatasetStats"]
    assert stats["ErrorEntries"] == 1


def test_images_that_may_not_be_read_fail_the_training(make_lab: MakeLab, aws: Boto3Aws) -> None:
    lab, locked = make(make_lab, aws)
    project = make_ready_project(lab, train=3, test=3)
    locked.locked = {"head"}
    begin_training(lab, project)
    lab.pass_time(4000)
    message = describe_version(lab, project)["StatusMessage"]
    assert message == "The permissions for the images S3 bucket are invalid."


def test_images_and_manifest_must_have_one_owner(make_lab: MakeLab, aws: Boto3Aws) -> None:
    lab, locked = make(make_lab, aws)
    make_bucket(lab.s3, "manifests")
    locked.owners = {BUCKET: "me", "manifests": "somebody else"}
    project = make_project(lab)
    pictures = upload_pictures(lab.s3, 6)
    for kind in ("TRAIN", "TEST"):
        make_dataset(lab, project, kind, pictures, bucket="manifests")
    begin_training(lab, project)
    lab.pass_time(4000)
    assert describe_version(lab, project)["StatusMessage"] == "Invalid owner id for images S3 bucket."
    locked.owners = {BUCKET: "me", "manifests": "me"}
    begin_training(lab, project, "v2")
    lab.pass_time(4000)
    assert describe_version(lab, project, "v2")["Status"] == "TRAINING_COMPLETED"


def test_a_file_that_may_not_be_read_refuses_the_labelling_job(make_lab: MakeLab, aws: Boto3Aws) -> None:
    lab, locked = make(make_lab, aws)
    put_job_files(lab.s3, list(upload_pictures(lab.s3, 1)))
    locked.locked = {"size"}
    code, message = refusal(lab.sagemaker.create_labeling_job, **labelling_request())
    assert (code, "Check the URI and the permissions" in message) == ("ValidationException", True)
