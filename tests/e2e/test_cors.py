"""What a page in a browser may do with the URLs that the API gives out; the bucket's CORS rules say that."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e.pipeline import Pipeline

pytestmark = [pytest.mark.e2e, pytest.mark.not_on("MiniStack")]

PAGE = {"Origin": "https://console.example"}
EXPOSED = "access-control-expose-headers"
ALLOWED = "access-control-allow-origin"


@pytest.fixture
def upload_url(pipeline: Pipeline) -> str:
    asked = {"jobId": pipeline.create(), "filenames": ["photo.jpg"]}
    [entry] = pipeline.call("POST", "/api/training/urls", json=asked).json()["urls"]
    return str(entry["url"])


def test_a_page_uploads_an_image(pipeline: Pipeline, upload_url: str) -> None:
    asked = preflight(pipeline, upload_url, "PUT", "content-type")
    assert (asked.status_code, asked.headers[ALLOWED]) == (200, "*")
    assert "PUT" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "content-type"
    put = pipeline.http.put(upload_url, content=b"image", headers=PAGE)
    assert (put.status_code, put.headers[ALLOWED], put.headers[EXPOSED]) == (200, "*", "ETag")


def test_a_page_shows_an_image(pipeline: Pipeline, aws: Callable[[str], Any]) -> None:
    s3, bucket, key = aws("s3"), pipeline.stack.bucket, "images/shown/photo.jpg"
    s3.put_object(Bucket=bucket, Key=key, Body=b"image")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    # What Ground Truth's page asks for: without it no image is shown, and every task fails [sms-cors-update].
    got = pipeline.http.get(url, headers=PAGE)
    assert (got.status_code, got.headers[ALLOWED]) == (200, "*")
    assert got.headers[EXPOSED] == "Access-Control-Allow-Origin"


@pytest.mark.parametrize("method", ["POST", "DELETE", "HEAD"])
def test_a_page_does_nothing_else(pipeline: Pipeline, upload_url: str, method: str) -> None:
    asked = preflight(pipeline, upload_url, method)
    assert asked.status_code == 403
    assert ALLOWED not in asked.headers


def preflight(pipeline: Pipeline, url: str, method: str, *headers: str) -> httpx.Response:
    """Ask as a browser does before it lets a page make a request."""
    asked = {**PAGE, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = ", ".join(headers)
    return pipeline.http.options(url, headers=asked)
