"""MiniStack: AWS in one Python process, in a virtual environment of its own."""

import os
import shutil
from pathlib import Path

from local import ministack_launcher, web
from local.ports import HOST
from local.process import Process

_START_SECONDS = 60


def start(
    process: Process,
    python: Path,
    *,
    port: int,
    region: str,
    account: str,
    scratch: Path,
    state: Path,
    enforce_iam: bool = True,
) -> str:
    """Start it on a port of the loopback interface, wait until it answers, and return its URL.

    It keeps what it holds in the folder `state` and begins with what is there; `scratch` is emptied. With
    `enforce_iam`, functions may do what their roles allow and no more; without, anybody may do anything.

    Raises:
        ProcessError: It did not come up.
    """
    url = f"http://{HOST}:{port}"
    # What functions of a MiniStack before it left lying there.
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    process.start(
        # -P: our own modules lie beside the launcher, and one of them has MiniStack's name.
        [str(python), "-P", ministack_launcher.__file__],
        url=url,
        environment={
            **_environment(port, region, account, scratch, state),
            # Functions may do what their roles allow and no more: a forgotten permission shows here first.
            "AUTH": str(enforce_iam).lower(),
        },
        cwd=scratch,
    )
    process.wait_until(lambda: web.get_json(f"{url}/_ministack/health") is not None, seconds=_START_SECONDS)
    return url


def _environment(port: int, region: str, account: str, scratch: Path, state: Path) -> dict[str, str]:
    """Give it nothing of ours: every function inherits what it has, and AWS would give none of that."""
    return {
        "PATH": os.defpath,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": region,
        "MINISTACK_ACCOUNT_ID": account,
        "LOG_LEVEL": "WARNING",
        # It would listen on every interface of the machine.
        "IOT_MTLS_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "ministack"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
