"""How far labelling is, for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.labelling_http import (
    Labeller,
    LabellingJob,
    LabellingJobList,
    LabellingProgress,
    LabellingProgressState,
)
from runtime.clock import Clock
from services.labelling.console.asking import Asker
from services.labelling.console.round import Round
from services.labelling.console.rounds import Rounds, is_over
from services.labelling.console.task import Person
from services.labelling.labelling_row import Labelling


@dataclass(frozen=True)
class Overview:
    """Counts by the people's own counts, never by reading all images."""

    rounds: Rounds
    clock: Clock

    def jobs(self, asker: Asker) -> LabellingJobList:
        """List the jobs that people can label in now.

        Raises:
            Trouble: DynamoDB did not answer as asked.
        """
        return LabellingJobList(jobs=[self._job(round_, asker) for round_ in self.rounds.open()])

    def progress(self, job_id: str, asker: Asker) -> LabellingProgress:
        """Tell how far a job's labelling is.

        Raises:
            ProblemError: the job is not labelled here.
            Trouble: DynamoDB did not answer as asked.
        """
        row = self.rounds.row(job_id)
        round_ = self.rounds.find(row)
        people = self.rounds.table.people(round_) if round_ is not None else []
        images = round_.images if round_ is not None else 0
        now = self.clock()
        done = min(images, _done(people))
        leased = min(images - done, sum(p.held is not None and p.held.until > now for p in people))
        return LabellingProgress(
            job_id=job_id,
            labels=list(row.plan.labels),
            state=_state(row, round_),
            images=images,
            done=done,
            leased=leased,
            open=images - done - leased,
            answers=sum(person.answers for person in people),
            workers_per_image=row.plan.options.workers_per_image,
            people=[
                Labeller(worker=person.worker, answers=person.answers)
                for person in sorted(people, key=lambda person: (-person.answers, person.worker))
            ],
            is_lead=asker.is_lead,
        )

    def _job(self, round_: Round, asker: Asker) -> LabellingJob:
        people = self.rounds.table.people(round_)
        return LabellingJob(
            job_id=round_.job_id,
            labels=list(round_.labels),
            images=round_.images,
            done=min(round_.images, _done(people)),
            mine=sum(person.answers for person in people if person.worker == asker.worker),
            workers_per_image=round_.workers_per_image,
            is_lead=asker.is_lead,
        )


def _state(row: Labelling, round_: Round | None) -> LabellingProgressState:
    if is_over(row):
        return "over"
    if round_ is None or round_.state == "making":
        return "preparing"
    return round_.state


def _done(people: Sequence[Person]) -> int:
    return sum(person.finished for person in people)
