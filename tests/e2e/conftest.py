"""A whole stack: the one at ``AWS_ENDPOINT_URL`` if that is set, else an embedded one on free ports."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import localstack_client.session
import pytest

from demo.documents import CocoDocument, CocoImage, make_documents
from demo.failure import keep_logs
from local.localstack import Kind, kind_of
from local.logs import print_logs
from local.stack import LocalStack, Stack, running_stack
from tests.e2e.pipeline import Pipeline

LABELS = ["passport", "id-card", "driving-licence"]
JOB_NAME = "Erika Mustermann"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave a test out on the emulator that it says cannot do what it needs."""
    for marker in item.iter_markers("not_on"):
        if _emulator() in marker.args:
            pytest.skip(f"not on {_emulator()}: the table in docs/local.md says why")


def _emulator() -> str:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint is None or kind_of(endpoint) is Kind.SOMETHING_ELSE:
        return "MiniStack"
    return "LocalStack"


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if endpoint is not None:
        deployed = Stack.read(Path(os.environ.get("EKYC_STACK", ".local/stack.json")))
        assert deployed.aws == endpoint.rstrip("/"), f"`make up ENDPOINT={endpoint}` deploys there first"
        yield deployed
        return
    folder = tmp_path_factory.mktemp("stack")
    with running_stack(folder) as own:
        yield own
        if request.session.testsfailed:
            kept = Path("build/e2e/functions.log")
            keep_logs(kept, lambda: print_logs(LocalStack(folder), ""))
            sys.stderr.write(f"\nwhat the functions logged: {kept}\n")


@pytest.fixture(scope="session")
def pipeline(stack: Stack) -> Iterator[Pipeline]:
    with httpx.Client(timeout=30) as http:
        yield Pipeline(stack, http)


@pytest.fixture(scope="session")
def aws(stack: Stack) -> Callable[[str], Any]:
    """Give boto3 clients of the stack: ``aws("s3")``; Rekognition and SageMaker are the simulator's."""
    session = localstack_client.session.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name=stack.region,
        localstack_host=stack.aws.removeprefix("http://"),
    )

    elsewhere = {**stack.elsewhere, "rekognition": stack.simulator, "sagemaker": stack.simulator}

    def client(name: str) -> Any:
        if name in elsewhere:  # services that localstack-client does not know, or looks for in one place
            make_client: Any = boto3.client  # its overloads know no names that come at run time
            return make_client(
                name,
                endpoint_url=elsewhere[name],
                region_name=stack.region,
                aws_access_key_id="test",
                aws_secret_access_key="test",
            )
        return session.client(name)

    return client


@dataclass(frozen=True)
class Photographs:
    """Images on disk and what is on them."""

    coco: CocoDocument
    files: list[Path]

    def named(
        self, prefix: str, count: int, folder: Path, *, labels: Callable[[int], int] | None = None
    ) -> "Photographs":
        """Give copies of the first images under names of their own, for a job of its own."""
        images = self.coco["images"][:count]
        copies = []
        for image in images:
            copy = folder / f"{prefix}-{image['file_name']}"
            copy.write_bytes(
                next(file for file in self.files if file.name == image["file_name"]).read_bytes()
            )
            copies.append(copy)
        ids = {image["id"] for image in images}
        annotations = [a for a in self.coco["annotations"] if a["image_id"] in ids]
        if labels is not None:
            annotations = [{**a, "category_id": labels(a["id"])} for a in annotations]
        named_images: list[CocoImage] = [
            {**image, "file_name": f"{prefix}-{image['file_name']}"} for image in images
        ]
        coco: CocoDocument = {**self.coco, "images": named_images, "annotations": annotations}
        return Photographs(coco, copies)


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Photographs:
    folder = tmp_path_factory.mktemp("photographs")
    coco = make_documents(folder, count=48, seed=7)
    return Photographs(coco, [folder / image["file_name"] for image in coco["images"]])


@pytest.fixture(scope="session")
def trained(pipeline: Pipeline, photographs: Photographs, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A job that went through the whole pipeline; its model runs."""
    images = photographs.named("main", 42, tmp_path_factory.mktemp("main"))
    not_an_image = tmp_path_factory.mktemp("odd") / "not-an-image.jpg"
    not_an_image.write_text("no picture")
    nobody_labels = not_an_image.with_name("nobody-labels.jpg")
    nobody_labels.write_bytes(photographs.files[-1].read_bytes())
    pipeline.annotate(images.coco)
    job_id = pipeline.create(name=JOB_NAME, labels=LABELS, options={"minF1": 0.2})
    pipeline.upload(job_id, [*images.files, not_an_image, nobody_labels])
    assert pipeline.start(job_id).status_code == 202
    pipeline.wait_for(job_id, "RUNNING")
    return job_id
