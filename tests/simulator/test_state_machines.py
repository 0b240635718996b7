"""No sequence of calls and no passing of time leaves the tables of legal moves."""

from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from simulator.core.lifecycle import GONE, IllegalMoveError, Lifecycle
from simulator.rekognition.models import DATASET, PROJECT, VERSION
from simulator.sagemaker.models import LABELLING_JOB, TERMINAL
from tests.simulator.builders import (
    BUCKET,
    coco,
    labelling_request,
    make_bucket,
    manifest_of,
    put_job_files,
    put_text,
    upload_pictures,
)
from tests.simulator.conftest import Lab, MakeLab

NAMES = st.sampled_from(["a", "b"])
KINDS = st.sampled_from(["TRAIN", "TEST"])
MANIFESTS = st.sampled_from(["good.manifest", "bad.manifest", "empty.manifest"])
FAULTS = st.sampled_from(
    [
        ("CreateDataset", "dataset-fails"),
        ("UpdateDatasetEntries", "dataset-fails"),
        ("CreateProjectVersion", "training-fails"),
        ("StartProjectVersion", "start-fails"),
        ("CreateLabelingJob", "labelling-fails"),
        ("StopProjectVersion", "lost-answer"),
    ]
)
# What the operations declare; a fault of the simulator itself would show as another code or a bare 500.
EXPECTED = {
    "InvalidParameterException",
    "LimitExceededException",
    "ResourceAlreadyExistsException",
    "ResourceInUse",
    "ResourceInUseException",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "ResourceNotReadyException",
    "ServiceQuotaExceededException",
}


