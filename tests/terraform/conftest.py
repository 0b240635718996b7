"""Terraform and its provider, where there are any, and what the configuration makes of a mocked AWS."""

import os
import shutil
from collections.abc import Callable

import pytest

from local.service_spec import read_services
from local.stack import ROOT
from tests.terraform.mocked import Made, Runs, read_runs
from tools.terraform import MIRROR, Terraform, TerraformError


@pytest.fixture(scope="session")
def prepared() -> Callable[[Terraform], Terraform]:
    """Prepare a configuration; the test is left out where there is no Terraform, or no provider for it."""

    def prepare(terraform: Terraform) -> Terraform:
        if shutil.which("terraform") is None:
            pytest.skip("LEFT OUT: terraform is not installed here")
        try:
            terraform.prepare()
        except TerraformError as error:
            if os.environ.get(MIRROR):
                raise
            pytest.skip(
                f"LEFT OUT: no provider, neither in {MIRROR} nor from the registry: {str(error)[-200:]}"
            )
        return terraform

    return prepare


@pytest.fixture(scope="session")
def configuration(
    prepared: Callable[[Terraform], Terraform], tmp_path_factory: pytest.TempPathFactory
) -> Terraform:
    """The configuration with empty packages, for what calls nothing."""
    folder = tmp_path_factory.mktemp("configuration")
    packages = folder / "empty" / "packages" / "aws"
    packages.mkdir(parents=True)
    for spec in read_services(ROOT / "services"):
        (packages / f"{spec.service}.zip").touch()
    return prepared(Terraform(folder, build=folder / "empty"))


@pytest.fixture(scope="session")
def runs(configuration: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """What `terraform test` says."""
    try:
        return read_runs(configuration.run("test", "-json", "-verbose"))
    except TerraformError as error:
        log = tmp_path_factory.mktemp("terraform-test") / "output.jsonl"
        log.write_text(str(error), encoding="utf-8")
        said = [line for line in str(error).splitlines() if '"@level":"error"' in line]
        pytest.fail("\n".join([*said, f"all of it is in {log}"]))


@pytest.fixture(scope="session")
def made(runs: Runs) -> Made:
    """What stands with the defaults."""
    return runs.made["with_the_defaults"]
