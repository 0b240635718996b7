"""What must not get out: into logs, or through an upload URL into another's key."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import boto3
import httpx
import pytest
from botocore.config import Config

from tests.e2e.conftest import JOB_NAME, Photographs
from tests.e2e.pipeline import Pipeline
from tests.support.waiting import wait_until

pytestmark = pytest.mark.e2e

SECRETS = {
    "a signature": r"X-Amz-Signature|Signature=",
    "a signed credential": r"X-Amz-Credential|Credential=",
    "a session's token": r"(?i)x-amz-security-token|SessionToken",
    "an authorization header": r"(?i)\bauthorization\b|\bbearer\b|AWS4-HMAC-SHA256",
    "an access key": r"\b(AKIA|ASIA)[A-Z0-9]{12,}",
    "a secret key": r"(?i)secret.?access.?key",
    "a token of Cognito's": r"\beyJ[A-Za-z0-9_-]{20,}\.",
    "an e-mail address": r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}",
    "a box on an image": r'(?i)"(bbox|boundingbox|annotations|left|top)"',
    "an image's name": r"(?i)\.(jpe?g|png)\b",
    "a job's name": re.escape(JOB_NAME),
}


@pytest.fixture(scope="module")
def log_lines(pipeline: Pipeline, trained: str, aws: Callable[[str], Any]) -> list[str]:
    """Everything that all functions have written, whoever called them, the metrics included."""
    job = pipeline.job(trained)
    assert job["name"] == JOB_NAME
    logs, prefix = aws("logs"), f"/aws/lambda/{pipeline.stack.prefix}-"

    def lines() -> Iterator[str]:
        for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix):
            for group in page["logGroups"]:
                pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
                yield from (event["message"] for page in pages for event in page["events"])

    written = list(lines())
    # The run did leave its lines: a test that reads nothing finds nothing.
    assert any(trained in line for line in written)
    return written


@pytest.mark.parametrize("pattern", SECRETS.values(), ids=SECRETS)
def test_no_log_line_holds(log_lines: list[str], pattern: str) -> None:
    assert [line[:300] for line in log_lines if re.search(pattern, line)] == []


@pytest.fixture
def upload(pipeline: Pipeline) -> tuple[str, str]:
    """A job that takes images, and an upload URL of its image `mine.jpg`."""
    job_id = pipeline.create()
    answer = pipeline.call("GET", "/api/training/url", params={"jobId": job_id, "filename": "mine.jpg"})
    return job_id, answer.json()["url"]


ALTERED = {
    "another image's key": lambda url: url.replace("mine.jpg", "yours.jpg"),
    "a key above its own": lambda url: url.replace("/mine.jpg", ""),
    "another job's key": lambda url: re.sub(r"images/.", "images/1", url),
    "a path that climbs out": lambda url: url.replace("mine.jpg", "../mine.jpg"),
    "the same, encoded": lambda url: url.replace("mine.jpg", quote("../mine.jpg", safe="")),
    "a longer life": lambda url: re.sub(r"X-Amz-Expires=\d+", "X-Amz-Expires=604800", url),
    "another moment": lambda url: re.sub(r"X-Amz-Date=\d{8}", "X-Amz-Date=20990101", url),
    "another signature": lambda url: re.sub(r"X-Amz-Signature=.", "X-Amz-Signature=z", url),
    "no signature": lambda url: re.sub(r"&?X-Amz-Signature=[^&]*", "", url),
}


@pytest.mark.parametrize("alter", ALTERED.values(), ids=ALTERED)
def test_an_upload_url_is_good_for_nothing_else(
    pipeline: Pipeline, upload: tuple[str, str], alter: Callable[[str], str]
) -> None:
    _, url = upload
    altered = alter(url)
    assert altered != url
    assert httpx.put(altered, content=b"x").status_code in {400, 403}
    assert pipeline.http.put(url, content=b"x").status_code == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST"])
def test_an_upload_url_does_nothing_but_put(pipeline: Pipeline, upload: tuple[str, str], method: str) -> None:
    _, url = upload
    assert pipeline.http.put(url, content=b"x").status_code == 200
    assert pipeline.http.request(method, url).status_code in {400, 403, 405}


def test_a_url_dies_on_time(pipeline: Pipeline) -> None:
    # The API's own live for a quarter of an hour; their lifetime is signed, as the tests above prove.
    stack = pipeline.stack
    s3 = boto3.client(
        "s3",
        endpoint_url=stack.aws,
        region_name=stack.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    url = s3.generate_presigned_url(
        "put_object", Params={"Bucket": stack.bucket, "Key": "images/short-lived.jpg"}, ExpiresIn=1
    )
    wait_until(
        lambda: pipeline.http.put(url, content=b"x").status_code, lambda status: status == 403, seconds=10
    )


def test_only_a_whole_image_of_its_own_is_there_afterwards(
    pipeline: Pipeline, upload: tuple[str, str], photographs: Photographs, aws: Callable[[str], Any]
) -> None:
    job_id, url = upload
    photograph = photographs.files[0]
    pipeline.http.put(url, content=photograph.read_bytes()).raise_for_status()
    found = aws("s3").list_objects_v2(Bucket=pipeline.stack.bucket, Prefix=f"images/{job_id}")["Contents"]
    assert [(item["Key"], item["Size"]) for item in found] == [
        (f"images/{job_id}/mine.jpg", photograph.stat().st_size)
    ]
