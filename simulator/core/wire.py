"""AWS JSON 1.1 over HTTP: who calls what, and how answers and errors look.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.core.errors import AwsError, MissingAuthentication, SerializationFailed

DEFAULT_ACCOUNT = "000000000000"
CONTENT_TYPE = "application/x-amz-json-1.1"

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d{8}/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True)
class Caller:
    """The account and region a call is made in."""

    account: str
    region: str


def caller_of(authorization: str) -> Caller:
    """Read the caller from a SigV4 `Authorization` header.

    An access key of 12 digits is an account id of its own, which gives tests isolation; any other key belongs
    to account 000000000000. Signatures are not verified.

    Raises:
        MissingAuthentication: The request is not signed.
    """
    found = _CREDENTIAL.search(authorization)
    if found is None:
        raise MissingAuthentication(
            "Missing Authentication Token: sign the request with Signature Version 4."
        )
    key, region, _service = found.groups()
    return Caller(key if re.fullmatch(r"\d{12}", key) else DEFAULT_ACCOUNT, region)


def partition_of(region: str) -> str:
    """Return the ARN partition of a region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def parse_body(body: bytes) -> dict[str, Any]:
    """Read a request body.

    Raises:
        SerializationFailed: The body is not a JSON object.
    """
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise SerializationFailed(f"The request body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise SerializationFailed("The request body must be a JSON object.")
    return document


def render(value: Any) -> Any:
    """Turn an answer into JSON values: datetimes to epoch seconds, absent (`None`) members left out."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {name: render(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [render(item) for item in value]
    return value


def error_body(error: AwsError) -> dict[str, str]:
    """Return the body of an error answer; SDKs read `__type`, and the message under either spelling."""
    return {"__type": error.code, "message": error.message, "Message": error.message, "Code": error.code}
