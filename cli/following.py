"""Following a job: asking how it stands until it gets where its user waits for it."""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from cli.client import ApiError, ApiUnreachable
from cli.exits import CliError, ExitCode
from contracts.http import TrainingJob
from contracts.stages import JobStatus

FINAL = frozenset(
    {JobStatus.RUNNING, JobStatus.STOPPED, JobStatus.REJECTED, JobStatus.FAILED, JobStatus.CANCELLED}
)
"""States that a job leaves only when someone asks."""

BAD_ENDS = frozenset({JobStatus.REJECTED, JobStatus.FAILED, JobStatus.CANCELLED})

_PATIENCE = 600.0


@dataclass(frozen=True)
class Pace:
    """How often to ask and for how long, in seconds, by which clock."""

    interval: float
    timeout: float | None = None
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def follow(
    fetch: Callable[[], TrainingJob], *, until: Collection[JobStatus], pace: Pace
) -> Iterator[TrainingJob]:
    """Yield the job each time it was asked for; the last one is in a state of `until`.

    Training takes hours, so ten minutes are borne in which the API does not answer, or only that it cannot.

    Raises:
        CliError: the pace's timeout passed.
        ApiUnreachable: the API has not answered for ten minutes.
        ApiError: the API refuses, or could not help for ten minutes.
    """
    begun = answered = pace.monotonic()
    while True:
        try:
            job = fetch()
        except (ApiError, ApiUnreachable) as error:
            refused = isinstance(error, ApiError) and not error.passing
            if refused or pace.monotonic() - answered > _PATIENCE:
                raise
        else:
            answered = pace.monotonic()
            yield job
            if job.status in until:
                return
        waited = pace.monotonic() - begun
        if pace.timeout is not None and waited + pace.interval > pace.timeout:
            raise CliError(
                f"Not there after {waited:.0f} s; the job goes on by itself. `ekyc watch` follows it again.",
                exit_code=ExitCode.TIMED_OUT,
                code="timed-out",
            )
        pace.sleep(pace.interval)
