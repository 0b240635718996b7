"""Terraform and its provider, where there are any, and what the configuration makes of a mocked AWS."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from local.service_spec import read_services
from local.stack import ROOT
from tests.terraform.mocked import Made, Runs, read_runs
from tools.lock import locked
from tools.terraform import MIRROR, Terraform, TerraformError


@pytest.fixture(scope="session")
def prepared() -> Callable[[Terraform], Terraform]:
    """Prepare a configuration; the test is left out where there is no Terraform, or no provider for it."""

    def prepare(terraform: Terraform) -> Terraform:
        if shutil.which("terraform") is None:
            pytest.skip("LEFT OUT: terraform is not installed here")
        try:
            terraform.prepare()
        except TerraformError:
            if os.environ.get(MIRROR):
                raise
            pytest.skip(f"LEFT OUT: no provider of Terraform's, neither in {MIRROR} nor from the registry")
        return terraform

    return prepare


@pytest.fixture(scope="session")
def configuration(
    prepared: Callable[[Terraform], Terraform], tmp_path_factory: pytest.TempPathFactory
) -> Terraform:
    """The configuration with empty packages, for what calls nothing."""
    folder = tmp_path_factory.mktemp("configuration")
    empty = folder / "empty"
    return prepared(
        Terraform(folder, build=empty_packages(empty, ROOT / "services"), console=small_page(empty / "page"))
    )


def empty_packages(build: Path, services: Path) -> Path:
    """Give the folder of a build that has made nothing but the files."""
    packages = build / "packages" / "aws"
    packages.mkdir(parents=True)
    for spec in read_services(services):
        (packages / f"{spec.service}.zip").touch()
    return build


def small_page(console: Path) -> Path:
    """Give the folder in which a page of three files was built."""
    assets = console / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text("<!doctype html><title>page</title>")
    (assets.parent / "icon.svg").write_text("<svg/>")
    (assets / "index-abc123.js").write_text("export {}")
    return console


@pytest.fixture(scope="session")
def runs(configuration: Terraform) -> Runs:
    """What `terraform test` says; it takes minutes, so the answer is kept until something else is asked."""
    kept = ROOT / ".local" / "terraform-test" / f"{configuration.fingerprint()}.json"
    with locked(kept.with_name("lock")):
        if not kept.exists():
            try:
                found = read_runs(configuration.run("test", "-json", "-verbose"))
            except TerraformError as error:
                said = [line for line in str(error).splitlines() if '"@level":"error"' in line]
                # Without a traceback, which would repeat all that Terraform printed, for every test anew.
                pytest.fail("\n".join(said) or str(error)[-10_000:], pytrace=False)
            for old in kept.parent.glob("*.json"):
                old.unlink()
            kept.write_text(found.to_json(), encoding="utf-8")
        return Runs.from_json(kept.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def made(runs: Runs) -> Made:
    """What stands with the defaults."""
    return runs.made["with_the_defaults"]
