"""How long each stage may take: one statement, which the code, the deployments and the manual share."""

from datetime import timedelta
from pathlib import Path

import pytest

from local.deployment import Deployment
from local.desired import desired_resources
from local.service_spec import read_services
from services.dataset.handler import DatasetSettings
from services.dataset_watcher.handler import DatasetWatcherSettings
from services.deployer.handler import DeployerSettings
from services.labelling.settings import LabellingSettings
from services.trainer.handler import TrainerSettings

SPECS = {spec.service: spec for spec in read_services(Path("services"))}

DEADLINES = [
    ("labelling", LabellingSettings, "START_DEADLINE_HOURS", timedelta(hours=24)),
    ("labelling", LabellingSettings, "LABELLING_DEADLINE_DAYS", timedelta(days=31)),
    ("dataset", DatasetSettings, "PREPARATION_DEADLINE_HOURS", timedelta(hours=6)),
    ("dataset-watcher", DatasetWatcherSettings, "CREATION_DEADLINE_HOURS", timedelta(hours=6)),
    ("trainer", TrainerSettings, "TRAINING_DEADLINE_HOURS", timedelta(hours=26)),
    ("deployer", DeployerSettings, "START_DEADLINE_MINUTES", timedelta(hours=1)),
]

each_deadline = pytest.mark.parametrize(
    ("service", "settings", "variable", "allowed"), DEADLINES, ids=[name for _, _, name, _ in DEADLINES]
)


@each_deadline
def test_a_deadline_is_deployed_as_the_code_would_have_it(
    service: str, settings: type, variable: str, allowed: timedelta
) -> None:
    unit = variable.rsplit("_", 1)[-1].lower()
    deployed = int(SPECS[service].environment[variable])
    assert timedelta(**{unit: deployed}) == allowed
    assert settings.model_fields[variable.lower()].default == deployed  # type: ignore[attr-defined]


def test_no_service_has_a_deadline_that_this_list_does_not_know() -> None:
    deployed = {
        (service, variable)
        for service, spec in SPECS.items()
        for variable in spec.environment
        if "DEADLINE" in variable
    }
    assert deployed == {(service, variable) for service, _, variable, _ in DEADLINES}


def test_no_two_services_share_a_deadlines_name() -> None:
    # Terraform's function_environment reaches every function: a name must mean one thing.
    names = [variable for _, _, variable, _ in DEADLINES]
    assert len(names) == len(set(names))


@each_deadline
def test_a_deployment_can_change_a_deadline(
    service: str, settings: type, variable: str, allowed: timedelta
) -> None:
    where = Deployment(key="arn:aws:kms:eu-west-1:000000000000:key/k", endpoints={variable: "3"})
    functions = desired_resources(list(SPECS.values()), where).functions
    of_the_service = [function for function in functions if function.package == service]
    assert of_the_service
    assert {function.environment[variable] for function in of_the_service} == {"3"}


@each_deadline
def test_the_manual_says_what_the_deadline_is(
    service: str, settings: type, variable: str, allowed: timedelta
) -> None:
    manual = Path("docs/operations.md").read_text(encoding="utf-8")
    [row] = [line for line in manual.splitlines() if line.startswith("|") and f"`{variable}`" in line]
    assert f"| {SPECS[service].environment[variable]} |" in row
