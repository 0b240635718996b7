"""`ekyc train`: from a folder of images to a model on its way, in one command."""

import uuid
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.upload import upload_folder
from cli.exits import CliError, ExitCode
from cli.folders import FolderCheck, check_folder
from cli.following import BAD_ENDS, FINAL, Pace, follow
from cli.known_boxes import KnownBoxes, known_boxes
from cli.options import (
    ApiOption,
    AutoStopOption,
    FolderArgument,
    IntervalOption,
    JsonOption,
    LabellingOption,
    LabelsOption,
    MinF1Option,
    NameOption,
    ParallelOption,
    SuggestionsOption,
    TestFractionOption,
    TimeoutOption,
    UnitsOption,
    WorkersOption,
    requested_job,
)
from cli.progress import show_stages
from cli.session import Session, session
from cli.terminal import fold
from contracts.http import CreateTrainingJob, TrainingJob
from contracts.plan import LabellingBackendName


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
            help="Boxes that exist already, to import: a COCO file, whose categories are the default labels; "
            "a manifest of Ground Truth or Custom Labels; or a zip of Pascal VOC files.",
        ),
    ] = None,
    labelling: LabellingOption = None,
    suggestions_from: SuggestionsOption = None,
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
        boxes = known_boxes(annotations, labelling, label, folder, here.place) if annotations else None
        if labelling is LabellingBackendName.IMPORT and boxes is None:
            raise CliError("--labelling import needs the file with the boxes: --annotations FILE.")
        request = requested_job(
            name,
            label or (boxes.labels if boxes else None),
            min_f1=min_f1,
            inference_units=inference_units,
            auto_stop_after_minutes=auto_stop_after_minutes,
            test_fraction=test_fraction,
            workers_per_image=workers_per_image,
            labelling=boxes.backend if boxes else labelling,
            suggestions_from=suggestions_from,
        )
        _train(here, request, folder, check, boxes, parallel, Pace(interval, timeout) if wait else None)


def _train(
    here: Session,
    request: CreateTrainingJob,
    folder: Path,
    check: FolderCheck,
    boxes: KnownBoxes | None,
    parallel: int,
    pace: Pace | None,
) -> None:
    job = here.api.create(request, idempotency_key=str(uuid.uuid4()))
    here.terminal.note(f"Job {job.job_id}, to learn {', '.join(job.labels)}")
    if boxes:  # first, so that nothing but images is left to upload when some do not arrive
        boxes.hand_over(here, job.job_id)
    upload = upload_folder(here, job.job_id, folder, check, parallel=parallel)
    here.terminal.err.print(upload.to_text(), soft_wrap=True)
    if not upload.report.complete:
        here.terminal.note(
            f"Not started. Go on with: ekyc upload {job.job_id} {folder}, then ekyc start {job.job_id}"
        )
        here.terminal.result({"job": _plain(job), "upload": upload.to_json()}, fold(job.job_id))
        raise typer.Exit(ExitCode.NOT_UPLOADED)
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


def _plain(job: TrainingJob) -> dict[str, object]:
    return job.model_dump(mode="json", by_alias=True)
