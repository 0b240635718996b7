"""`ekyc train`: from a folder of images to a model on its way, in one command."""

import uuid
from pathlib import Path
from typing import Annotated

import typer

from cli.coco import Coco, read_coco
from cli.commands.upload import upload_folder
from cli.exits import CliError, ExitCode
from cli.folders import FolderCheck, check_folder, usable_names
from cli.following import BAD_ENDS, FINAL, Pace, follow
from cli.options import (
    ApiOption,
    AutoStopOption,
    FolderArgument,
    IntervalOption,
    JsonOption,
    LabelsOption,
    MinF1Option,
    NameOption,
    ParallelOption,
    TestFractionOption,
    TimeoutOption,
    UnitsOption,
    WorkersOption,
    requested_job,
)
from cli.places import Place
from cli.progress import show_stages
from cli.session import Session, session
from cli.terminal import fold
from cli.workforce import hand_over
from contracts.http import CreateTrainingJob, TrainingJob


def train(
    folder: FolderArgument,
    label: LabelsOption = None,
    annotations: Annotated[
        Path | None,
        typer.Option(
            "--annotations",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="COCO file of boxes for the local stack's labellers; its categories are the default labels.",
        ),
    ] = None,
    name: NameOption = None,
    min_f1: MinF1Option = None,
    inference_units: UnitsOption = None,
    auto_stop_after_minutes: AutoStopOption = None,
    test_fraction: TestFractionOption = None,
    workers_per_image: WorkersOption = None,
    skip_refused: Annotated[
        bool, typer.Option("--skip-refused", help="Go on without images whose file names cannot be used.")
    ] = False,
    parallel: ParallelOption = 8,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the job until its model runs.")] = False,
    interval: IntervalOption = 5.0,
    timeout: TimeoutOption = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a job, upload a folder's images, start the pipeline; with --wait, until the model runs."""
    with session(api, as_json=as_json) as here:
        check = checked_folder(folder, skip_refused=skip_refused)
        coco = wanted_boxes(annotations, label, folder, here.place) if annotations else None
        request = requested_job(
            name,
            label or (coco.labels() if coco else None),
            min_f1=min_f1,
            inference_units=inference_units,
            auto_stop_after_minutes=auto_stop_after_minutes,
            test_fraction=test_fraction,
            workers_per_image=workers_per_image,
        )
        _train(here, request, folder, check, coco, parallel, Pace(interval, timeout) if wait else None)


def _train(
    here: Session,
    request: CreateTrainingJob,
    folder: Path,
    check: FolderCheck,
    coco: Coco | None,
    parallel: int,
    pace: Pace | None,
) -> None:
    job = here.api.create(request, idempotency_key=str(uuid.uuid4()))
    here.terminal.note(f"Job {job.job_id}, to learn {', '.join(job.labels)}")
    upload = upload_folder(here, job.job_id, folder, check, parallel=parallel)
    here.terminal.err.print(upload.to_text(), soft_wrap=True)
    if not upload.report.complete:
        here.terminal.note(
            f"Not started. Go on with: ekyc upload {job.job_id} {folder}, then ekyc start {job.job_id}"
        )
        here.terminal.result({"job": _plain(job), "upload": upload.to_json()}, fold(job.job_id))
        raise typer.Exit(ExitCode.NOT_UPLOADED)
    if coco and here.place.stack:
        hand_over(here.place.stack.simulator, coco)
    here.api.start(job.job_id)
    if pace is None:
        job = here.api.job(job.job_id)
        here.terminal.note(f"Started. Follow it: ekyc watch {job.job_id}")
    else:
        fetch = follow(lambda: here.api.job(job.job_id), until=FINAL, pace=pace)
        job = show_stages(here.terminal.err, fetch)
    here.terminal.result({"job": _plain(job), "upload": upload.to_json()}, fold(job.job_id))
    if pace and job.status in BAD_ENDS:
        raise typer.Exit(ExitCode.JOB_ENDED)


def checked_folder(folder: Path, *, skip_refused: bool) -> FolderCheck:
    """Look through a folder before anything is created for it.

    Raises:
        CliError: it has no image, or file names that cannot be used and nobody said to go on without them.
    """
    check = check_folder(folder)
    if check.refused and not skip_refused:
        listed = "".join(f"\n  {image.filename}: {image.reason}" for image in check.refused[:20])
        more = f"\n  … and {len(check.refused) - 20} more" if len(check.refused) > 20 else ""
        raise CliError(
            f"{len(check.refused)} images cannot be uploaded under their names; rename them, or go on "
            f"without them (--skip-refused):{listed}{more}",
            code="invalid-filename",
        )
    if not check.usable:
        raise CliError(
            f"{folder} holds no image (.jpg, .jpeg or .png) that can be uploaded.", code="no-images"
        )
    return check


def wanted_boxes(annotations: Path, labels: list[str] | None, folder: Path, place: Place) -> Coco:
    """Read the boxes of a folder's images.

    Raises:
        CliError: there is nobody to hand them to, the file is wrong, or it is not about these images.
    """
    if place.stack is None:
        raise CliError(
            "--annotations works with the local stack only: importing labels into AWS is not there yet. "
            "Leave the option out, and the labelling job's workers draw the boxes.",
            code="no-simulator",
        )
    coco = read_coco(annotations).of_images(frozenset(usable_names(folder)))
    if not coco.annotations:
        raise CliError(f"{annotations} has no box for any image in {folder}: do the file names agree?")
    return coco.of_labels(labels) if labels else coco


def _plain(job: TrainingJob) -> dict[str, object]:
    return job.model_dump(mode="json", by_alias=True)
