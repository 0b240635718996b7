"""Finds which AWS services some code makes boto3 clients for, by reading it."""

import ast
from collections.abc import Mapping

# Powertools makes these clients by itself when one of these modules is used.
_POWERTOOLS = {
    "aws_lambda_powertools.utilities.data_masking": {"kms"},
    "aws_lambda_powertools.utilities.feature_flags": {"appconfigdata"},
    "aws_lambda_powertools.utilities.idempotency": {"dynamodb"},
    "aws_lambda_powertools.utilities.parameters": {"appconfigdata", "dynamodb", "secretsmanager", "ssm"},
    "aws_lambda_powertools.utilities.streaming": {"s3"},
}


class UnknownClientError(ValueError):
    """Code makes a client whose service cannot be told by reading it."""


def used_clients(sources: Mapping[str, str]) -> frozenset[str]:
    """Name the services, as boto3 does, that Python files (name to text) make clients for.

    Raises:
        UnknownClientError: A client's service is no literal string, so nobody knows which model to ship.
    """
    found: set[str] = set()
    for name, text in sources.items():
        found |= _clients_in(name, ast.parse(text, filename=name))
    return frozenset(found)


def _clients_in(name: str, tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("client", "create_client"):
                found.add(_service(name, node))
            elif node.func.attr == "resource" and ast.unparse(node.func.value) == "boto3":
                raise UnknownClientError(
                    f"{name}:{node.lineno}: packages hold no resource models; use a client"
                )
        elif isinstance(node, ast.ImportFrom | ast.Import):
            modules = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
            )
            for module in modules:
                for prefix, services in _POWERTOOLS.items():
                    if module == prefix or module.startswith(prefix + "."):
                        found |= services
    return found


def _service(name: str, call: ast.Call) -> str:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    service = call.args[0] if call.args else named.get("service_name")
    if isinstance(service, ast.Constant) and isinstance(service.value, str):
        return service.value
    raise UnknownClientError(
        f'{name}:{call.lineno}: write the service\'s name as a literal, as in client("s3"), '
        "so that packaging knows which service model to keep"
    )
