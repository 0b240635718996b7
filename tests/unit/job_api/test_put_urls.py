"""URLs that are signed in bulk are the ones that boto3 would give."""

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from runtime.clients import storage
from services.job_api.put_urls import PutUrls

REGION, BUCKET, SECONDS = "eu-west-1", "ekyc-images", 900
KEYS = ["images/j/IMG_0001.jpg", "images/j/a b+c~(1)'&=?.png", "images/j/%20.jpg", "imports/j/annotations"]


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a role's/token=+")


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:4566"])
def test_each_url_is_the_one_that_boto3_gives(endpoint: str | None) -> None:
    s3 = boto3.Session().client("s3", region_name=REGION, endpoint_url=endpoint, config=storage())

    def boto3_gives() -> list[str]:
        return [
            s3.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=SECONDS)
            for key in KEYS
        ]

    # What is signed holds the second at which it is: where that changes in between, the two cannot agree.
    tries = [(boto3_gives(), list(PutUrls(s3, BUCKET, SECONDS).to(KEYS)), boto3_gives()) for _ in range(2)]
    before, ours = next((before, ours) for before, ours, after in tries if before == after)
    assert ours == before


def test_without_credentials_there_is_no_url(monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = boto3.Session().client("s3", region_name=REGION, config=storage())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    with pytest.raises(NoCredentialsError):
        list(PutUrls(s3, BUCKET, SECONDS).to(KEYS))
