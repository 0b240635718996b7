"""API Gateway: a REST API whose methods are answered by functions."""

from typing import TYPE_CHECKING, Any

from local.apply.outcome import Outcome
from local.deployment import Deployment
from local.resources import Api

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_lambda import LambdaClient

_Wanted = dict[tuple[str, str], str]


def apply_api(
    gateway: "APIGatewayClient", functions: "LambdaClient", api: Api, deployment: Deployment
) -> tuple[str, Outcome]:
    """Make the API and deploy it to its stage, or bring its routes up to date, and return its id."""
    api_id = _find(gateway, api.name)
    created = api_id is None
    if api_id is None:
        api_id = gateway.create_rest_api(name=api.name, endpointConfiguration={"types": ["REGIONAL"]})["id"]
    wanted: _Wanted = {
        (route.path, route.method): _invocation_uri(deployment, deployment.function_arn(route.function))
        for route in api.routes
    }
    updated = _Routes(gateway, api_id).bring_to(wanted)
    for function in sorted({route.function for route in api.routes}):
        _permit(functions, function, deployment.arn("execute-api", f"{api_id}/*"))
    if updated:
        gateway.create_deployment(restApiId=api_id, stageName=api.stage)
    return api_id, Outcome.of(created=created, updated=updated)


class _Routes:
    """The resources (paths) and methods of one API."""

    def __init__(self, gateway: "APIGatewayClient", api_id: str) -> None:
        self._gateway = gateway
        self._api = api_id
        pages = gateway.get_paginator("get_resources").paginate(restApiId=api_id, embed=["methods"])
        items = [item for page in pages for item in page["items"]]
        self._ids = {item["path"]: item["id"] for item in items}
        self._stored = {
            (item["path"], method): self._uri(item["id"], method)
            for item in items
            for method in item.get("resourceMethods", {})
        }

    def bring_to(self, wanted: _Wanted) -> bool:
        """Add, change and remove methods; tell whether anything had to be done."""
        for path, method in self._stored.keys() - wanted.keys():
            self._gateway.delete_method(restApiId=self._api, resourceId=self._ids[path], httpMethod=method)
        stale = {route: uri for route, uri in wanted.items() if self._stored.get(route) != uri}
        for (path, method), uri in stale.items():
            self._put(path, method, uri)
        return bool(stale) or wanted.keys() != self._stored.keys()

    def _put(self, path: str, method: str, uri: str) -> None:
        where: dict[str, Any] = {
            "restApiId": self._api,
            "resourceId": self._resource(path),
            "httpMethod": method,
        }
        if (path, method) not in self._stored:
            self._gateway.put_method(**where, authorizationType="NONE")
        # Lambda is always called with POST, whatever the client used [PutIntegration].
        self._gateway.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)

    def _resource(self, path: str) -> str:
        """Return the id of a path, made together with its parents where it is new."""
        if path not in self._ids:
            parent, _, last = path.rpartition("/")
            made = self._gateway.create_resource(
                restApiId=self._api, parentId=self._resource(parent or "/"), pathPart=last
            )
            self._ids[path] = made["id"]
        return self._ids[path]

    def _uri(self, resource: str, method: str) -> str | None:
        try:
            found = self._gateway.get_integration(restApiId=self._api, resourceId=resource, httpMethod=method)
        except self._gateway.exceptions.NotFoundException:
            return None
        return found.get("uri")


def _find(gateway: "APIGatewayClient", name: str) -> str | None:
    pages = gateway.get_paginator("get_rest_apis").paginate()
    return next((item["id"] for page in pages for item in page["items"] if item["name"] == name), None)


def _permit(functions: "LambdaClient", function: str, source: str) -> None:
    try:
        functions.add_permission(
            FunctionName=function,
            StatementId="api",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=source,
        )
    except functions.exceptions.ResourceConflictException:
        return  # it was given before


def _invocation_uri(deployment: Deployment, function_arn: str) -> str:
    service = f"arn:{deployment.partition}:apigateway:{deployment.region}:lambda"
    return f"{service}:path/2015-03-31/functions/{function_arn}/invocations"
