"""The options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from cli.exits import CliError
from contracts.http import CreateTrainingJob
from contracts.ids import JobId
from contracts.plan import LabellingBackendName


def _job_id(text: str) -> str:
    try:
        return TypeAdapter(JobId).validate_python(text.strip().lower())
    except ValidationError as error:
        raise typer.BadParameter(
            f"{text!r} is not a job id: 26 letters and digits, as `ekyc jobs list` shows them."
        ) from error


JobArgument = Annotated[str, typer.Argument(metavar="JOB", parser=_job_id, help="The job's id.")]
FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        exists=True,
        file_okay=False,
        help="Folder of JPEG and PNG images (not its subfolders).",
    ),
]
ApiOption = Annotated[
    str | None,
    typer.Option(
        "--api",
        metavar="URL",
        help="Where the API is; else EKYC_API_URL, .local/stack.json, the configuration file.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
NameOption = Annotated[str | None, typer.Option("--name", help="A name for the job, for people.")]
LabelsOption = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="LABEL", help="A document type to learn; repeat for each, up to ten."),
]
MinF1Option = Annotated[
    float | None, typer.Option("--min-f1", help="Deploy only a model that reaches this F1 (0 to 1).")
]
UnitsOption = Annotated[
    int | None,
    typer.Option("--inference-units", help="How many units run the model; each costs by the hour."),
]
AutoStopOption = Annotated[
    int | None,
    typer.Option("--auto-stop-after-minutes", help="Stop the model by itself after so many minutes."),
]
TestFractionOption = Annotated[
    float | None,
    typer.Option("--test-fraction", help="Share of the labelled images kept for testing (0.05 to 0.5)."),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers-per-image", help="How many people label each image (1 to 9).")
]
LabellingOption = Annotated[
    LabellingBackendName | None,
    typer.Option(
        "--labelling",
        help="Where the boxes come from: people in Ground Truth, people on the console, or a file "
        "(--annotations alone means import); else what the deployment is set to.",
    ),
]
SuggestionsOption = Annotated[
    str | None,
    typer.Option(
        "--suggestions-from",
        metavar="JOB",
        parser=_job_id,
        help="With --labelling console: a job whose running model offers its boxes to begin with.",
    ),
]
ParallelOption = Annotated[
    int, typer.Option("--parallel", min=1, max=64, help="How many images are under way at once.")
]
IntervalOption = Annotated[
    float,
    typer.Option("--interval", min=0.05, metavar="SECONDS", help="How often to ask how the job stands."),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option(
        "--timeout", min=0, metavar="SECONDS", help="Wait no longer than this; for ever if not given."
    ),
]


def requested_job(
    name: str | None,
    labels: list[str] | None,
    *,
    min_f1: float | None,
    inference_units: int | None,
    auto_stop_after_minutes: int | None,
    test_fraction: float | None,
    workers_per_image: int | None,
    labelling: LabellingBackendName | None,
    suggestions_from: str | None,
) -> CreateTrainingJob:
    """Put the options of a new job together.

    Raises:
        CliError: one of them is not what the API takes.
    """
    options = {
        "min_f1": min_f1,
        "inference_units": inference_units,
        "auto_stop_after_minutes": auto_stop_after_minutes,
        "test_fraction": test_fraction,
        "workers_per_image": workers_per_image,
    }
    boxes = {"backend": labelling, "suggestions_from_job": suggestions_from}
    given = {key: value for key, value in options.items() if value is not None}
    try:
        return CreateTrainingJob.model_validate(
            {"name": name, "labels": labels or None, "labelling": boxes, "options": given}
        )
    except ValidationError as error:
        raise CliError("; ".join(_fault(fault["loc"], fault["msg"]) for fault in error.errors())) from error


def _fault(loc: tuple[int | str, ...], message: str) -> str:
    """Name the option where the contract names a member: `options.minF1` was typed as `--min-f1`."""
    members = [part for part in loc if isinstance(part, str) and part != "options"]
    member = members[0] if members else "labels"
    flags = {"labels": "--label", "name": "--name"}
    flag = flags.get(member, "--" + _kebab(member))
    places = [f" (number {part + 1})" for part in loc if isinstance(part, int)]
    return f"{flag}{''.join(places)}: {message.removeprefix('Value error, ')}"


def _kebab(camel: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in camel).replace("_", "-")
