"""The page behind a sign-in, on this machine: MiniStack's Cognito before the API of a stack that runs.

`python -m tests.console.guarded FOLDER` makes a user pool, lets the API of the stack in FOLDER ask for its
tokens as Terraform has it (modules sign_in and api), serves the page with that sign-in, and prints one
line of JSON: where, and who may sign in. It serves until it is stopped.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import uvicorn

from local.clients import CREDENTIAL
from local.console_app import make_app
from local.console_page import image_origins, read_page
from local.console_process import FILES
from local.ports import HOST, choose_port
from local.stack import Stack

PASSWORD = "Correct-horse-7-battery"
LEAD = "ann"
NO_LEAD = "bob"


@dataclass(frozen=True)
class SignIn:
    """A user pool, and what the page and the API have to know of it."""

    pool_arn: str
    client_id: str
    read: str
    write: str


def make_sign_in(cognito: Any, prefix: str, page: str) -> SignIn:
    """Make a pool of two people, of whom one leads, and the page's client of it."""
    pool = cognito.create_user_pool(PoolName=prefix, AliasAttributes=["email"])["UserPool"]
    within = {"UserPoolId": pool["Id"]}
    api = f"{prefix}-api"
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    cognito.create_resource_server(**within, Identifier=api, Name=api, Scopes=scopes)
    client = cognito.create_user_pool_client(
        **within,
        ClientName=f"{prefix}-console",
        SupportedIdentityProviders=["COGNITO"],
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email", f"{api}/read", f"{api}/write"],
        CallbackURLs=[f"{page}/"],
        LogoutURLs=[f"{page}/"],
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    leads = f"{prefix}-leads"
    cognito.create_group(**within, GroupName=leads)
    for name in (LEAD, NO_LEAD):
        address = [{"Name": "email", "Value": address_of(name)}, {"Name": "email_verified", "Value": "true"}]
        cognito.admin_create_user(**within, Username=name, UserAttributes=address)
        cognito.admin_set_user_password(**within, Username=name, Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(**within, Username=LEAD, GroupName=leads)
    return SignIn(pool["Arn"], client["ClientId"], f"{api}/read", f"{api}/write")


def address_of(name: str) -> str:
    """Give a person's address, with which they may sign in, too."""
    return f"{name}@bank.test"


def guard(gateway: Any, api_id: str, stage: str, sign_in: SignIn) -> None:
    """Let every method but the health check ask for a token with the scope of what it does."""
    authorizer = gateway.create_authorizer(
        restApiId=api_id, name="tokens", type="COGNITO_USER_POOLS", providerARNs=[sign_in.pool_arn]
    )["id"]
    pages = gateway.get_paginator("get_resources").paginate(restApiId=api_id, embed=["methods"])
    for item in (item for page in pages for item in page["items"]):
        if item["path"] in {"/api/health", "/openapi.json"}:
            continue
        for method in item.get("resourceMethods", {}):
            where = {"restApiId": api_id, "resourceId": item["id"], "httpMethod": method}
            uri = gateway.get_integration(**where)["uri"]
            # Made anew, for MiniStack takes a patched list of scopes for a text.
            gateway.delete_method(**where)
            gateway.put_method(
                **where,
                authorizationType="COGNITO_USER_POOLS",
                authorizerId=authorizer,
                authorizationScopes=[sign_in.read if method == "GET" else sign_in.write],
            )
            gateway.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    gateway.create_deployment(restApiId=api_id, stageName=stage)


def main(folder: Path) -> None:
    """Do all of it, and serve."""
    stack = Stack.read(folder / "stack.json")
    port = choose_port(0, purpose="the page", option="CONSOLE_PORT")
    page = f"http://{HOST}:{port}"
    make_client: Any = boto3.client  # its overloads know no Cognito
    where = {
        "endpoint_url": stack.aws,
        "region_name": stack.region,
        "aws_access_key_id": CREDENTIAL,
        "aws_secret_access_key": CREDENTIAL,
    }
    sign_in = make_sign_in(make_client("cognito-idp", **where), stack.prefix, page)
    api_id, stage = stack.api.rsplit("/", 2)[1:]
    guard(make_client("apigateway", **where), api_id, stage, sign_in)
    config = {
        "auth": "cognito",
        "region": stack.region,
        "signIn": {
            "url": stack.aws,
            "clientId": sign_in.client_id,
            "scopes": ["openid", "email", sign_in.read, sign_in.write],
        },
        "modelRunningAlarmHours": 12,
        "workersHeader": False,
    }
    headers = read_page(image_origins(stack.aws, stack.bucket))
    people = {"lead": LEAD, "other": NO_LEAD, "otherAddress": address_of(NO_LEAD), "password": PASSWORD}
    sys.stdout.write(json.dumps({"console": page, **people}) + "\n")
    sys.stdout.flush()
    uvicorn.run(make_app(FILES, headers, config, stack.api), host=HOST, port=port, log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
