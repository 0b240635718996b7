"""Talking to this machine itself, whatever proxy and AWS profile the shell is set up with."""

import os
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    import boto3

NO_PROXY: dict[str, httpx.BaseTransport | None] = {
    "all://127.0.0.1": None,
    "all://localhost": None,
    "all://[::1]": None,
}
"""Mounts for an httpx client: these hosts are never behind a proxy."""


def emulator_session(region: str) -> "boto3.Session":
    """A boto3 session with an emulator's credentials, blind to the user's own files and variables."""
    # A third of a second to import, and few commands need them.
    import boto3
    import botocore.session

    isolated: dict[str, Any] = {
        "profile": (None, [], None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    return boto3.Session(
        botocore_session=botocore.session.Session(session_vars=isolated),
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - emulators take any
        region_name=region,
    )
