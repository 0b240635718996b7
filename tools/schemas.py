"""Writes the contracts as documents: JSON Schema per event, AsyncAPI, OpenAPI.

``python -m tools.schemas`` writes them, ``--publish`` also makes the present events the published ones, which
later versions of the same type have to stay compatible with.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import yaml
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from contracts.envelope import Event
from contracts.events import EVENTS, event_type
from local.service_spec import ServiceSpec, read_services
from services.job_api.routes import make_app
from services.labelling.console import routes as labelling_routes
from services.labelling.console.face import Face
from tools.compatibility import breaking_changes
from tools.deployment_manual import deployment_manual
from tools.event_manual import event_manual

SCHEMAS = Path("contracts/schemas")
_JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"


def event_schema(event: type[Event]) -> dict[str, Any]:
    """Give the JSON Schema of an event as it is published."""
    return {
        "$schema": _JSON_SCHEMA,
        "$id": f"urn:ekyc:event:{event_type(event)}",
        **event.model_json_schema(),
    }


def asyncapi(services: tuple[ServiceSpec, ...]) -> dict[str, Any]:
    """Describe the topic, its messages, and who sends and receives them (AsyncAPI 3.0)."""
    messages = {event.__name__: event for event in EVENTS}
    by_type = {event_type(event): name for name, event in messages.items()}
    operations: dict[str, Any] = {}
    for spec in services:
        for action, types in (("send", spec.publishes), ("receive", spec.consumes)):
            if types:
                operations[f"{spec.folder}_{action}s"] = {
                    "action": action,
                    "summary": spec.description,
                    "channel": {"$ref": "#/channels/events"},
                    "messages": [{"$ref": f"#/channels/events/messages/{by_type[type_]}"} for type_ in types],
                }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "eKYC training pipeline events",
            "version": "1",
            "description": "CloudEvents 1.0 in structured mode on one SNS topic; subscriptions filter on the "
            "message attribute `type`.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            "events": {
                "address": "${prefix}-events",
                "messages": {
                    name: {
                        "name": event_type(event),
                        "summary": (event.__doc__ or "").splitlines()[0],
                        "payload": {"$ref": f"events/{event_type(event)}.json"},
                    }
                    for name, event in messages.items()
                },
            }
        },
        "operations": operations,
    }


def openapi() -> dict[str, Any]:
    """Describe the HTTP API (OpenAPI 3.1), from its routes."""
    document: dict[str, Any] = {}
    for app in _http_faces():
        described = json.loads(
            app.get_openapi_json_schema(
                title="eKYC training pipeline",
                version="1",
                description="Trains and runs a document model on Amazon Rekognition Custom Labels. "
                "Errors are RFC 9457 problem documents.",
            )
        )
        document = _united(document, described, "")
    document["paths"] = dict(sorted(document["paths"].items()))
    document["components"]["schemas"] = dict(sorted(document["components"]["schemas"].items()))
    return document


def _http_faces() -> tuple[APIGatewayRestResolver, ...]:
    """Give the routes of every service that has some; to be described they need nothing behind them."""
    nothing: Any = None
    face = Face(nothing, nothing, nothing, leads="")
    return make_app(nothing, nothing, nothing, nothing, leads=""), labelling_routes.make_app(face)


def _united(one: dict[str, Any], other: dict[str, Any], where: str) -> dict[str, Any]:
    united = dict(one)
    for name, value in other.items():
        if isinstance(value, dict) and isinstance(united.get(name), dict):
            united[name] = _united(united[name], value, f"{where}/{name}")
        elif united.setdefault(name, value) != value:
            raise ValueError(f"two services describe {where}/{name} differently")
    return united


def documents(services: Path) -> dict[Path, str]:
    """Give every generated document's text by its path."""
    specs = read_services(services)
    written = {
        SCHEMAS / "events" / f"{event_type(event)}.json": _as_json(event_schema(event)) for event in EVENTS
    }
    written[SCHEMAS / "asyncapi.yaml"] = yaml.safe_dump(asyncapi(specs), sort_keys=False, width=110)
    written[SCHEMAS / "openapi.json"] = _as_json(openapi())
    written[Path("docs/events.md")] = event_manual(specs)
    written[Path("docs/deployed.md")] = deployment_manual(specs)
    return written


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _publish(schemas: Path) -> list[str]:
    faults = []
    for event in EVENTS:
        published = schemas / "published" / f"{event_type(event)}.json"
        schema = event_schema(event)
        if published.exists():
            faults += breaking_changes(json.loads(published.read_text()), schema)
        if not faults:
            published.parent.mkdir(exist_ok=True)
            published.write_text(_as_json(schema))
    return faults


def main() -> int:
    """Write the documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publish", action="store_true", help="make the present events the published ones")
    arguments = parser.parse_args()
    for path, text in documents(Path("services")).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if arguments.publish and (faults := _publish(SCHEMAS)):
        sys.stderr.write("\n".join([*faults, "Give the changed event a new version (.v2) instead.\n"]))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
