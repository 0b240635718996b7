"""`ekyc configure`: what need not be typed each time."""

import os
from typing import Annotated

import typer

from cli.config import config_path, load_config, save_config
from cli.options import JsonOption
from cli.places import checked_url
from cli.session import reporting
from cli.terminal import fold


def configure(
    api: Annotated[str | None, typer.Option("--api", metavar="URL", help="Where the API is.")] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="The AWS profile to detect documents with.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the configuration file, keeping what is not mentioned; an empty text forgets a value.

    Without options it shows what the file says.
    """
    with reporting(as_json=as_json) as terminal:
        path = config_path(os.environ)
        config = load_config(path)
        if api:
            api = checked_url(api, "--api")
        given = {"api": api, "profile": profile}
        changes = {key: value or None for key, value in given.items() if value is not None}
        if changes:
            config = config.model_copy(update=changes)
            save_config(path, config)
            terminal.note(f"Written to {path}")
        values = config.model_dump()
        terminal.result(
            {"file": str(path), **values},
            fold("\n".join(f"{key}: {value or '-'}" for key, value in values.items())),
        )