class Session(RuleBasedStateMachine):
    """Calls at random, on few names, so that they meet."""

    def __init__(self, lab: Lab, manifest: bytes) -> None:
        super().__init__()
        self.lab = lab
        self.manifest = manifest
        self.seen: dict[str, tuple[Lifecycle, str]] = {}

    def call(self, operation: str, service: str = "rekognition", **request: Any) -> None:
        try:
            getattr(self.lab.client(service), operation)(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] not in EXPECTED and "simulated fault" not in str(error):
                raise

    def arns(self, name: str, part: str = "") -> list[str]:
        """Return the ARNs of a project, or of what is in it."""
        projects = self.lab.rekognition.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
        if not projects or not part:
            return [project["ProjectArn"] for project in projects]
        if part == "datasets":
            return [dataset["DatasetArn"] for dataset in projects[0]["Datasets"]]
        versions = self.lab.rekognition.describe_project_versions(ProjectArn=projects[0]["ProjectArn"])
        return [version["ProjectVersionArn"] for version in versions["ProjectVersionDescriptions"]]

    @rule(name=NAMES)
    def create_project(self, name: str) -> None:
        self.call("create_project", ProjectName=name)

    @rule(name=NAMES)
    def delete_project(self, name: str) -> None:
        for arn in self.arns(name):
            self.call("delete_project", ProjectArn=arn)

    @rule(name=NAMES, kind=KINDS, key=MANIFESTS)
    def create_dataset(self, name: str, kind: str, key: str) -> None:
        place = {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": key}}}
        source: dict[str, Any] = {} if key == "empty.manifest" else {"DatasetSource": place}
        for arn in self.arns(name):
            self.call("create_dataset", ProjectArn=arn, DatasetType=kind, **source)

    @rule(name=NAMES, good=st.booleans())
    def update_dataset(self, name: str, good: bool) -> None:
        for arn in self.arns(name, "datasets"):
            changes = {"GroundTruth": self.manifest if good else b"rubbish"}
            self.call("update_dataset_entries", DatasetArn=arn, Changes=changes)

    @rule(name=NAMES)
    def distribute(self, name: str) -> None:
        arns = self.arns(name, "datasets")
        if len(arns) == 2:
            self.call("distribute_dataset_entries", Datasets=[{"Arn": arn} for arn in arns])

    @rule(name=NAMES, kind=st.sampled_from(["/train/", "/test/"]))
    def delete_dataset(self, name: str, kind: str) -> None:
        for arn in self.arns(name, "datasets"):
            if kind in arn:
                self.call("delete_dataset", DatasetArn=arn)

    @rule(name=NAMES, version=NAMES)
    def train(self, name: str, version: str) -> None:
        for arn in self.arns(name):
            output = {"S3Bucket": BUCKET}
            self.call("create_project_version", ProjectArn=arn, VersionName=version, OutputConfig=output)

    @rule(name=NAMES)
    def start(self, name: str) -> None:
        for arn in self.arns(name, "versions"):
            self.call("start_project_version", ProjectVersionArn=arn, MinInferenceUnits=1)

    @rule(name=NAMES)
    def stop(self, name: str) -> None:
        for arn in self.arns(name, "versions"):
            self.call("stop_project_version", ProjectVersionArn=arn)

    @rule(name=NAMES)
    def delete_version(self, name: str) -> None:
        for arn in self.arns(name, "versions")[:1]:
            self.call("delete_project_version", ProjectVersionArn=arn)

    @rule(source=NAMES, goal=NAMES)
    def copy(self, source: str, goal: str) -> None:
        for version in self.arns(source, "versions")[:1]:
            for project in self.arns(goal):
                self.call(
                    "copy_project_version",
                    SourceProjectArn=self.arns(source)[0],
                    SourceProjectVersionArn=version,
                    DestinationProjectArn=project,
                    VersionName="copy",
                    OutputConfig={"S3Bucket": BUCKET},
                )

    @rule(name=st.sampled_from(["one", "ONE", "two"]))
    def create_job(self, name: str) -> None:
        self.call("create_labeling_job", "sagemaker", **labelling_request(name))

    @rule(name=st.sampled_from(["one", "two"]))
    def stop_job(self, name: str) -> None:
        self.call("stop_labeling_job", "sagemaker", LabelingJobName=name)

    @rule(fault=FAULTS)
    def set_fault(self, fault: tuple[str, str]) -> None:
        operation, kind = fault
        body = {"operation": operation, "fault": kind}
        httpx.post(f"{self.lab.url}/_simulator/faults", json=body).raise_for_status()

    @rule(seconds=st.sampled_from([1, 30, 120, 700, 4000]))
    def pass_time(self, seconds: int) -> None:
        self.lab.pass_time(seconds)

    @invariant()
    def statuses_follow_the_tables_and_quotas_hold(self) -> None:
        now = self.statuses()
        statuses = [status for _, status in now.values()]
        assert statuses.count("TRAINING_IN_PROGRESS") <= 2
        assert sum(status in ("STARTING", "RUNNING", "STOPPING") for status in statuses) <= 2
        for resource, (lifecycle, status) in now.items():
            before = self.seen.get(resource, (lifecycle, "(new)"))[1]
            assert status in lifecycle.reachable(before), f"{resource}: {before} -> {status}"
        for resource in self.seen.keys() - now.keys():
            lifecycle, before = self.seen[resource]
            assert GONE in lifecycle.reachable(before), f"{resource} vanished from {before}"
        self.seen = now

    def statuses(self) -> dict[str, tuple[Lifecycle, str]]:
        found: dict[str, tuple[Lifecycle, str]] = {}
        for project in self.lab.rekognition.describe_projects()["ProjectDescriptions"]:
            found[project["ProjectArn"]] = (PROJECT, project["Status"])
            found |= {d["DatasetArn"]: (DATASET, d["Status"]) for d in project["Datasets"]}
            versions = self.lab.rekognition.describe_project_versions(ProjectArn=project["ProjectArn"])
            for version in versions["ProjectVersionDescriptions"]:
                found[version["ProjectVersionArn"]] = (VERSION, version["Status"])
        for job in self.lab.sagemaker.list_labeling_jobs()["LabelingJobSummaryList"]:
            found[job["LabelingJobArn"]] = (LABELLING_JOB, job["LabelingJobStatus"])
        return found


def prepare_models(lab: Lab) -> None:
    """Give a session what random calls would seldom come to: a project with three trained models."""
    project = lab.rekognition.create_project(ProjectName="a")["ProjectArn"]
    place: Any = {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": "good.manifest"}}}
    for kind in ("TRAIN", "TEST"):
        lab.rekognition.create_dataset(ProjectArn=project, DatasetType=kind, DatasetSource=place)
    lab.pass_time(60)
    for name in ("v1", "v2", "v3"):
        output: Any = {"S3Bucket": BUCKET}
        lab.rekognition.create_project_version(ProjectArn=project, VersionName=name, OutputConfig=output)
        lab.pass_time(4000)


def test_no_sequence_of_calls_leaves_the_legal_tables(make_lab: MakeLab) -> None:
    first = make_lab()
    make_bucket(first.s3)
    pictures = upload_pictures(first.s3, 6)
    manifest = manifest_of(pictures)
    put_job_files(first.s3, list(pictures))
    put_text(first.s3, "good.manifest", manifest)
    put_text(first.s3, "bad.manifest", "rubbish\n")

    class FreshSession(Session):
        def __init__(self) -> None:
            lab = make_lab()
            httpx.post(f"{lab.url}/_simulator/annotations", json=coco(pictures)).raise_for_status()
            prepare_models(lab)
            super().__init__(lab, manifest.encode())

    run_state_machine_as_test(
        FreshSession,
        settings=settings(
            max_examples=6,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_move_the_table_does_not_have_is_an_error() -> None:
    with pytest.raises(IllegalMoveError, match="cannot go from RUNNING to TRAINING_COMPLETED"):
        VERSION.move("RUNNING", "TRAINING_COMPLETED")


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_nothing_follows_the_end_of_a_labelling_job(status: str) -> None:
    assert LABELLING_JOB.reachable(status) == {status}


@pytest.mark.parametrize(
    "lifecycle", [PROJECT, DATASET, VERSION, LABELLING_JOB], ids=lambda table: table.name
)
def test_every_status_of_a_table_can_be_reached(lifecycle: Lifecycle) -> None:
    assert lifecycle.reachable("(new)") >= set(lifecycle.moves)
