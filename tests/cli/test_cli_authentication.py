"""How the command line shows who calls: what the configuration says, and what is sent."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.credentials import Credentials

from cli.authentication import BearerToken, ClientToken, Signature, authentication
from cli.client import PipelineApi
from cli.config import ApiAuth
from cli.exits import CliError
from cli.places import LocalStack, Place
from tests.cli.conftest import Cli

API = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/live"
POOL = "https://ekyc-123456789012.auth.eu-west-1.amazoncognito.com"
AUTH = ApiAuth(
    kind="cognito",
    region="eu-west-1",
    token_url=f"{POOL}/oauth2/token",
    client_id="programs-client",
    scopes=("ekyc-api/read", "ekyc-api/write"),
)


def outputs(auth: str) -> dict[str, Any]:
    sign_in = {
        "url": POOL,
        "clients": {"people": "people-client", "programs": "programs-client"},
        "scopes": ["ekyc-api/read", "ekyc-api/write"],
        "user_pool_id": "eu-west-1_x",
    }
    values = {
        "api_url": API,
        "region": "eu-west-1",
        "name_prefix": "ekyc",
        "auth": auth,
        "sign_in": sign_in if auth == "cognito" else None,
    }
    return {name: {"sensitive": False, "type": "string", "value": value} for name, value in values.items()}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Write what `terraform output -json` writes."""

    def write(auth: str) -> Path:
        file = tmp_path / "outputs.json"
        file.write_text(json.dumps(outputs(auth)))
        return file

    return write


class Server:
    """Answers like a user pool and an API; keeps what it was asked."""

    def __init__(self, *, refuse: tuple[str, ...] = ()) -> None:
        self.requests: list[httpx.Request] = []
        self.tokens = (f"token-{number}" for number in range(9))
        self.refuse = refuse

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path == "/oauth2/token":
            return httpx.Response(200, json={"access_token": next(self.tokens)})
        if request.headers.get("Authorization", "") in self.refuse:
            return httpx.Response(401, json={"message": "The incoming token has expired"})
        return httpx.Response(200, json={"jobs": []})

    def client(self, auth: httpx.Auth) -> PipelineApi:
        return PipelineApi(API, auth=auth, transport=httpx.MockTransport(self))


def test_terraforms_outputs_say_where_the_api_is_and_how_to_call_it(
    no_api_cli: Cli, written: Callable[[str], Path]
) -> None:
    said = no_api_cli("configure", "--from-terraform", written("cognito"), "--json").json
    assert (said["api"], said["auth"]) == (API, AUTH.model_dump(mode="json"))
    assert said["deployed"] == {"region": "eu-west-1", "name_prefix": "ekyc"}
    assert no_api_cli("configure", "--from-terraform", written("iam"), "--json").json["auth"]["kind"] == "iam"
    assert no_api_cli("configure", "--from-terraform", written("none"), "--json").json["auth"] is None


def test_another_api_is_not_sent_the_first_ones_tokens_nor_taken_for_its_deployment(
    no_api_cli: Cli, written: Callable[[str], Path]
) -> None:
    no_api_cli("configure", "--from-terraform", written("cognito"))
    said = no_api_cli("configure", "--api", "https://elsewhere.example.com", "--json").json
    assert (said["auth"], said["deployed"]) == (None, None)


def test_what_terraform_did_not_write_is_refused(no_api_cli: Cli, tmp_path: Path) -> None:
    for text in ("{}", "no json", "[]"):
        file = tmp_path / "outputs.json"
        file.write_text(text)
        ran = no_api_cli("configure", "--from-terraform", file)
        assert ran.exit_code == 2
        assert "terraform output -json" in ran.stderr


def test_an_address_and_terraforms_outputs_are_too_much(
    no_api_cli: Cli, written: Callable[[str], Path]
) -> None:
    assert no_api_cli("configure", "--api", API, "--from-terraform", written("iam")).exit_code == 2


def test_without_a_token_nothing_is_sent_and_the_message_says_what_to_set(
    no_api_cli: Cli, written: Callable[[str], Path]
) -> None:
    no_api_cli("configure", "--from-terraform", written("cognito"))
    no_api_cli.env |= {"EKYC_TOKEN": None, "EKYC_CLIENT_SECRET": None}
    ran = no_api_cli("jobs", "list")
    assert ran.exit_code == 2
    assert "EKYC_TOKEN" in ran.stderr
    assert "EKYC_CLIENT_SECRET" in ran.stderr


def test_a_program_gets_a_token_with_its_secret_once() -> None:
    server = Server()
    with server.client(ClientToken(AUTH, "s3cret")) as api:
        api.jobs()
        api.jobs()
    asked, first, second = server.requests
    assert asked.url == AUTH.token_url
    assert asked.content == b"grant_type=client_credentials&scope=ekyc-api%2Fread+ekyc-api%2Fwrite"
    assert asked.headers["Authorization"] == "Basic cHJvZ3JhbXMtY2xpZW50OnMzY3JldA=="
    assert {first.headers["Authorization"], second.headers["Authorization"]} == {"Bearer token-0"}


def test_a_token_that_has_run_out_is_replaced() -> None:
    server = Server()
    with server.client(ClientToken(AUTH, "s3cret")) as api:
        api.jobs()
        server.refuse = ("Bearer token-0",)
        api.jobs()
    assert server.requests[-1].headers["Authorization"] == "Bearer token-1"


def test_a_wrong_secret_is_named_without_being_shown() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, json={"error": "invalid_client"})

    api = PipelineApi(API, auth=ClientToken(AUTH, "s3cret"), transport=httpx.MockTransport(refuse))
    with api, pytest.raises(CliError, match="EKYC_CLIENT_SECRET") as caught:
        api.jobs()
    assert "s3cret" not in str(caught.value)


@pytest.fixture
def signed() -> httpx.Request:
    server = Server()
    with server.client(Signature(Credentials("AKIDEXAMPLE", "secret", "session"), "eu-west-1")) as api:
        api.jobs(limit=5)
    (request,) = server.requests
    return request


def test_a_signature_is_made_for_api_gateway_in_the_apis_region(signed: httpx.Request) -> None:
    authorization = signed.headers["Authorization"]
    assert authorization.startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
    assert "/eu-west-1/execute-api/aws4_request" in authorization
    assert "SignedHeaders=host;x-amz-date;x-amz-security-token" in authorization
    assert signed.headers["X-Amz-Security-Token"] == "session"


def test_a_token_from_the_environment_goes_before_the_configuration_and_never_to_the_local_stack() -> None:
    env = {"EKYC_TOKEN": "given", "EKYC_CLIENT_SECRET": "s3cret"}
    chosen = authentication(Place(API, "test", auth=AUTH), env)
    assert isinstance(chosen, BearerToken)
    server = Server()
    with server.client(chosen) as api:
        api.jobs()
    assert server.requests[0].headers["Authorization"] == "Bearer given"
    assert isinstance(authentication(Place(API, "test", auth=AUTH), {"EKYC_CLIENT_SECRET": "s"}), ClientToken)
    here = LocalStack(aws="http://127.0.0.1:1", simulator="http://127.0.0.1:2", api=API)
    assert authentication(Place(API, "test", here), env) is None
