"""What a lead does: look at single images, give them out anew or to somebody, end the labelling."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from contracts.labelling_http import TaskList, TaskState, TaskSummary
from contracts.problems import INVALID_REQUEST, WRONG_STATE, FieldFault
from runtime.callers import not_a_lead
from runtime.clock import Clock
from runtime.problem_error import ProblemError
from services.labelling.console.asking import Asker
from services.labelling.console.desk import filename_of, until_nobody_interferes
from services.labelling.console.round import Round
from services.labelling.console.rounds import STILL_CHECKING, Rounds
from services.labelling.console.task import Move, People, Task, assign, involved, reopen


@dataclass(frozen=True)
class Leading:
    """The use cases of leads; everybody else is refused."""

    rounds: Rounds
    clock: Clock

    def tasks(
        self, job_id: str, asker: Asker, state: TaskState | None, limit: int, token: str | None
    ) -> TaskList:
        """List images, those in one state alone if it is given.

        Raises:
            ProblemError: the asker is no lead, or the job is not labelled here.
            Trouble: DynamoDB did not answer as asked.
        """
        _require_lead(asker)
        round_ = self.rounds.find(self.rounds.row(job_id))
        if round_ is None:
            raise ProblemError(WRONG_STATE, STILL_CHECKING)
        page = self.rounds.table.page(round_, state, limit, _number_in(token))
        return TaskList(
            tasks=[_summary(task, round_) for task in page.tasks],
            next_token=None if page.after is None else _token(page.after),
        )

    def reopen(self, job_id: str, task_id: str, asker: Asker) -> TaskSummary:
        """Throw an image's answers away, and give it out again to whoever comes.

        Raises:
            ProblemError: the asker is no lead, there is no such image, or the labelling is over.
            Trouble: DynamoDB did not answer as asked.
        """
        return self._change(job_id, task_id, asker, reopen)

    def assign(self, job_id: str, task_id: str, asker: Asker, worker: str) -> TaskSummary:
        """Let an image wait for one person.

        Raises:
            ProblemError: the asker is no lead, or the image is done.
            Trouble: DynamoDB did not answer as asked.
        """
        return self._change(job_id, task_id, asker, lambda task, people: assign(task, worker, people))

    def finish(self, job_id: str, asker: Asker) -> None:
        """End the labelling now: what is labelled goes on as the job's labels.

        Raises:
            ProblemError: the asker is no lead, the labelling is over, or nobody has answered anything.
            Trouble: DynamoDB did not answer as asked.
        """
        _require_lead(asker)

        def attempt() -> None:
            round_ = self.rounds.require_open(job_id)
            if not any(person.answers for person in self.rounds.table.people(round_)):
                raise ProblemError(
                    WRONG_STATE,
                    "Nobody has answered anything yet, and without a label there is nothing to go on with: "
                    "label an image, or cancel the job.",
                )
            self.rounds.table.save(round_.closing("finished", self.clock()))

        until_nobody_interferes(attempt)

    def _change(
        self, job_id: str, task_id: str, asker: Asker, change: Callable[[Task, People], Move]
    ) -> TaskSummary:
        _require_lead(asker)

        def attempt() -> TaskSummary:
            round_ = self.rounds.require_open(job_id)
            task = self.rounds.require_task(round_, task_id)
            people = {worker: self.rounds.table.person(round_, worker) for worker in involved(task)}
            return _summary(self.rounds.table.write(round_, change(task, people)).tasks[0], round_)

        return until_nobody_interferes(attempt)


def _require_lead(asker: Asker) -> None:
    if not asker.is_lead:
        raise not_a_lead()


def _summary(task: Task, round_: Round) -> TaskSummary:
    return TaskSummary(
        task_id=f"{task.number:08}",
        filename=filename_of(task, round_),
        state=task.state,
        worker=task.hold.worker if task.hold is not None else task.assigned,
        answers=len(task.given),
        answered_by=[given.worker for given in task.given],
    )


def _token(number: int) -> str:
    return base64.urlsafe_b64encode(f"{number:08}".encode()).decode()


def _number_in(token: str | None) -> int | None:
    if token is None:
        return None
    try:
        return int(base64.b64decode(token, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError) as error:
        fault = FieldFault(field="nextToken", message="This is no token of this list.")
        raise ProblemError(
            INVALID_REQUEST, f"Correct the request. nextToken: {fault.message}", [fault]
        ) from error
