"""Jobs as a person reads them in a terminal."""

from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.milestones import TITLES, duration
from contracts.facts import LabelMetrics
from contracts.http import History, TrainingJob, TrainingJobList, TrainingJobSummary
from contracts.stages import JobStatus

_STYLES = {
    JobStatus.RUNNING: "bold green",
    JobStatus.FAILED: "bold red",
    JobStatus.REJECTED: "bold yellow",
    JobStatus.CANCELLED: "yellow",
    JobStatus.STOPPED: "dim",
}


def job_list(page: TrainingJobList) -> RenderableType:
    """The list as a table, and how to see more of it."""
    if not page.jobs:
        return Text("No jobs.")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("JOB", no_wrap=True)
    table.add_column("STATUS", no_wrap=True)
    table.add_column("CREATED", no_wrap=True)
    table.add_column("F1", justify="right")
    table.add_column("$/HOUR", justify="right")
    table.add_column("NAME", overflow="fold")
    for job in page.jobs:
        table.add_row(*_list_row(job))
    if page.next_token is None:
        return table
    return Group(table, Text("More: add --all, or --next-token " + page.next_token, "dim", overflow="fold"))


def _list_row(job: TrainingJobSummary) -> list[Text]:
    price = job.cost.per_hour_now
    return [
        Text(job.job_id),
        _status(job.status),
        Text(_time(job.created_at)),
        Text(_share(job.f1)),
        Text(f"{price:.2f}" if price else "-"),
        Text(job.name or ""),
    ]


def job_details(job: TrainingJob) -> RenderableType:
    """Everything about a job, a line for each thing that is known."""
    parts: list[RenderableType] = [_facts(job)]
    if job.stages:
        parts += [Text(), _stages(job)]
    if job.model and job.model.labels:
        parts += [Text(), _metrics(job.model.labels)]
    if job.labelling and job.labelling.refused:
        parts += [Text(), Text("Refused images", "bold")]
        parts += [Text(f"  {image.filename}: {image.reason}") for image in job.labelling.refused]
    if job.dataset and job.dataset.left_out:
        parts += [Text(), Text("Left out of the datasets", "bold")]
        parts += [
            Text(f"  {left.count} images: {left.reason} (e.g. {', '.join(left.examples[:3])})")
            for left in job.dataset.left_out
        ]
    return Group(*parts)


def history(events: History) -> RenderableType:
    """The events, one a line."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("TIME", no_wrap=True)
    table.add_column("TRY", justify="right")
    table.add_column("EVENT", overflow="fold")
    for event in events.events:
        table.add_row(Text(_time(event.time)), Text(str(event.attempt)), Text(event.type))
    return table


def _facts(job: TrainingJob) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Job", Text(job.job_id))
    table.add_row("Name", Text(job.name or "-"))
    table.add_row("Status", _status(job.status))
    if job.attempt > 1:
        table.add_row("Attempt", str(job.attempt))
    table.add_row("Labels", Text(", ".join(job.labels)))
    table.add_row("Created", Text(_time(job.created_at)))
    if job.waiting_for:
        table.add_row("Waits for", Text(job.waiting_for))
    if job.labelling and job.labelling.images:
        images = job.labelling.images
        table.add_row(
            "Images",
            Text(f"{images.uploaded} uploaded, {images.accepted} accepted, {images.refused} refused"),
        )
    if job.model:
        table.add_row("Model", Text(job.model.project_version_arn))
        table.add_row("F1", Text(_share(job.model.f1)))
        if job.model.running_since:
            table.add_row("Running since", Text(_time(job.model.running_since)))
        if job.model.auto_stop_at:
            table.add_row("Stops itself", Text(_time(job.model.auto_stop_at)))
    _add_end(table, job)
    table.add_row("Cost so far", Text(_cost(job)))
    return table


def _add_end(table: Table, job: TrainingJob) -> None:
    if job.failure:
        table.add_row("Failure", Text(f"{job.failure.reason} {job.failure.advice}", "red"))
        for detail in job.failure.details:
            table.add_row("", Text(detail))
    if job.cancellation:
        table.add_row("Cancelled", Text(_time(job.cancellation.at)))
        if job.cancellation.reason:
            table.add_row("", Text(job.cancellation.reason))
        for line in job.cancellation.lasting:
            table.add_row("", Text(line))


def _stages(job: TrainingJob) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("STAGE", "BEGAN", "TOOK", "WAITS FOR"):
        table.add_column(title, overflow="fold")
    for timing in job.stages:
        began, ended = timing.started_at, timing.ended_at
        table.add_row(
            TITLES[timing.stage],
            _time(began) if began else "-",
            duration(ended - began) if began and ended else "-",
            Text(timing.waiting_for or ""),
        )
    return table


def _metrics(labels: tuple[LabelMetrics, ...]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("LABEL")
    for title in ("TEST IMAGES", "F1", "PRECISION", "RECALL", "THRESHOLD"):
        table.add_column(title, justify="right")
    for label in labels:
        shares = (label.f1, label.precision, label.recall, label.threshold)
        table.add_row(Text(label.label), str(label.test_images), *(_share(share) for share in shares))
    return table


def _cost(job: TrainingJob) -> str:
    cost = job.cost
    now = f"; ${cost.per_hour_now:.2f} an hour now" if cost.per_hour_now else ""
    return (
        f"${cost.total:.2f} (labelling {cost.labelling:.2f}, training {cost.training:.2f}, "
        f"running {cost.running:.2f}; estimated from list prices){now}"
    )


def _status(status: JobStatus) -> Text:
    return Text(status, _STYLES.get(status, "cyan"))


def _time(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
