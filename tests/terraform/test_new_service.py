"""Another service is another folder: the configuration deploys it as it is."""

from collections.abc import Callable

import pytest

from local.stack import ROOT
from tests.local.echo_service import MANIFEST
from tests.terraform.conftest import empty_packages
from tests.terraform.mocked import Made, read_runs
from tools.terraform import Terraform

RUN = """
run "with_one_more_service" {
  variables {
    region = "eu-west-1"
  }
}
"""


@pytest.fixture(scope="module")
def with_echo_box(
    prepared: Callable[[Terraform], Terraform], tmp_path_factory: pytest.TempPathFactory
) -> Made:
    folder = tmp_path_factory.mktemp("new-service")
    services = folder / "all"
    (services / "echo_box").mkdir(parents=True)
    (services / "echo_box" / "service.yaml").write_text(MANIFEST)
    for manifest in (ROOT / "services").glob("*/service.yaml"):
        (services / manifest.parent.name).mkdir()
        (services / manifest.parent.name / "service.yaml").write_text(manifest.read_text())
    build = empty_packages(folder / "empty", services)
    terraform = prepared(Terraform(folder / "made", build=build, services=services))
    mocks = (ROOT / "terraform" / "tests" / "deployment.tftest.hcl").read_text().split("\nrun ")[0]
    test = folder / "made" / "terraform" / "tests" / "new_service.tftest.hcl"
    test.write_text(mocks + RUN)
    printed = terraform.run("test", "-json", "-verbose", "-filter=tests/new_service.tftest.hcl")
    return read_runs(printed).made["with_one_more_service"]


def test_it_gets_its_queue_its_table_its_functions_and_its_routes(with_echo_box: Made) -> None:
    assert {"ekyc-echo-box", "ekyc-echo-box-dlq"} <= set(with_echo_box.named("aws_sqs_queue"))
    assert {"ekyc-echo-box", "ekyc-echo-box-crumbs"} <= set(with_echo_box.named("aws_dynamodb_table"))
    functions = {
        name for name in with_echo_box.named("aws_lambda_function", "function_name") if "echo-box" in name
    }
    assert functions == {"ekyc-echo-box-api", "ekyc-echo-box-events", "ekyc-echo-box-tick"}
    assert "ekyc-echo-box-tick" in with_echo_box.named("aws_scheduler_schedule")
    routes = {item.address.split('"')[1] for item in with_echo_box.of("aws_api_gateway_method")}
    assert "GET /api/echo" in routes


def test_it_is_watched_as_the_others_are(with_echo_box: Made) -> None:
    alarms = with_echo_box.named("aws_cloudwatch_metric_alarm", "alarm_name")
    assert {"ekyc-echo-box-dead-letters", "ekyc-echo-box-watcher"} <= set(alarms)
