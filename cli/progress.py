"""Showing work that takes a while: a bar for uploads, lines and a spinner for a job on its way."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from cli.milestones import Milestone, milestones, under_way
from contracts.http import TrainingJob


@contextmanager
def progress_bar(console: Console, title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that moves the bar on; without a terminal nothing is drawn."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda more: bar.advance(task, more)


def show_stages(
    console: Console,
    jobs: Iterable[TrainingJob],
    *,
    since: TrainingJob | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> TrainingJob:
    """Print each milestone once as the job passes it, with a spinner for what is under way.

    What `since`, an earlier state of the job, has passed already is not told. Returns the last job seen.

    Raises:
        ValueError: there is no job at all.
    """
    shown: set[Milestone] = set(milestones(since)) if since else set()
    last = None
    with console.status("Asking the API") as status:
        for last in jobs:
            for milestone in milestones(last):
                if milestone not in shown:
                    shown.add(milestone)
                    console.print(_line(milestone), soft_wrap=True)
            status.update(Text(under_way(last, now())))
    if last is None:
        raise ValueError("no job to show")
    return last


def _line(milestone: Milestone) -> Text:
    clock = milestone.at.astimezone().strftime("%H:%M:%S") if milestone.at else " " * 8
    return Text.assemble((clock, "dim"), " ", (f"{milestone.mark} {milestone.text}", milestone.style))
