"""The machine dies in the middle of a job: the stack is started again, and the job goes on and ends."""

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from local import process_table, simulator_process
from local.clients import Endpoint
from local.stack import LocalStack, Options, Stack
from tests.e2e.conftest import LABELS, Photographs
from tests.e2e.pipeline import FINAL, Pipeline
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif("AWS_ENDPOINT_URL" in os.environ, reason="kills a stack of its own"),
]

STAGES = ("LABELLING", "CREATING_DATASET", "TRAINING", "DEPLOYING")
# Each stage lasts for some seconds, so that one can be met in its middle.
LONG_STAGES = ("labelling_start=3000", "dataset_create=3000", "model_start=3000")
SIMULATOR = (*simulator_process.COMMAND, *(word for each in LONG_STAGES for word in ("--duration", each)))
MOST_KILLED = 25
# On a machine that does much else, everything is cold after a crash.
PATIENCE = 600
OPTIONS = Options(port=0, simulator_port=0, simulator_command=SIMULATOR)


@dataclass
class Machine:
    """A stack that can be killed and started again."""

    local: LocalStack
    stack: Stack

    def kill(self) -> None:
        """Kill MiniStack, the simulator and everything they started, as a power cut would."""
        groups = {record.pid for process in self.local.processes if (record := process.record())}
        for group in groups:
            os.killpg(group, signal.SIGKILL)
        wait_until(
            lambda: [process for process in process_table.running() if process.group in groups],
            lambda left: not left,
            seconds=20,
        )

    def start(self) -> None:
        again, deployed = self.local.up(OPTIONS)
        assert again == self.stack
        assert deployed.changes == 0

    def kept(self, file: str = "state.json") -> str:
        """Read what a start after a crash would begin with."""
        path = self.local.folder / "state" / "ministack" / file
        return path.read_text() if path.exists() else ""

    def are_log_groups_kept(self) -> bool:
        """Tell whether a start after a crash would find the functions' log groups, which are kept later."""
        return f"/aws/lambda/{self.stack.prefix}-trainer-tick" in self.kept("logs.json")

    def workers(self) -> list[int]:
        """List the processes in which functions run."""
        record = self.local.ministack.record()
        assert record is not None
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,pgid=,ppid="], capture_output=True, text=True, check=True
        )
        rows = [tuple(map(int, line.split())) for line in listing.stdout.splitlines()]
        return [pid for pid, group, parent in rows if group == record.pid and parent != record.pid != pid]

    def client(self, service: str) -> Any:
        if service in {"rekognition", "sagemaker"}:
            make_client: Any = boto3.client  # its overloads know no names that come at run time
            keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
            return make_client(
                service, endpoint_url=self.stack.simulator, region_name=self.stack.region, **keys
            )
        endpoint = Endpoint(self.stack.aws, self.stack.region)
        make: Any = endpoint.session.client
        return make(service, endpoint_url=endpoint.url, config=endpoint.config)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    local = LocalStack(tmp_path / "stack")
    try:
        stack, _ = local.up(OPTIONS)
        yield Machine(local, stack)
    finally:
        local.down()


@pytest.fixture
def started_job(machine: Machine, photographs: Photographs, tmp_path: Path) -> Iterator[tuple[Pipeline, str]]:
    """A job that was just started, and kept."""
    images = photographs.named("killed", 24, tmp_path)
    with httpx.Client(timeout=120) as http:
        pipeline = Pipeline(machine.stack, http)
        pipeline.annotate(images.coco)
        job_id = pipeline.create(labels=LABELS)
        pipeline.upload(job_id, images.files)
        assert pipeline.start(job_id).status_code == 202
        wait_until(
            machine.kept,
            lambda text: "ekyc.training-job.started.v1" in text and job_id in text,
            seconds=PATIENCE,
        )
        wait_until(machine.are_log_groups_kept, bool, seconds=PATIENCE)
        yield pipeline, job_id


def test_a_job_goes_on_after_a_crash_in_each_of_its_stages(
    machine: Machine, started_job: tuple[Pipeline, str]
) -> None:
    pipeline, job_id = started_job
    for stage in STAGES:
        pipeline.wait_for(job_id, stage, *FINAL, seconds=PATIENCE)
        machine.kill()
        machine.start()
    pipeline.wait_for(job_id, "RUNNING", seconds=PATIENCE)
    assert made_of(machine, job_id) == ONE_OF_EACH
    assert len(pipeline.event_types(job_id)) == len(set(pipeline.event_types(job_id))) == 9
    nothing_is_left_in_the_queues(machine)


def test_a_job_goes_on_when_the_workers_of_its_functions_die(
    machine: Machine, started_job: tuple[Pipeline, str]
) -> None:
    pipeline, job_id = started_job
    sqs = machine.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        # A message that died with its worker comes back when its visibility ends, after minutes otherwise. It
        # must still be longer than a call takes, a cold start included: else it is received over and over.
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    chance = random.Random(4)  # noqa: S311 - chooses victims
    killed, seen = 0, set[str]()

    def kill() -> str:
        """Kill all workers when a stage begins, and one now and then, but leave the job time to get on."""
        nonlocal killed
        status, workers = str(pipeline.job(job_id)["status"]), machine.workers()
        victims = workers if status not in seen else chance.sample(workers, min(1, len(workers)))
        seen.add(status)
        for worker in victims if killed < MOST_KILLED else ():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
                killed += 1
        return status

    assert wait_until(kill, FINAL.__contains__, seconds=PATIENCE, pause=1.5) == "RUNNING"
    assert killed >= 5
    assert made_of(machine, job_id) == ONE_OF_EACH
    nothing_is_left_in_the_queues(machine)


ONE_OF_EACH = {"labelling jobs": 1, "projects": 1, "datasets": 2, "versions": 1}


def made_of(machine: Machine, job_id: str) -> dict[str, int]:
    """Count what a job has in SageMaker and Rekognition, whose call log does not survive a crash."""
    rekognition, sagemaker = machine.client("rekognition"), machine.client("sagemaker")
    jobs = sagemaker.list_labeling_jobs(NameContains=job_id)["LabelingJobSummaryList"]
    projects = [
        project
        for project in rekognition.describe_projects()["ProjectDescriptions"]
        if job_id in project["ProjectArn"]
    ]
    versions = [
        version
        for project in projects
        for version in rekognition.describe_project_versions(ProjectArn=project["ProjectArn"])[
            "ProjectVersionDescriptions"
        ]
    ]
    datasets = [dataset for project in projects for dataset in project["Datasets"]]
    return {
        "labelling jobs": len(jobs),
        "projects": len(projects),
        "datasets": len(datasets),
        "versions": len(versions),
    }


def nothing_is_left_in_the_queues(machine: Machine) -> None:
    sqs = machine.client("sqs")
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")

    def messages() -> int:
        counts = [
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
            for url in sqs.list_queues()["QueueUrls"]
        ]
        return sum(int(count[name]) for count in counts for name in names)

    wait_until(messages, lambda left: left == 0, seconds=PATIENCE)
