"""The local target of the Terraform configuration: `python -m tools.terraform_local`.

Starts the local stack's processes, applies the configuration to them, sees that a second plan is empty, runs
the end-to-end tests against what was made, destroys it and stops what was started.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.output import say
from local.process import ProcessError
from local.service_spec import read_services
from local.stack import DEFAULT_SPEED, ROOT, LocalStack, Options, Stack, endpoint_variables
from tools import package
from tools.dependencies import InstallError, target_named
from tools.package import PackageError
from tools.terraform import Change, Terraform, TerraformError, variables

MISREAD: Mapping[str, frozenset[str]] = {
    "aws_cloudwatch_metric_alarm": frozenset(
        {
            "actions_enabled",
            "alarm_actions",
            "alarm_description",
            "dimensions",
            "ok_actions",
            "period",
            "statistic",
            "treat_missing_data",
        }
    ),
    "aws_cloudfront_response_headers_policy": frozenset({"remove_headers_config"}),
}
"""Attributes that MiniStack gives back otherwise than they were put, by type of resource."""

_VAR_FILE = "-var-file=local.tfvars"


@dataclass(frozen=True)
class Applied:
    """A stack that Terraform made, and how to look at it again or take it away."""

    terraform: Terraform
    arguments: Sequence[str]
    stack: Stack

    def drift(self) -> list[Change]:
        """Plan once more and give what the plan would change, but for what MiniStack misreads."""
        return [change for change in self.terraform.changes(*self.arguments) if not is_misread(change)]


def is_misread(change: Change) -> bool:
    """Tell whether a change concerns nothing but what MiniStack gives back wrongly."""
    return bool(change.attributes) and change.attributes <= MISREAD.get(change.kind, frozenset())


@contextmanager
def applied(
    local: LocalStack, folder: Path, options: Options, *, console: Path = ROOT / "console"
) -> Iterator[Applied]:
    """Start the stack's processes unless they run, apply to them, and destroy at the end.

    Raises:
        TerraformError: Terraform is not there, or failed.
        ProcessError: MiniStack or the simulator did not come up.
    """
    target = target_named(options.target)
    package.build(read_services(ROOT / "services"), target)
    aws, simulator = local.start(options)
    terraform = Terraform(folder, endpoint=aws, console=console)
    terraform.prepare()
    arguments = [_VAR_FILE, *variables(_chosen_here(aws, simulator, target.architecture, options))]
    try:
        terraform.apply(*arguments)
        stack = _stack(terraform.outputs(), aws, simulator)
        stack.write(local.file)
        yield Applied(terraform, arguments, stack)
    finally:
        terraform.destroy(*arguments)


def _chosen_here(aws: str, simulator: str, architecture: str, options: Options) -> dict[str, object]:
    return {
        "architecture": architecture,
        # Looks are never put off: a "minute" of the emulator's clock lasts a second.
        "function_environment": {
            "CHECK_EVERY_SECONDS": "0",
            **endpoint_variables(aws, simulator),
            **options.function_environment,
        },
    }


def _stack(outputs: Mapping[str, str], aws: str, simulator: str) -> Stack:
    return Stack(
        aws=aws,
        simulator=simulator,
        api=f"{aws}/_aws/execute-api/{outputs['api_id']}/{outputs['api_stage']}",
        region=outputs["region"],
        account_id=outputs["account_id"],
        prefix=outputs["name_prefix"],
        bucket=outputs["bucket"],
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Do all of it; 0 if the tests passed and nothing was left to change."""
    parser = argparse.ArgumentParser(prog="python -m tools.terraform_local", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of MiniStack; 0 takes any free one")
    parser.add_argument(
        "--simulator-port", type=int, default=0, help="of the simulator; 0 takes any free one"
    )
    parser.add_argument("--speed", type=float, default=DEFAULT_SPEED, help="how many times faster than AWS")
    parser.add_argument(
        "--endpoint", default="", help="apply to what answers here instead of starting MiniStack"
    )
    parser.add_argument("--simulator-endpoint", default="", help="use the simulator that answers here")
    parser.add_argument("--tests", default="tests/e2e", help="what pytest runs against it")
    chosen = parser.parse_args(arguments)
    options = Options(
        port=chosen.port,
        simulator_port=chosen.simulator_port,
        speed=chosen.speed,
        endpoint=chosen.endpoint or None,
        simulator_endpoint=chosen.simulator_endpoint or None,
    )
    local = LocalStack(ROOT / ".local")
    if any(process.record() for process in local.processes):
        sys.stderr.write("a local stack runs already, with things of its own; stop it first: make down\n")
        return 1
    try:
        return _try_out(local, options, chosen.tests)
    except (InstallError, PackageError, ProcessError, TerraformError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        local.down()


def _try_out(local: LocalStack, options: Options, tests: str) -> int:
    began = time.monotonic()

    def done(what: str) -> None:
        say(f"[{time.monotonic() - began:5.0f} s] {what}")

    with applied(local, local.folder / "terraform", options) as made:
        done(f"applied; the API answers at {made.stack.api}")
        drift = made.drift()
        for change in drift:
            say(f"  {'/'.join(change.actions)} {change.address}: {', '.join(sorted(change.attributes))}")
        done("the second plan is empty" if not drift else f"the second plan changes {len(drift)} resources")
        tested = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", "pytest", "-q", tests],
            cwd=ROOT,
            env={**os.environ, "AWS_ENDPOINT_URL": made.stack.aws},
            check=False,
        ).returncode
        done(f"{tests} passed" if tested == 0 else f"{tests} failed with exit code {tested}")
    done("destroyed")
    return 1 if drift else tested


if __name__ == "__main__":
    sys.exit(main())
