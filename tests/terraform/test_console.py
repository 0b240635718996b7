"""The page on AWS: what is served, how, and to whom it leads."""

import json
import re
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.console_page import STATEMENT, read_page
from runtime.clients import storage
from tests.terraform.mocked import Made, Runs

BUCKET = "ekyc-123456789012-eu-west-1"
SIGN_IN = "https://ekyc-123456789012.auth.eu-west-1.amazoncognito.com"
ADDRESS = "https://d111111abcdef8.cloudfront.net"


@pytest.fixture(scope="module")
def page(runs: Runs) -> Made:
    return runs.made["with_the_page"]


@pytest.fixture(scope="module")
def distribution(page: Made) -> Any:
    (only,) = page.of("aws_cloudfront_distribution")
    return only.values


def headers(made: Made, kind: str) -> dict[str, str]:
    """Put a policy's headers together as CloudFront sends them."""
    (policy,) = (
        item.values
        for item in made.of("aws_cloudfront_response_headers_policy")
        if item.values["name"].endswith(f"-console-{kind}")
    )
    (guard,) = policy["security_headers_config"]
    (transport,) = guard["strict_transport_security"]
    (custom,) = policy["custom_headers_config"]
    subdomains = "; includeSubDomains" if transport["include_subdomains"] else ""
    told = {
        "Content-Security-Policy": guard["content_security_policy"][0]["content_security_policy"],
        "Referrer-Policy": guard["referrer_policy"][0]["referrer_policy"],
        "Strict-Transport-Security": f"max-age={transport['access_control_max_age_sec']}{subdomains}",
        "X-Content-Type-Options": "nosniff" if guard["content_type_options"] else "",
        "X-Frame-Options": guard["frame_options"][0]["frame_option"],
    }
    assert all(item["override"] for part in guard.values() for item in part)
    return told | {item["header"]: item["value"] for item in custom["items"] if item["override"]}


def objects(made: Made) -> dict[str, Any]:
    return made.named("aws_s3_object", "key")


def config(made: Made) -> Any:
    return json.loads(objects(made)["config.json"]["content"])


def test_the_page_has_the_same_headers_here_as_on_the_local_stack(page: Made) -> None:
    images = f"https://{BUCKET}.s3.eu-west-1.amazonaws.com"
    local = read_page(images)
    with_sign_in = {
        name: text.replace(f"connect-src 'self' {images};", f"connect-src 'self' {images} {SIGN_IN};")
        for name, text in local.headers.items()
    }
    assert with_sign_in != dict(local.headers)
    assert headers(page, "page") == with_sign_in
    assert headers(page, "api") == dict(local.api_headers)


@pytest.mark.parametrize(
    ("run", "region", "bucket"),
    [
        ("with_the_page", "eu-west-1", BUCKET),
        ("with_the_page_under_a_domain_of_ones_own", "us-east-1", "kyc-3-123456789012-us-east-1"),
    ],
)
def test_the_page_may_go_where_pre_signed_urls_lead(
    runs: Runs, boto_session: boto3.Session, run: str, region: str, bucket: str
) -> None:
    s3 = boto_session.client(
        "s3",
        region_name=region,
        config=storage(),
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "images/x/y.jpg"})
    policy = headers(runs.made[run], "page")["Content-Security-Policy"]
    origin = "/".join(url.split("/")[:3])
    for directive in ("connect-src", "img-src"):
        (sources,) = (part.split() for part in policy.split("; ") if part.startswith(directive))
        assert origin in sources


def test_scripts_are_kept_for_ever_and_what_names_them_is_asked_for_each_time(page: Made) -> None:
    stated = json.loads(STATEMENT.read_text())
    told = {key: (item["content_type"], item["cache_control"]) for key, item in objects(page).items()}
    assert told == {
        "assets/index-abc123.js": ("text/javascript; charset=utf-8", stated["cache_control"]["immutable"]),
        "icon.svg": ("image/svg+xml", "no-cache"),
        "index.html": ("text/html; charset=utf-8", "no-cache"),
        "config.json": ("application/json", "no-cache"),
    }


def test_the_page_is_told_where_to_sign_in_and_is_the_only_place_to_come_back_to(page: Made) -> None:
    (client,) = (
        item.values
        for item in page.of("aws_cognito_user_pool_client")
        if item.values["name"] == "ekyc-console"
    )
    told = config(page)
    assert told["signIn"].pop("clientId")
    assert told == {
        "auth": "cognito",
        "region": "eu-west-1",
        "signIn": {"url": SIGN_IN, "scopes": ["ekyc-api/read", "ekyc-api/write", "email", "openid"]},
        "modelRunningAlarmHours": 12,
        "workersHeader": False,
    }
    assert client["callback_urls"] == client["logout_urls"] == [f"{ADDRESS}/"]
    assert (client["generate_secret"], client["allowed_oauth_flows"]) == (None, ["code"])


