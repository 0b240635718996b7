"""The user's configuration file, in the folder that the XDG base directory specification names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.exits import CliError


class ApiAuth(BaseModel):
    """How the configured API knows its callers: by IAM signatures, or by tokens of a user pool's client."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["cognito", "iam"]
    region: str
    token_url: str = ""
    client_id: str = ""
    scopes: tuple[str, ...] = ()


class DeployedAs(BaseModel):
    """Where in AWS the configured API's deployment is, and what begins all its names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str
    name_prefix: str


class Config(BaseModel):
    """What a user need not type each time; `auth` and `deployed` belong to `api` and to no other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api: str | None = None
    auth: ApiAuth | None = None
    deployed: DeployedAs | None = None
    profile: str | None = None


def config_path(env: Mapping[str, str]) -> Path:
    """Say where the file is, whether it exists or not."""
    folder = Path(env.get("XDG_CONFIG_HOME") or Path(env.get("HOME") or Path.home()) / ".config")
    return folder / "ekyc" / "config.json"


def load_config(path: Path) -> Config:
    """Read the file; an absent one says nothing.

    Raises:
        CliError: the file is there but wrong.
    """
    try:
        return Config.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Config()
    except ValidationError as error:
        raise CliError(
            f"{path} is not a configuration of ekyc; correct it or delete it.", code="bad-config"
        ) from error


def save_config(path: Path, config: Config) -> None:
    """Write the file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8")
