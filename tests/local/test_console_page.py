"""What goes with the page's answers, and where its images may come from."""

import re

import pytest

from local.console_page import image_origins, read_page

PAGE = read_page("http://127.0.0.1:4566")


def directives(policy: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in policy.split(";")}


def test_the_page_runs_its_own_scripts_and_asks_its_own_server_and_the_bucket_alone() -> None:
    policy = directives(PAGE.headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'", "http://127.0.0.1:4566"]
    assert policy["img-src"] == ["'self'", "blob:", "data:", "http://127.0.0.1:4566"]
    for name in ("frame-ancestors", "base-uri", "form-action"):
        assert policy[name] == ["'none'"]


def test_no_policy_lets_anything_inline_or_made_of_text_run() -> None:
    for headers in (PAGE.headers, PAGE.api_headers):
        assert not re.search(r"unsafe|\*|strict-dynamic", headers["Content-Security-Policy"])


@pytest.mark.parametrize(
    ("key", "content_type", "kept"),
    [
        ("index.html", "text/html; charset=utf-8", "no-cache"),
        ("config.json", "application/json", "no-cache"),
        ("assets/index-DvzTYsb7.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("assets/font.woff2", "font/woff2", "public, max-age=31536000, immutable"),
        ("LICENSE", "application/octet-stream", "no-cache"),
    ],
)
def test_only_files_named_after_what_they_hold_are_kept(key: str, content_type: str, kept: str) -> None:
    assert (PAGE.content_type(key), PAGE.cache_control(key)) == (content_type, kept)


@pytest.mark.parametrize(
    ("endpoint", "origins"),
    [
        ("http://127.0.0.1:4566", "http://127.0.0.1:4566"),
        ("http://127.0.0.1:4566/", "http://127.0.0.1:4566"),
        ("http://[::1]:4566", "http://[::1]:4566"),
        ("http://localhost.localstack.cloud:4566", None),
    ],
)
def test_images_come_from_where_pre_signed_urls_lead(endpoint: str, origins: str | None) -> None:
    in_name = "http://localhost.localstack.cloud:4566 http://images.localhost.localstack.cloud:4566"
    assert image_origins(endpoint, "images") == (origins or in_name)
