"""Where the API is, and with it the AWS that its models run in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cli.config import ApiAuth, Config, DeployedAs, config_path, load_config
from cli.exits import CliError

API_VARIABLE = "EKYC_API_URL"
STACK_FILE = Path(".local") / "stack.json"


class LocalStack(BaseModel):
    """The endpoints that `make up` writes down for those who come after it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    aws: str
    simulator: str
    api: str
    region: str = "eu-west-1"
    prefix: str = "ekyc"
    elsewhere: Mapping[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """One deployment of the pipeline: `stack` if it is the local one, `auth` if it asks who calls.

    `deployed` says where in AWS it is, as far as anybody has told.
    """

    api: str
    said_by: str
    stack: LocalStack | None = None
    profile: str | None = None
    auth: ApiAuth | None = None
    deployed: DeployedAs | None = None


def find_place(option: str | None, *, env: Mapping[str, str], folder: Path) -> Place:
    """Decide which API to talk to: the option, the environment, the folder's local stack, the config file.

    The first that says anything wins. The local stack's simulator is used only with the local stack's API.

    Raises:
        CliError: nothing says where the API is, or what says so cannot be understood.
    """
    config = load_config(config_path(env))
    stack = _read_stack(folder / STACK_FILE)
    said = (
        (option, "--api"),
        (env.get(API_VARIABLE), API_VARIABLE),
        (stack.api if stack else None, str(STACK_FILE)),
        (config.api, str(config_path(env))),
    )
    for url, by in said:
        if url:
            ours = stack if stack and _same(stack.api, url) else None
            configured = config if config.api and _same(config.api, url) else Config()
            return Place(checked_url(url, by), by, ours, config.profile, configured.auth, configured.deployed)
    raise CliError(
        "Where is the API? Give --api URL, set EKYC_API_URL, run `ekyc configure --api URL` once, "
        "or be in the folder of a local stack that `make up` has started.",
        code="no-api",
    )


def checked_url(url: str, said_by: str) -> str:
    """Give the URL without a trailing slash.

    Raises:
        CliError: it is not an absolute http(s) URL.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise CliError(f"{said_by}: {url!r} is not a URL ({error}).", code="bad-url") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise CliError(
            f"{said_by}: {url!r} is not a URL that begins with http:// or https://.", code="bad-url"
        )
    return url.rstrip("/")


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")


def _read_stack(path: Path) -> LocalStack | None:
    try:
        return LocalStack.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise CliError(
            f"{path} cannot be understood; start the local stack anew (`make down`, `make up`).",
            code="bad-stack-file",
        ) from error
