"""`ekyc annotations`: boxes that exist already, for a job that imports them."""

from pathlib import Path
from typing import Annotated

import typer

from cli.known_boxes import send_boxes
from cli.options import ApiOption, JobArgument, JsonOption
from cli.session import session
from cli.terminal import fold

app = typer.Typer(no_args_is_help=True, help="Hand boxes that exist already to a job that imports them.")


@app.command()
def send(
    job: JobArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A COCO file, a manifest of Ground Truth or Custom Labels, or a zip of Pascal VOC files.",
        ),
    ],
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a file of boxes to a job made with --labelling import; until it starts, the last one counts."""
    with session(api, as_json=as_json) as here:
        size = send_boxes(here.api, job, file)
        here.terminal.result(
            {"jobId": job, "file": str(file), "bytes": size}, fold(f"Sent: {file}, {size} bytes")
        )
        here.terminal.note(f"Next: ekyc upload {job} DIR, if not done yet, then ekyc start {job}")
