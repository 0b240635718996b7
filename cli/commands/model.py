"""`ekyc model`: start and stop a job's trained model. A running model costs money."""

from collections.abc import Callable
from typing import Annotated

import typer

from cli.client import PipelineApi
from cli.exits import ExitCode
from cli.following import BAD_ENDS, Pace, follow
from cli.options import ApiOption, IntervalOption, JobArgument, JsonOption, TimeoutOption
from cli.progress import show_stages
from cli.session import session
from cli.terminal import fold
from contracts.http import TrainingJob
from contracts.stages import JobStatus

app = typer.Typer(no_args_is_help=True, help="Start and stop a job's model; it costs money while it runs.")

WaitOption = Annotated[bool, typer.Option("--wait", help="Return only when it is done.")]


@app.command()
def start(
    job: JobArgument,
    wait: WaitOption = False,
    interval: IntervalOption = 5.0,
    timeout: TimeoutOption = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start the model again; it costs by the hour from then on."""
    goal = {JobStatus.RUNNING, JobStatus.FAILED, JobStatus.CANCELLED}
    _request(
        job, PipelineApi.start_model, goal if wait else None, Pace(interval, timeout), api, as_json=as_json
    )


@app.command()
def stop(
    job: JobArgument,
    wait: WaitOption = False,
    interval: IntervalOption = 5.0,
    timeout: TimeoutOption = None,
    api: ApiOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop the model; it costs nothing once it is stopped."""
    goal = {JobStatus.STOPPED, JobStatus.FAILED, JobStatus.CANCELLED}
    _request(
        job, PipelineApi.stop_model, goal if wait else None, Pace(interval, timeout), api, as_json=as_json
    )


def _request(
    job_id: str,
    ask: Callable[[PipelineApi, str], TrainingJob],
    goal: set[JobStatus] | None,
    pace: Pace,
    api: str | None,
    *,
    as_json: bool,
) -> None:
    with session(api, as_json=as_json) as here:
        job = ask(here.api, job_id)
        if goal:
            asking = follow(lambda: here.api.job(job_id), until=goal, pace=pace)
            job = show_stages(here.terminal.err, asking, since=job)
        here.terminal.result(job, fold(job.status))
        if goal and job.status in BAD_ENDS:
            raise typer.Exit(ExitCode.JOB_ENDED)
