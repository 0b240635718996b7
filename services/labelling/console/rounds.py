"""Finding the round that a request is about, and saying why it takes no answers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.ids import JOB_ID_PATTERN
from contracts.labelling_http import TASK_ID_PATTERN
from contracts.problems import JOB_NOT_FOUND, LABELLING_OVER, TASK_NOT_FOUND, WRONG_STATE
from runtime.problem_error import ProblemError
from runtime.rows import RowTable
from services.labelling.console.backend import CONSOLE
from services.labelling.console.round import Round, round_key
from services.labelling.console.rounds_table import RoundsTable
from services.labelling.console.task import Task
from services.labelling.labelling_row import Labelling

STILL_CHECKING = "The job's images are still being checked: try again in a minute."


@dataclass(frozen=True)
class Rounds:
    """The rounds of jobs, by the service's own rows: only the attempt that goes on is labelled."""

    rows: RowTable[Labelling]
    table: RoundsTable

    def row(self, job_id: str) -> Labelling:
        """Read the row of a job that is labelled here.

        Raises:
            ProblemError: there is none.
        """
        row = self.rows.find(job_id) if re.fullmatch(JOB_ID_PATTERN, job_id) else None
        if row is None or row.backend != CONSOLE:
            raise ProblemError(
                JOB_NOT_FOUND,
                f"No job {job_id[:40]} is labelled here: see GET /api/labelling/jobs for those that are.",
            )
        return row

    def find(self, row: Labelling) -> Round | None:
        """Read the round of a row's attempt; ``None`` as long as its images are being made ready."""
        round_ = self.table.find(round_key(row.job_id, row.attempt))
        return None if round_ is None or round_.state == "making" else round_

    def find_open(self, job_id: str) -> Round | None:
        """Read a job's round; ``None`` when it takes no more answers.

        Raises:
            ProblemError: it takes none yet.
        """
        return self._find_open(self.row(job_id))

    def _find_open(self, row: Labelling) -> Round | None:
        round_ = self.find(row)
        if is_over(row) or (round_ is not None and round_.state != "open"):
            return None
        if round_ is None:
            raise ProblemError(WRONG_STATE, STILL_CHECKING)
        return round_

    def require_open(self, job_id: str, of_attempt: int | None = None) -> Round:
        """Read a job's round, which takes answers; that of one attempt, if one is asked for.

        Raises:
            ProblemError: it does not, or not yet; or another attempt is labelled now.
        """
        row = self.row(job_id)
        if of_attempt not in {None, row.attempt}:
            raise ProblemError(
                LABELLING_OVER,
                f"Attempt {of_attempt} of this job is over, and its images have other numbers now: ask for "
                "the next image.",
            )
        round_ = self._find_open(row)
        if round_ is None:
            raise ProblemError(LABELLING_OVER, "The labelling of this job is over: it takes no more answers.")
        return round_

    def open(self) -> Iterator[Round]:
        """Give the rounds that take answers."""
        for round_ in self.table.open_rounds():
            row = self.rows.find(round_.job_id)
            if row is not None and row.attempt == round_.attempt and not is_over(row):
                yield round_

    def require_task(self, round_: Round, task_id: str) -> Task:
        """Read an image of a round.

        Raises:
            ProblemError: the round has none of this id.
        """
        task = self.table.task(round_, int(task_id)) if re.fullmatch(TASK_ID_PATTERN, task_id) else None
        if task is None:
            raise ProblemError(TASK_NOT_FOUND, f"The job has no image {task_id[:40]} to label.")
        return task


def is_over(row: Labelling) -> bool:
    """Tell whether the job does without further labels, whatever its round says."""
    return row.failed or row.cancelled_at is not None or row.state in {"labelled", "ending", "ended"}
