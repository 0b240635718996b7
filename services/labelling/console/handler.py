"""Labelling's Lambda entry point for requests, apart from the others: it needs little of what they need."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime.answers import respond
from services.labelling.console.face import wire_face
from services.labelling.console.routes import make_app
from services.labelling.settings import LabellingSettings


@cache
def app() -> APIGatewayRestResolver:
    """Make the routes once per process, at its first request."""
    return make_app(wire_face(LabellingSettings.read(os.environ)))


def on_request(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an HTTP request."""
    return respond(app(), event, context)
