"""`python -m simulator`: the simulator as a server."""

import argparse
import dataclasses
import logging
import math
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar, get_type_hints

import uvicorn

from simulator.app import Simulator, create_simulator
from simulator.core.options import Choices, Durations, Options, Quotas
from simulator.keeping import BadStateFileError
from simulator.rekognition.learner import Learner

Settings = TypeVar("Settings", Choices, Durations, Quotas)


def main(arguments: Sequence[str] | None = None, *, learner: Learner | None = None) -> int:
    """Serve until told to stop; return the exit code. `learner` makes the models instead of our detector."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(
        level=given.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # Botocore tells every request and credential lookup at these levels.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        options = _options(given)
        listener = _listen(given.host, given.port)
    except ValueError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(
            f"cannot listen on {given.host}:{given.port}: {error.strerror}. "
            "Choose another port with --port, or stop what uses this one."
        )
    with listener:
        try:
            simulator = create_simulator(options=options, state=given.state, learner=learner)
        except BadStateFileError as error:
            return _complain(str(error))
        _serve(simulator, options, listener)
    return 0


def _serve(simulator: Simulator, options: Options, listener: socket.socket) -> None:
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    config = uvicorn.Config(simulator.app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    host, port = listener.getsockname()[:2]
    sys.stdout.write(f"simulator: http://{host}:{port} (sagemaker, rekognition), speed {options.speed:g}\n")
    sys.stdout.flush()
    uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Take the port now, so that a used one is reported before anything else happens."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """End with exit code 0; uvicorn raises the signal again once it has shut down in order."""
    raise SystemExit(0)


def _complain(message: str) -> int:
    sys.stderr.write(f"simulator: {message}\n")
    return 2


def _options(given: argparse.Namespace) -> Options:
    choices = _changed(Choices(), given.choice, "--choice")
    if given.ground_truth_closed:
        choices = dataclasses.replace(choices, ground_truth_closed=True)
    return Options(
        speed=given.speed,
        human_error=given.human_error,
        seed=given.seed,
        durations=_changed(Durations(), given.duration, "--duration"),
        quotas=_changed(Quotas(), given.quota, "--quota"),
        choices=choices,
    )


def _changed(settings: Settings, changes: Sequence[str], option: str) -> Settings:
    kinds = get_type_hints(type(settings))
    parsed: dict[str, Any] = {}
    for change in changes:
        name, _, value = change.partition("=")
        name = name.replace("-", "_")
        if name not in kinds:
            raise ValueError(f"{option} {change}: choose from {', '.join(sorted(kinds))}")
        parsed[name] = _value(value, kinds[name], f"{option} {change}")
    return dataclasses.replace(settings, **parsed)


def _value(text: str, kind: Any, where: str) -> Any:
    """Read a value of this kind; `none` switches a rate off."""
    if kind is bool:
        if text not in ("true", "false"):
            raise ValueError(f"{where}: say true or false")
        return text == "true"
    if kind is int:
        if not text.isdecimal():
            raise ValueError(f"{where}: {text!r} is not a whole number")
        return int(text)
    if kind is not float and text == "none":
        return None
    try:
        number = float(text)
    except ValueError as error:
        raise ValueError(f"{where}: {text!r} is not a number") from error
    if not 0 <= number < math.inf:
        raise ValueError(f"{where}: {text} is not a number of at least 0")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="SageMaker Ground Truth labelling jobs and Rekognition Custom Labels on localhost. "
        "S3 and EventBridge are whatever AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3 and the AWS profile name.",
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=4567, help="port to listen on, 0 for any (default: %(default)s)")
    add("--speed", type=float, default=600, help="times faster than AWS (default: %(default)g)")
    add("--state", type=Path, metavar="FILE", help="keep everything in FILE across restarts")
    add("--seed", type=int, default=0, help="seed of workers and trainings (default: %(default)s)")
    add(
        "--human-error",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="how unsteady workers' hands are, as a share of a box's side (default: %(default)s)",
    )
    add("--ground-truth-closed", action="store_true", help="refuse new labelling jobs, as for a new customer")
    for name, what in (
        ("duration", "seconds at speed 1"),
        ("quota", "a limit"),
        ("choice", "how an open question is answered"),
    ):
        add(
            f"--{name}",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=f"change {what}; repeatable, names in docs/simulator.md",
        )
    add("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
