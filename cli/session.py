"""What surrounds every command: its outputs, its API, and the one place where errors become exit codes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own, not the built-in one
    EndpointConnectionError,
    HTTPClientError,
)

from cli.authentication import authentication
from cli.client import ApiError, ApiUnreachable, PipelineApi
from cli.exits import CliError, ExitCode
from cli.places import Place, find_place
from cli.terminal import Terminal


@dataclass(frozen=True)
class Session:
    """A terminal and an API to talk to."""

    terminal: Terminal
    place: Place
    api: PipelineApi


@contextmanager
def reporting(*, as_json: bool) -> Iterator[Terminal]:
    """Give a command its outputs; whatever ends it early becomes a message and an exit code."""
    terminal = Terminal.of_process(as_json=as_json)
    try:
        yield terminal
    except KeyboardInterrupt:
        told = CliError("Interrupted.", exit_code=ExitCode.INTERRUPTED, code="interrupted")
        terminal.failure(told)
        raise typer.Exit(told.exit_code) from None
    except (CliError, ApiError, ApiUnreachable, OSError, ClientError, BotoCoreError) as error:
        told = explain(error)
        terminal.failure(told)
        raise typer.Exit(told.exit_code) from None


@contextmanager
def session(api: str | None, *, as_json: bool) -> Iterator[Session]:
    """Give a command its outputs and the API that its user means."""
    with reporting(as_json=as_json) as terminal:
        place = find_place(api, env=os.environ, folder=Path.cwd())
        with PipelineApi(place.api, auth=authentication(place, os.environ)) as client:
            try:
                yield Session(terminal, place, client)
            except ApiUnreachable as error:
                raise _unreachable(error, place) from error


def explain(error: Exception) -> CliError:
    """Say what an error means for the user, and with which exit code the command ends."""
    match error:
        case CliError():
            return error
        case ApiError():
            faults = "".join(
                f"\n  {fault.field}: {fault.message}"
                for fault in error.errors
                if fault.message not in error.detail
            )
            exit_code = ExitCode.UNREACHABLE if error.passing else ExitCode.REFUSED
            return CliError(error.detail + faults, exit_code=exit_code, code=error.code, status=error.status)
        case ApiUnreachable() | EndpointConnectionError() | ConnectionError() | HTTPClientError():
            return CliError(str(error), exit_code=ExitCode.UNREACHABLE, code="unreachable")
        case ClientError():
            code = error.response["Error"].get("Code", "aws")
            return CliError(f"AWS refused: {error}", exit_code=ExitCode.REFUSED, code=code)
        case BotoCoreError():
            return CliError(
                f"AWS cannot be called: {error}. Give credentials and a region in one of the ways that the "
                "AWS CLI knows, or a profile with `ekyc configure --profile NAME`.",
                exit_code=ExitCode.REFUSED,
                code="aws-client",
            )
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return CliError(
                f"{where}{error.strerror or error}.", exit_code=ExitCode.REFUSED, code="file-system"
            )
    raise error


def _unreachable(error: ApiUnreachable, place: Place) -> CliError:
    hint = " Is the local stack up? `make up` starts it." if place.stack else ""
    return CliError(
        f"{error} The address comes from {place.said_by}.{hint}",
        exit_code=ExitCode.UNREACHABLE,
        code="unreachable",
    )
