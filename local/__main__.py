"""The local stack from the command line: `python -m local up|down|status|logs`."""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from local import localstack, output
from local.apply.table import TableChangedError
from local.logs import print_logs
from local.ports import HOST, PortInUseError
from local.process import ProcessError
from local.service_spec import SpecError
from local.stack import DEFAULT_SPEED, ROOT, LocalStack, Options, StackError
from tools.dependencies import InstallError
from tools.package import PackageError

_EXPECTED = (
    BotoCoreError,
    ClientError,
    InstallError,
    PackageError,
    PortInUseError,
    ProcessError,
    SpecError,
    StackError,
    TableChangedError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; 0 if it was done, 1 with a message if it could not be."""
    chosen = _parser().parse_args(arguments)
    # A terminated start cleans up after itself as an interrupted one does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stack = LocalStack(chosen.folder)
    try:
        match chosen.command:
            case "up":
                return _up(stack, chosen)
            case "down":
                output.say("stopped" if stack.down() else "nothing was running")
                return 0
            case "status":
                return output.print_status(stack)
            case _:
                return print_logs(stack, chosen.service)
    except _EXPECTED as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return 130


def _up(stack: LocalStack, chosen: argparse.Namespace) -> int:
    began = time.monotonic()
    made, deployed = stack.up(_options(chosen))
    stack.release()
    output.print_stack(stack, made, deployed, time.monotonic() - began)
    return 0


def _options(chosen: argparse.Namespace) -> Options:
    given = dict(pair.split("=", 1) for pair in chosen.function_env)
    options = Options(
        port=chosen.port,
        simulator_port=chosen.simulator_port,
        console_port=chosen.console_port,
        speed=chosen.speed,
        ground_truth_closed=chosen.ground_truth_closed,
        endpoint=chosen.endpoint or None,
        simulator_endpoint=chosen.simulator_endpoint or None,
        function_environment=given,
        target=chosen.target,
    )
    if options.endpoint is None:
        return options
    kind = localstack.kind_of(options.endpoint)
    if kind is localstack.Kind.SOMETHING_ELSE:
        return options
    if kind is localstack.Kind.LOCALSTACK:
        return replace(options, tick=True, function_environment={**localstack.SIGNING, **given})
    # Its functions reach no process of this machine, only the simulator that was composed with it.
    return replace(
        options,
        tick=True,
        simulator_endpoint=options.simulator_endpoint or f"http://{HOST}:{options.simulator_port}",
        function_environment={**localstack.FUNCTION_ENVIRONMENT, **given},
        target="docker",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local", description="The pipeline on this machine, without AWS."
    )
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".local", help="where it keeps logs and stack.json"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start what does not run yet, and deploy")
    up.add_argument("--port", type=int, default=4566, help="of MiniStack; 0 takes any free one")
    up.add_argument("--simulator-port", type=int, default=4567, help="of the simulator; 0 takes any free one")
    up.add_argument("--console-port", type=int, default=4568, help="of the page; 0 takes any free one")
    up.add_argument("--speed", type=float, default=DEFAULT_SPEED, help="how many times faster than AWS")
    up.add_argument(
        "--ground-truth-closed",
        action="store_true",
        help="have the simulator refuse labelling jobs, as AWS does to new customers",
    )
    up.add_argument(
        "--endpoint", default="", help="deploy to what answers here instead of starting MiniStack"
    )
    up.add_argument("--simulator-endpoint", default="", help="use the simulator that answers here")
    up.add_argument("--target", default="host", choices=("host", "docker"), help="what the functions run on")
    up.add_argument(
        "--function-env",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a variable for every function",
    )
    commands.add_parser("down", help="stop it")
    commands.add_parser("status", help="say what runs")
    logs = commands.add_parser("logs", help="print what the functions wrote")
    logs.add_argument("service", nargs="?", default="", help="of one service, or one function")
    return parser


if __name__ == "__main__":
    sys.exit(main())
