"""The simulator's labelling workforce: it draws the boxes that it was told of."""

import httpx

from cli.client import ApiUnreachable
from cli.coco import Coco
from cli.exits import CliError, ExitCode
from cli.loopback import NO_PROXY

_TIMEOUT = 60.0


def hand_over(simulator: str, coco: Coco) -> None:
    """Tell the workforce which boxes to draw.

    Raises:
        CliError: the simulator refused them.
        ApiUnreachable: it does not answer.
    """
    url = simulator.rstrip("/") + "/_simulator/annotations"
    headers = {"Content-Type": "application/json"}
    try:
        with httpx.Client(timeout=_TIMEOUT, mounts=NO_PROXY) as http:
            answer = http.post(url, content=coco.model_dump_json(), headers=headers)
    except httpx.TransportError as error:
        raise ApiUnreachable(f"No answer from the simulator at {url} ({error}).") from error
    if answer.is_error:
        raise CliError(
            f"The simulator refused the annotations ({answer.status_code}): {answer.text.strip()[:300]}",
            exit_code=ExitCode.REFUSED,
            code="annotations-refused",
        )
