"""LocalStack as a process of this machine, with functions as processes, and a DynamoDB beside it."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local import ministack, web
from local.deployment import Deployment
from local.ports import HOST, choose_port
from local.process import Process
from local.stack import ROOT
from tools.environment import make_environment
from tools.interpreters import Python

EXECUTOR = Path(__file__).with_name("executor")
SERVICES = (
    *("apigateway", "cloudwatch", "events", "iam", "kms", "lambda", "logs", "s3", "scheduler", "sns", "sqs"),
    *("ssm", "sts"),
)
_START_SECONDS = 120


@dataclass(frozen=True)
class Emulators:
    """Where LocalStack answers, and where the DynamoDB is that it lacks."""

    aws: str
    dynamodb: str


@dataclass(frozen=True)
class Functions:
    """What the functions' zips are built for, and the Python that runs them."""

    target: str
    python: str

    @classmethod
    def of(cls, python: Python) -> Self:
        """Take the zips that LocalStack in Docker would get, and their Python, where that can be."""
        return cls("docker", python.path) if sys.platform == "linux" else cls("host", sys.executable)


@contextmanager
def emulators(folder: Path, python: Python, functions: Functions) -> Iterator[Emulators]:
    """Run LocalStack and, as its DynamoDB, MiniStack, with their logs below a folder.

    Raises:
        InstallError: An environment could not be made.
        ProcessError: One of them did not come up.
    """
    localstack, dynamodb = Process("localstack", folder), Process("dynamodb", folder)
    try:
        aws = _start_localstack(localstack, folder, python, functions)
        yield Emulators(aws, _start_dynamodb(dynamodb, folder))
    finally:
        for process in (localstack, dynamodb):
            # What they hold is of no use any more, so they need not put it in order.
            process.stop(seconds=2)
        for scratch in ("tmp", "state"):
            shutil.rmtree(folder / scratch, ignore_errors=True)


def _start_dynamodb(process: Process, folder: Path) -> str:
    where = Deployment()
    return ministack.start(
        process,
        make_environment(ROOT / ".local" / "ministack-venv", ROOT / "requirements" / "ministack.txt"),
        port=choose_port(0, purpose="DynamoDB", option="PORT"),
        region=where.region,
        account=where.account,
        scratch=folder / "tmp" / "dynamodb",
        state=folder / "state",
        # It has never heard of the roles, which are LocalStack's; and LocalStack enforces none either.
        enforce_iam=False,
    )


def _start_localstack(process: Process, folder: Path, python: Python, functions: Functions) -> str:
    interpreter = make_environment(
        ROOT / ".local" / "localstack-venv",
        ROOT / "requirements" / "localstack.txt",
        python=python.path,
        version=python.version,
        package=EXECUTOR,
    )
    scratch = folder / "tmp" / "localstack"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    address = f"{HOST}:{choose_port(0, purpose='LocalStack', option='PORT')}"
    process.start(
        [str(interpreter), "-m", "localstack.runtime.main"],
        url=f"http://{address}",
        environment=localstack_environment(address, scratch, interpreter, functions),
        cwd=scratch,
    )
    # The services are loaded one by one, when they are first asked for.
    health = f"http://{address}/_localstack/health"
    process.wait_until(lambda: web.get_json(health) is not None, seconds=_START_SECONDS)
    return f"http://{address}"


def localstack_environment(
    address: str, scratch: Path, interpreter: Path, functions: Functions
) -> dict[str, str]:
    """Give LocalStack what it needs, and nothing of ours."""
    return {
        "PATH": f"{interpreter.parent}:/usr/bin:/bin",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "FILESYSTEM_ROOT": str(scratch / "root"),
        "GATEWAY_LISTEN": address,
        "LOCALSTACK_HOST": address,
        # The names it would give to queues are resolved by a DNS that is not there.
        "SQS_ENDPOINT_STRATEGY": "path",
        "DNS_ADDRESS": "0",
        # A URL is good for what it was signed for and nothing else.
        "S3_SKIP_SIGNATURE_VALIDATION": "0",
        # Any other would fetch what it needs when it is first asked: DynamoDB a program for Java.
        "SERVICES": ",".join(SERVICES),
        # Nothing is sent or fetched.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "LS_LOG": "warning",
        "LAMBDA_RUNTIME_EXECUTOR": "processes",
        "FUNCTIONS_PYTHON": functions.python,
        "LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT": "90",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def simulator_command(python: Python) -> list[str]:
    """Give the simulator's command as its container has it: the same Python, and its own lock alone.

    Raises:
        InstallError: Its environment could not be made.
    """
    interpreter = make_environment(
        ROOT / ".local" / "simulator-venv",
        ROOT / "requirements" / "simulator.txt",
        python=python.path,
        version=python.version,
    )
    return [str(interpreter), "-m", "simulator"]
