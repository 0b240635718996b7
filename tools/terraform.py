"""Runs Terraform in a copy of the configuration: state, lock and plugins stay out of the tree."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.clients import CREDENTIAL

ROOT = Path(__file__).resolve().parent.parent
MIRROR = "TF_PLUGIN_DIR"
"""Environment variable that names a folder of provider plugins, to be used instead of the registry."""

_AT_ONCE = "-parallelism=50"  # the provider spends its time on waiting for AWS to agree with itself
_SOURCES = {".hcl", ".json", ".tf", ".tfvars", ".yaml"}
_TARGET_CREDENTIALS = {"AWS_ACCESS_KEY_ID": CREDENTIAL, "AWS_SECRET_ACCESS_KEY": CREDENTIAL}


class TerraformError(RuntimeError):
    """Terraform is not there, or failed; the message holds its words."""


@dataclass(frozen=True)
class Change:
    """What a plan would do to one resource, and to which of its attributes."""

    address: str
    kind: str
    actions: tuple[str, ...]
    attributes: frozenset[str]


class Terraform:
    """The configuration, ready in a folder of its own.

    Args:
        folder: Where copy, state and plugins are kept.
        endpoint: Where something answers like AWS; None for what calls nothing.
        build: The folder that `make package` builds in.
        services: The folder of the services.
        console: The folder in which the page was built.
    """

    def __init__(
        self,
        folder: Path,
        *,
        endpoint: str | None = None,
        build: Path = ROOT / "build",
        services: Path = ROOT / "services",
        console: Path = ROOT / "console",
    ) -> None:
        self._folder = folder / "terraform"
        # What the configuration reads beside its own folder.
        self._read = {
            "build": build,
            "console": console,
            "contracts": ROOT / "contracts",
            "services": services,
        }
        self._environment = _environment(folder, endpoint)

    def prepare(self) -> None:
        """Copy the configuration as it is now, and install its provider.

        Raises:
            TerraformError: There is no Terraform, or no provider.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, source in self._read.items():
            link = self._folder.parent / name
            link.unlink(missing_ok=True)
            link.symlink_to(source)
        for old in ("modules", "tests"):
            shutil.rmtree(self._folder / old, ignore_errors=True)
        kept = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        shutil.copytree(ROOT / "terraform", self._folder, ignore=kept, dirs_exist_ok=True)
        mirror = os.environ.get(MIRROR)
        self.run("init", "-input=false", *([f"-plugin-dir={mirror}"] if mirror else []))

    def fingerprint(self) -> str:
        """Sum up the configuration, what it reads and the provider; what it plans depends on nothing else."""
        digest = hashlib.sha256((self._folder / ".terraform.lock.hcl").read_bytes())
        for folder in (self._folder, self._read["services"], self._read["contracts"] / "schemas"):
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.suffix in _SOURCES:
                    digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
                    digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def apply(self, *arguments: str) -> None:
        """Bring the endpoint to what the configuration says."""
        self.run("apply", "-input=false", "-auto-approve", _AT_ONCE, *arguments)

    def destroy(self, *arguments: str) -> None:
        """Take everything away again."""
        self.run("destroy", "-input=false", "-auto-approve", _AT_ONCE, *arguments)

    def changes(self, *arguments: str) -> list[Change]:
        """Plan, and give what the plan would change."""
        plan = self._folder.parent / "changes.tfplan"
        self.run("plan", "-input=false", f"-out={plan}", *arguments)
        shown = json.loads(self.run("show", "-json", str(plan)))
        return [
            Change(item["address"], item["type"], tuple(item["change"]["actions"]), _changed(item["change"]))
            for item in shown.get("resource_changes", [])
            if item["change"]["actions"] not in (["no-op"], ["read"])
        ]

    def outputs(self) -> dict[str, Any]:
        """Give the outputs' values."""
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json")).items()}

    def run(self, command: str, *arguments: str) -> str:
        """Run a command and give what it printed.

        Raises:
            TerraformError: It is not there, or failed.
        """
        executable = shutil.which("terraform")
        if executable is None:
            raise TerraformError(
                "terraform is not installed; see https://developer.hashicorp.com/terraform/install"
            )
        done = subprocess.run(  # noqa: S603 - our own command line
            [executable, command, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise TerraformError(f"terraform {command} failed:\n{done.stdout}{done.stderr}")
        return done.stdout


def variables(values: Mapping[str, object]) -> Sequence[str]:
    """Give the arguments that set these variables."""
    return [
        argument
        for name, value in values.items()
        for argument in ("-var", f"{name}={value if isinstance(value, str) else json.dumps(value)}")
    ]


def _environment(folder: Path, endpoint: str | None) -> dict[str, str]:
    """Give it nothing of the person's own AWS: profile and credentials must not matter."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    target = {} if endpoint is None else {"AWS_ENDPOINT_URL": endpoint, "AWS_EC2_METADATA_DISABLED": "true"}
    return {
        **kept,
        **_TARGET_CREDENTIALS,
        **target,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "TF_DATA_DIR": str(folder / "terraform-data"),
        "TF_IN_AUTOMATION": "1",
        "TF_CLI_ARGS": "-no-color",
        "CHECKPOINT_DISABLE": "1",
    }


def _changed(change: Mapping[str, Any]) -> frozenset[str]:
    before, after, unknown = change["before"] or {}, change["after"] or {}, change["after_unknown"]
    return frozenset(
        name
        for name in {*before, *after, *unknown}
        if unknown.get(name) or before.get(name) != after.get(name)
    )
