"""How the API knows its caller: by a token, or by a signature with AWS credentials."""

from collections.abc import Generator, Mapping
from typing import Any

import httpx

from cli.config import ApiAuth
from cli.exits import CliError, ExitCode
from cli.places import Place

TOKEN_VARIABLE = "EKYC_TOKEN"  # noqa: S105 - the name of a variable, not a token
SECRET_VARIABLE = "EKYC_CLIENT_SECRET"  # noqa: S105 - the name of a variable, not a secret

_SIGNED = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")


def authentication(place: Place, env: Mapping[str, str]) -> httpx.Auth | None:
    """Decide how to show who calls; None where nobody asks.

    A token in the environment goes to whatever API is called; what is configured, to its own API.

    Raises:
        CliError: the API asks for something that is not there; the message says where to get it.
    """
    token = env.get(TOKEN_VARIABLE)
    if token and place.stack is None:
        return BearerToken(token)
    if place.auth is None:
        return None
    if place.auth.kind == "iam":
        return Signature(_credentials(place.profile), place.auth.region)
    secret = env.get(SECRET_VARIABLE)
    if not secret:
        raise CliError(
            f"The API takes tokens of its user pool alone. Set {TOKEN_VARIABLE} to an access token, or "
            f"{SECRET_VARIABLE} to the secret of the client {place.auth.client_id} (docs/aws.md).",
            code="no-token",
        )
    return ClientToken(place.auth, secret)


class BearerToken(httpx.Auth):
    """A token that somebody else got."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put it on the request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class ClientToken(httpx.Auth):
    """A program's own token, got with its secret when first needed, and anew when refused (RFC 6749, 4.4)."""

    requires_response_body = True

    def __init__(self, auth: ApiAuth, secret: str) -> None:
        self._auth = auth
        self._secret = secret
        self._token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Get a token if there is none; send the request again if it was refused with an older one."""
        had_one = self._token is not None
        if not had_one:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == httpx.codes.UNAUTHORIZED and had_one:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self) -> Generator[httpx.Request, httpx.Response, None]:
        asked = httpx.Request(
            "POST",
            self._auth.token_url,
            data={"grant_type": "client_credentials", "scope": " ".join(self._auth.scopes)},
        )
        *_, basic = httpx.BasicAuth(self._auth.client_id, self._secret).auth_flow(asked)
        answer = yield basic
        if answer.status_code != httpx.codes.OK:
            raise CliError(
                f"{self._auth.token_url} gave no token (HTTP {answer.status_code}): is {SECRET_VARIABLE} the "
                f"secret of the client {self._auth.client_id}?",
                exit_code=ExitCode.REFUSED,
                code="no-token",
            )
        self._token = str(answer.json()["access_token"])


class Signature(httpx.Auth):
    """AWS Signature Version 4 for API Gateway."""

    requires_request_body = True

    def __init__(self, credentials: Any, region: str) -> None:
        self._credentials = credentials
        self._region = region

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request as it is about to be sent."""
        # Imported where needed: commands that are not signed should not wait for it.
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        signed = AWSRequest(
            request.method, str(request.url), {"Host": request.url.netloc.decode()}, request.content
        )
        SigV4Auth(self._credentials, "execute-api", self._region).add_auth(signed)
        for name in _SIGNED:
            if name in signed.headers:
                request.headers[name] = signed.headers[name]
        yield request


def _credentials(profile: str | None) -> Any:
    import boto3

    found = boto3.Session(profile_name=profile).get_credentials()
    if found is None:
        raise CliError(
            "The API takes signed requests alone, and there are no AWS credentials to sign with. Give them "
            "as for the AWS CLI, or a profile with `ekyc configure --profile NAME`.",
            code="no-credentials",
        )
    return found
