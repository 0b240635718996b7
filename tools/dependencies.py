"""Installs the functions' locked dependencies for one target, and says which of their files to ship."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tools.interpreters import Python

# Only Python and what it opens at run time: no launchers, type stubs, examples, records of the installation.
# METADATA and licences stay, so that what is in a package can be told from it.
_DEAD_FOLDERS = {"__pycache__", "bin", "examples", "tests", "testing"}
_DEAD_SUFFIXES = {".pyi", ".pyc", ".typed"}
_DEAD_RECORDS = {
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "WHEEL",
    "direct_url.json",
    "entry_points.txt",
    "top_level.txt",
    "uv_cache.json",
}
_DEAD_TREES = (
    "aws_lambda_powertools/event_handler/openapi/swagger_ui",  # its pages; the API serves the document alone
    "boto3/data",  # boto3.resource(), which nothing here uses
)


class InstallError(RuntimeError):
    """Locked dependencies could not be installed."""


@dataclass(frozen=True)
class Target:
    """What the functions will run on.

    Attributes:
        name: How people call it.
        python: Minor version, as in `3.13`.
        platform: uv's name of it, or None for this machine.
        architecture: Lambda's name of the processor.
    """

    name: str
    python: str
    platform: str | None
    architecture: str


def target_named(name: str) -> Target:
    """Give the target `host` (this machine and Python), `aws`, or `docker` (Lambda's image here)."""
    arm = os.uname().machine in ("arm64", "aarch64")
    here = "arm64" if arm else "x86_64"
    match name:
        case "host":
            return Target("host", _this_python(), None, here)
        case "aws":
            return Target("aws", "3.13", "aarch64-manylinux2014", "arm64")
        case "docker":
            return Target("docker", "3.13", f"{'aarch64' if arm else 'x86_64'}-manylinux2014", here)
    raise ValueError(f"no target {name!r}; there are host, aws and docker")


def install(lock: Path, target: Target, folder: Path, compiler: Python | None = None) -> Path:
    """Install a lock for a target below `folder`, unless that is done already, and return where.

    Args:
        lock: Names the dependencies and their hashes.
        target: What they are for.
        folder: Takes them.
        compiler: A Python of the target's version, to make byte code with.

    Raises:
        InstallError: uv refused, for example because a hash differs; its words are in the message.
    """
    compiled = compiler.version if compiler else None
    key = json.dumps(
        [lock.read_text(encoding="utf-8"), target.python, target.platform, sys.version, compiled, _UNPACKING]
    )
    home = folder / f"{target.name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if home.is_dir():
        return home
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch, "made")
        run(_install_command(lock, target, made))
        (made / ".lock").unlink(missing_ok=True)  # uv's own
        for cache in made.rglob("__pycache__"):
            shutil.rmtree(cache)
        if compiler:
            compile_folder(made, compiler)
        for old in folder.glob(f"{target.name}-*"):
            shutil.rmtree(old)
        made.rename(home)
    return home


def compile_folder(folder: Path, compiler: Python) -> None:
    """Compile a folder to byte code that is loaded without looking at its source.

    Lambda cannot keep what it compiles: without this every cold start takes more than twice as long.

    In a fresh process, because the bytes depend on what else the compiling one has seen. The paths inside are
    Lambda's, so that they do not tell on which machine it was done.
    """
    script = (
        "import compileall, py_compile, sys\n"
        "mode = py_compile.PycInvalidationMode.UNCHECKED_HASH\n"
        "sys.exit(not compileall.compile_dir('.', ddir='/var/task', quiet=1, invalidation_mode=mode))"
    )
    run([compiler.path, "-I", "-S", "-c", script], cwd=folder, PYTHONHASHSEED="0")


def ships(path: PurePosixPath, clients: frozenset[str]) -> bool:
    """Tell whether a file of the dependencies belongs into a package whose code uses these clients."""
    parts = path.parts
    if parts[0].endswith(".dist-info"):
        return path.name not in _DEAD_RECORDS
    if parts[:2] == ("botocore", "data") and len(parts) > 3:
        # Files beside the service folders (endpoints, partitions, retry rules, defaults) serve every client.
        return parts[2] in clients
    if any(part in _DEAD_FOLDERS for part in parts[:-1] if part != "__pycache__"):
        return False
    if any(path.is_relative_to(tree) and path.suffix not in (".py", ".pyc") for tree in _DEAD_TREES):
        return False
    if "__pycache__" in parts:
        return path.suffix == ".pyc"
    return path.suffix not in _DEAD_SUFFIXES


# Raise it when what is done after the installation changes, so that older folders are not taken for new ones.
_UNPACKING = 2


def _install_command(lock: Path, target: Target, folder: Path) -> list[str]:
    command = [str(uv()), "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"]
    command += ["--link-mode", "copy", "--target", str(folder), "-r", str(lock)]
    if target.platform is None:
        return [*command, "--python", sys.executable]
    return [*command, "--python-version", target.python, "--python-platform", target.platform]


def uv() -> Path:
    """Find uv beside the running Python, where requirements/dev.txt puts it, or else on the path.

    Raises:
        InstallError: It is in neither place.
    """
    beside = Path(sys.executable).parent / "uv"
    if beside.exists():
        return beside
    found = shutil.which("uv")
    if found is None:
        raise InstallError("uv is not installed; run `make .venv`")
    return Path(found)


def run(command: list[str], cwd: Path | None = None, **environment: str) -> None:
    """Run a command.

    Raises:
        InstallError: It failed; what it wrote is in the message.
    """
    done = subprocess.run(  # noqa: S603 - our own command line
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command[:4])} … failed:\n{done.stdout}{done.stderr}")


def _this_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"
