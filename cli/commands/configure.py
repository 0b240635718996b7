"""`ekyc configure`: what need not be typed each time."""

import os
from typing import Annotated

import typer

from cli.config import config_path, load_config, save_config
from cli.exits import CliError
from cli.options import JsonOption
from cli.places import checked_url
from cli.session import reporting
from cli.terminal import fold
from cli.terraform import read_outputs


def configure(
    api: Annotated[str | None, typer.Option("--api", metavar="URL", help="Where the API is.")] = None,
    from_terraform: Annotated[
        str | None,
        typer.Option(
            "--from-terraform",
            metavar="FILE",
            help="Take the API and how to call it from what `terraform output -json` wrote; - is stdin.",
        ),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="The AWS profile to sign and to detect documents with.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the configuration file, keeping what is not mentioned; an empty text forgets a value.

    Without options it shows what the file says.
    """
    with reporting(as_json=as_json) as terminal:
        path = config_path(os.environ)
        config = load_config(path)
        changes = _changes(api, from_terraform, profile)
        if changes:
            config = config.model_copy(update=changes)
            save_config(path, config)
            terminal.note(f"Written to {path}")
        values = config.model_dump(mode="json")
        deployed = config.deployed
        shown = {
            **values,
            "auth": config.auth.kind if config.auth else None,
            "deployed": f"{deployed.name_prefix} in {deployed.region}" if deployed else None,
        }
        terminal.result(
            {"file": str(path), **values},
            fold("\n".join(f"{key}: {value or '-'}" for key, value in shown.items())),
        )


def _changes(api: str | None, from_terraform: str | None, profile: str | None) -> dict[str, object]:
    if api is not None and from_terraform is not None:
        raise CliError("Give --api or --from-terraform, not both.")
    changes: dict[str, object] = {}
    if api is not None:
        # Another API asks for other tokens, and must not be sent these.
        changes |= {"api": checked_url(api, "--api") if api else None, "auth": None, "deployed": None}
    if from_terraform is not None:
        url, auth, deployed = read_outputs(from_terraform)
        changes |= {"api": checked_url(url, from_terraform), "auth": auth, "deployed": deployed}
    if profile is not None:
        changes["profile"] = profile or None
    return changes
