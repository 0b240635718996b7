"""Who may do what: whoever gets in may look; of the people among them, leads alone may change something."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from runtime.callers import Caller, Person, caller_of, not_a_lead

FOR_EVERYBODY = frozenset(
    {
        "GET /api/training/list",
        "GET /api/training/{jobId}",
        "GET /api/training/{jobId}/events",
        "GET /api/training/{jobId}/results",
        "POST /api/training/{jobId}/detect",
        "GET /api/health",
        "GET /openapi.json",
    }
)
"""The routes that change nothing. Every other is for those who command, also one that is made later."""


def commands(caller: Caller, leads: str) -> bool:
    """Whether a caller may change something.

    Labellers, perhaps another company's people, are in the same user pool. Programs and IAM principals have
    their right from whoever gave them a secret or a policy; where nobody signs in, all are alike.

    Args:
        caller: who calls.
        leads: the Cognito group whose members command.
    """
    return not isinstance(caller, Person) or leads in caller.groups


def guard(leads: str) -> Callable[[APIGatewayRestResolver, NextMiddleware], Response[Any]]:
    """Give the middleware that stands before every route; it lets nobody command who may not."""

    def _guarding(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[Any]:
        route = f"{app.request.method} {app.request.route}"
        if route not in FOR_EVERYBODY and not commands(caller_of(app.current_event["requestContext"]), leads):
            raise not_a_lead()
        return next_middleware(app)

    return _guarding
