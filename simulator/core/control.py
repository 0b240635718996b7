"""`/_simulator/…`: what AWS does not have and tests need."""

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.core.faults import BadFaultError
from simulator.core.gateway import Gateway
from simulator.core.world import World

_CALL_FILTERS = ("account", "region", "service", "operation", "status", "error", "fault")


class Control:
    """Health, faults and the call log."""

    def __init__(self, world: World, gateway: Gateway, describe: Callable[[], dict[str, Any]]) -> None:
        self._world = world
        self._gateway = gateway
        self._describe = describe

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/_simulator/health", self._health, methods=["GET"]),
            Route("/_simulator/faults", self._list_faults, methods=["GET"]),
            Route("/_simulator/faults", self._add_fault, methods=["POST"]),
            Route("/_simulator/faults", self._clear_faults, methods=["DELETE"]),
            Route("/_simulator/faults/{number:int}", self._clear_fault, methods=["DELETE"]),
            Route("/_simulator/calls", self._list_calls, methods=["GET"]),
            Route("/_simulator/calls", self._clear_calls, methods=["DELETE"]),
        ]

    def _health(self, request: Request) -> Response:
        with self._world.tasks.lock:
            self._world.tasks.step()
            return JSONResponse({"status": "ok", "speed": self._world.options.speed, **self._describe()})

    async def _list_faults(self, request: Request) -> Response:
        return JSONResponse({"faults": self._gateway.faults.describe()})

    async def _add_fault(self, request: Request) -> Response:
        try:
            fault = self._gateway.faults.add(json.loads(await request.body()))
        except (BadFaultError, ValueError) as error:
            return refuse(str(error))
        return JSONResponse(fault.describe(), 201)

    async def _clear_faults(self, request: Request) -> Response:
        return JSONResponse({"cleared": self._gateway.faults.clear()})

    async def _clear_fault(self, request: Request) -> Response:
        number = request.path_params["number"]
        if not self._gateway.faults.clear(number):
            return refuse(f"there is no fault {number}", 404)
        return JSONResponse({"cleared": 1})

    async def _list_calls(self, request: Request) -> Response:
        wanted = dict(request.query_params)
        unknown = sorted(wanted.keys() - set(_CALL_FILTERS))
        if unknown:
            return refuse(f"unknown filter {', '.join(unknown)}; use {', '.join(_CALL_FILTERS)}")
        return JSONResponse({"calls": self._gateway.calls.find(**wanted)})

    async def _clear_calls(self, request: Request) -> Response:
        self._gateway.calls.clear()
        return JSONResponse({"cleared": True})


def refuse(message: str, status: int = 400) -> JSONResponse:
    """Return an error answer of the control routes."""
    return JSONResponse({"error": message}, status)