def test_without_a_sign_in_people_say_who_they_are(runs: Runs) -> None:
    told = config(runs.made["with_the_page_and_without_authorization"])
    assert (told["auth"], told["signIn"], told["workersHeader"]) == ("none", None, True)
    policy = headers(runs.made["with_the_page_and_without_authorization"], "page")["Content-Security-Policy"]
    assert "amazoncognito" not in policy


def test_models_that_may_run_for_ever_are_not_called_out(runs: Runs) -> None:
    assert config(runs.made["with_the_page_under_a_domain_of_ones_own"])["modelRunningAlarmHours"] is None


def test_cloudfront_alone_reads_the_files_and_by_tls_alone(page: Made, distribution: Any) -> None:
    policies = [json.loads(item.values["policy"]) for item in page.of("aws_s3_bucket_policy")]
    (mine,) = (policy["Statement"] for policy in policies if policy["Statement"][0]["Sid"] == "CloudFront")
    allow, deny = mine
    assert (allow["Principal"], allow["Action"]) == ({"Service": "cloudfront.amazonaws.com"}, "s3:GetObject")
    assert allow["Condition"] == {"StringEquals": {"aws:SourceArn": distribution["arn"]}}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    (control,) = page.of("aws_cloudfront_origin_access_control")
    assert (control.values["signing_behavior"], control.values["signing_protocol"]) == ("always", "sigv4")
    blocks = page.of("aws_s3_bucket_public_access_block")
    assert len(blocks) == 2
    assert all(item.values["block_public_policy"] and item.values["block_public_acls"] for item in blocks)


def test_the_api_is_handed_everything_and_nothing_of_it_is_kept(distribution: Any) -> None:
    behaviours = {item["path_pattern"]: item for item in distribution["ordered_cache_behavior"]}
    assert set(behaviours) == {"/api/*", "/openapi.json"}
    for item in behaviours.values():
        assert item["target_origin_id"] == "api"
        assert item["viewer_protocol_policy"] == "https-only"
        assert {"DELETE", "GET", "PATCH", "POST", "PUT"} <= set(item["allowed_methods"])
        # Managed-CachingDisabled and Managed-AllViewerExceptHostHeader.
        assert item["cache_policy_id"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert item["origin_request_policy_id"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    (api,) = (origin for origin in distribution["origin"] if origin["origin_id"] == "api")
    assert re.fullmatch(r".+\.execute-api\.eu-west-1\.amazonaws\.com", api["domain_name"])
    assert api["origin_path"] == "/live"
    (connection,) = api["custom_origin_config"]
    assert (connection["origin_protocol_policy"], connection["origin_ssl_protocols"]) == (
        "https-only",
        ["TLSv1.2"],
    )


def test_the_page_itself_is_only_read_and_by_tls(distribution: Any) -> None:
    (default,) = distribution["default_cache_behavior"]
    assert set(default["allowed_methods"]) == {"GET", "HEAD"}
    assert default["viewer_protocol_policy"] == "redirect-to-https"
    assert distribution["default_root_object"] == "index.html"
    # An error page for all would hide the API's own problems.
    assert distribution["custom_error_response"] == []


def test_a_domain_of_ones_own_asks_for_tls_1_2(runs: Runs) -> None:
    made = runs.made["with_the_page_under_a_domain_of_ones_own"]
    (only,) = made.of("aws_cloudfront_distribution")
    (certificate,) = only.values["viewer_certificate"]
    assert certificate["minimum_protocol_version"] == "TLSv1.2_2021"
    assert only.values["aliases"] == ["kyc.example.com"]
    assert only.values["web_acl_id"].endswith("global/webacl/ours/1")
    assert {item.values["type"] for item in made.of("aws_route53_record")} == {"A", "AAAA"}
    assert len(made.of("aws_s3_bucket_logging")) == 2


def test_the_bucket_of_the_images_takes_uploads_from_the_page_alone(page: Made, made: Made) -> None:
    def origins(of: Made) -> list[str]:
        (cors,) = of.of("aws_s3_bucket_cors_configuration")
        return [
            origin
            for rule in cors.values["cors_rule"]
            if "PUT" in rule["allowed_methods"]
            for origin in rule["allowed_origins"]
        ]

    assert (origins(page), origins(made)) == ([ADDRESS], [])


def test_without_the_page_nothing_of_it_is_made(made: Made) -> None:
    assert [item.address for item in made.resources if item.address.startswith("module.console")] == []


def test_what_the_page_is_made_of_has_a_content_type() -> None:
    built = Path("console/dist")
    known = json.loads(STATEMENT.read_text())["content_types"]
    assert {path.suffix for path in built.rglob("*") if path.is_file()} <= set(known)
