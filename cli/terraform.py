"""What `terraform output -json` says of a deployment, as far as a client needs it."""

import json
import sys
from typing import Any, NamedTuple

from cli.config import ApiAuth, DeployedAs
from cli.exits import CliError


class Outputs(NamedTuple):
    """The API's address, how it knows its callers, and where in AWS it is."""

    api: str
    auth: ApiAuth | None
    deployed: DeployedAs


def read_outputs(file: str) -> Outputs:
    """Read what Terraform wrote; `-` reads stdin.

    Raises:
        CliError: the file is not there, or not what Terraform writes.
        OSError: it cannot be read.
    """
    if file == "-":
        text = sys.stdin.read()
    else:
        with open(file, encoding="utf-8") as stream:  # noqa: PTH123 - a name as the user gave it
            text = stream.read()
    try:
        outputs = {name: output["value"] for name, output in json.loads(text).items()}
        deployed = DeployedAs(region=outputs["region"], name_prefix=outputs["name_prefix"])
        return Outputs(outputs["api_url"], _auth(outputs), deployed)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CliError(
            f"{file} is not what `terraform output -json` writes for this pipeline ({error!r}). "
            "Run that in the terraform folder after `terraform apply`.",
            code="bad-terraform-output",
        ) from error


def _auth(outputs: dict[str, Any]) -> ApiAuth | None:
    region = outputs["region"]
    match outputs["auth"]:
        case "cognito":
            sign_in = outputs["sign_in"]
            return ApiAuth(
                kind="cognito",
                region=region,
                token_url=f"{sign_in['url']}/oauth2/token",
                client_id=sign_in["clients"]["programs"],
                scopes=tuple(sign_in["scopes"]),
            )
        case "iam":
            return ApiAuth(kind="iam", region=region)
        case _:
            return None
