"""Serves the page on this machine: `python -m local.console_server`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from local.console_app import make_app
from local.console_page import read_page
from local.ports import HOST

MODEL_RUNNING_ALARM_HOURS = 12
"""As Terraform's variable of this name has it unless it is told otherwise."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m local.console_server", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="of the loopback interface")
    parser.add_argument("--files", type=Path, required=True, help="the built page")
    parser.add_argument("--api", required=True, help="what the paths of the HTTP API are appended to")
    parser.add_argument("--images", required=True, help="origin of the pre-signed URLs")
    parser.add_argument("--region", required=True)
    chosen = parser.parse_args(arguments)
    config = {
        "auth": "none",
        "region": chosen.region,
        "signIn": None,
        "modelRunningAlarmHours": MODEL_RUNNING_ALARM_HOURS,
        "workersHeader": True,
    }
    app = make_app(chosen.files, read_page(chosen.images), config, chosen.api)
    uvicorn.run(app, host=HOST, port=chosen.port, log_level="warning", server_header=False, date_header=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
