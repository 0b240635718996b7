"""`ekyc jobs`: create, list, show, watch training jobs and read their history."""

import uuid
from typing import Annotated

import typer

from cli import rendering
from cli.exits import ExitCode
from cli.following import BAD_ENDS, FINAL, Pace, follow
from cli.options import (
    ApiOption,
    AutoStopOption,
    IntervalOption,
    JobArgument,
    JsonOption,
    LabellingOption,
    LabelsOption,
    MinF1Option,
    NameOption,
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
from contracts.http import RetryTrainingJob, TrainingJob, TrainingJobList
from contracts.plan import LabellingBackendName
from contracts.stages import JobStatus, Stage

app = typer.Typer(no_args_is_help=True, help="Create, list, show and watch training jobs.")


@app.command()
def create(
    name: NameOption = None,
    label: LabelsOption = None,
    min_f1: MinF1Option = None,
    inference_units: UnitsOption = None,
    auto_stop_after_minutes: AutoStopOption = None,
    test_fraction: TestFractionOption = None,
    workers_per_image: WorkersOption = None,
    labelling: LabellingOption = None,
    suggestions_from: SuggestionsOption = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a training job; images are uploaded to it next."""
    with session(api, as_json=as_json) as here:
        request = requested_job(
            name,
            label,
            min_f1=min_f1,
            inference_units=inference_units,
            auto_stop_after_minutes=auto_stop_after_minutes,
            test_fraction=test_fraction,
            workers_per_image=workers_per_image,
            labelling=labelling,
            suggestions_from=suggestions_from,
        )
        job = here.api.create(request, idempotency_key=str(uuid.uuid4()))
        here.terminal.result(job, fold(job.job_id))
        here.terminal.note(
            f"Created, to learn {', '.join(job.labels)}. Next: ekyc upload {job.job_id} DIR, "
            f"{_boxes(job)}then ekyc start {job.job_id}"
        )


def _boxes(job: TrainingJob) -> str:
    """Say how an import gets its boxes; everybody else draws them after the start."""
    imports = job.labelling_backend is LabellingBackendName.IMPORT
    return f"ekyc annotations send {job.job_id} FILE, " if imports else ""


@app.command("list")
def list_jobs(
    status: Annotated[JobStatus | None, typer.Option("--status", help="Only jobs in this state.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="How many a page has.")] = None,
    next_token: Annotated[
        str | None, typer.Option("--next-token", metavar="TOKEN", help="Go on after an earlier page.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All pages.")] = False,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the training jobs, newest first."""
    with session(api, as_json=as_json) as here:
        page = here.api.jobs(status=status, limit=limit, next_token=next_token)
        jobs = list(page.jobs)
        while every and page.next_token:
            page = here.api.jobs(status=status, limit=limit, next_token=page.next_token)
            jobs += page.jobs
        together = TrainingJobList(jobs=jobs, next_token=page.next_token)
        here.terminal.result(together, rendering.job_list(together))


@app.command()
def show(job: JobArgument, api: ApiOption = None, as_json: JsonOption = False) -> None:
    """Show everything about a job: stages, counts, refused images, metrics, model, cost."""
    with session(api, as_json=as_json) as here:
        found = here.api.job(job)
        here.terminal.result(found, rendering.job_details(found))


@app.command()
def events(job: JobArgument, api: ApiOption = None, as_json: JsonOption = False) -> None:
    """Show a job's history, event by event."""
    with session(api, as_json=as_json) as here:
        found = here.api.history(job)
        here.terminal.result(found, rendering.history(found))


@app.command()
def cancel(
    job: JobArgument,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why, for the job's history.")
    ] = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Cancel a job for good: labelling and model are stopped; AWS cannot cancel a training, so that ends."""
    with session(api, as_json=as_json) as here:
        cancelled = here.api.cancel(job, reason)
        here.terminal.result(cancelled, fold(cancelled.status))
        for line in cancelled.cancellation.lasting if cancelled.cancellation else ():
            here.terminal.note(line)


@app.command()
def retry(
    job: JobArgument,
    stage: Annotated[
        Stage | None, typer.Option("--from", help="At which stage to begin; the one that failed if left out.")
    ] = None,
    relabel: Annotated[
        bool, typer.Option("--relabel", help="Have people label again what they labelled already.")
    ] = False,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make another attempt at a job that has failed; what succeeded before is kept."""
    with session(api, as_json=as_json) as here:
        retried = here.api.retry(job, RetryTrainingJob.model_validate({"from": stage, "relabel": relabel}))
        here.terminal.result(retried, fold(retried.status))
        here.terminal.note(f"Attempt {retried.attempt}. Follow it: ekyc watch {job}")


@app.command()
def watch(
    job: JobArgument,
    interval: IntervalOption = 5.0,
    timeout: TimeoutOption = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the stages as they pass, until the model runs or the job has ended otherwise."""
    with session(api, as_json=as_json) as here:
        watch_to_the_end(here, job, Pace(interval, timeout))


def watch_to_the_end(here: Session, job_id: str, pace: Pace) -> None:
    """Follow a job to a final state; a bad one ends the command with its exit code."""
    last = show_stages(here.terminal.err, follow(lambda: here.api.job(job_id), until=FINAL, pace=pace))
    here.terminal.result(last, fold(last.status))
    if last.status in BAD_ENDS:
        raise typer.Exit(ExitCode.JOB_ENDED)
