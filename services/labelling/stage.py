"""One step of a labelling at a time."""

from collections.abc import Callable, Mapping

from contracts.events import (
    LabellingCompleted,
    LabellingCompletedData,
    LabellingStarted,
    LabellingStartedData,
    LabellingStopped,
    LabellingStoppedData,
)
from contracts.ids import S3Uri
from runtime.clock import Clock
from runtime.errors import Permanent
from runtime.reconcile import Moved, nothing_comes_late
from services.labelling.backend import (
    LABEL_ATTRIBUTE,
    LabellingBackend,
    LabellingOrder,
    LabellingState,
    NoLabelling,
    Progress,
)
from services.labelling.labelling_row import LABELLING, Labelling
from services.labelling.preparation import Preparer, input_manifest


class LabellingStage:
    """Checks the images, has them labelled, and tells how that ended."""

    def __init__(
        self, backends: Mapping[str, LabellingBackend], preparer: Preparer, bucket: str, clock: Clock
    ) -> None:
        self._backends = backends
        self._preparer = preparer
        self._bucket = bucket
        self._clock = clock

    def advance(self, row: Labelling, keep: Callable[[], None]) -> Moved[Labelling] | None:
        """Take the next step; ``keep`` says that a long one is still at work."""
        match row.state:
            case "preparing":
                return self._prepare(row, keep)
            case "prepared":
                return self._start(row)
            case "labelling":
                return self._follow(row)
            case "ending":
                return self._end(row)
            case "labelled" | "ended":
                return None

    def _prepare(self, row: Labelling, keep: Callable[[], None]) -> Moved[Labelling]:
        preparation = self._preparer.prepare(row.images, self._folder(row), keep)
        prepared = row.changed(state="prepared", preparation=preparation)
        return Moved(prepared, in_line_for=self._backends[row.backend].slot)

    def _start(self, row: Labelling) -> Moved[Labelling]:
        arn = self._backends[row.backend].start(self._order(row))
        now = self._clock()
        started = row.changed(
            state="labelling", waiting=LABELLING, labelling_job_arn=arn, started_at=now, preparation=None
        )
        return Moved(started.telling(LabellingStarted, _what_started(row, arn), time=now), wait=True)

    def _follow(self, row: Labelling) -> Moved[Labelling] | None:
        state = self._backends[row.backend].look(self._order(row))
        match state.progress:
            case Progress.UNDER_WAY | Progress.STOPPING:
                return None
            case Progress.COMPLETED:
                data = _what_was_labelled(row, state)
                labelled = row.changed(state="labelled", waiting=None)
                return Moved(labelled.telling(LabellingCompleted, data, time=self._clock()))
            case Progress.STOPPED:
                raise _stopped(state)
            case Progress.FAILED:
                raise Permanent(
                    "labelling-failed",
                    f"The labelling job failed: {state.reason or 'Ground Truth gives no reason'}",
                    "Correct what the reason names, then retry the job; its images are labelled anew.",
                )

    def _end(self, row: Labelling) -> Moved[Labelling] | None:
        """Stop what a cancelled job has begun, and say what came of it."""
        backend, order = self._backends[row.backend], self._order(row)
        try:
            state = backend.look(order)
            if state.progress is Progress.UNDER_WAY:
                backend.stop(order)
        except NoLabelling:
            # Another process may be just creating it.
            if row.labelling_job_arn is None and not nothing_comes_late(row, self._clock()):
                return None
            return Moved(row.changed(state="ended", waiting=None))
        if state.progress in {Progress.UNDER_WAY, Progress.STOPPING}:
            return None
        data = LabellingStoppedData(
            labelling_job_arn=row.labelling_job_arn,
            counts=state.counts,
            output_manifest=state.output_manifest,
        )
        ended = row.changed(state="ended", waiting=None)
        return Moved(ended.telling(LabellingStopped, data, time=self._clock()))

    def _folder(self, row: Labelling) -> S3Uri:
        return f"s3://{self._bucket}/labelling/{row.job_id}/{row.attempt}/"

    def _order(self, row: Labelling) -> LabellingOrder:
        folder = self._folder(row)
        return LabellingOrder(
            job_id=row.job_id,
            attempt=row.attempt,
            labels=tuple(row.plan.labels),
            workers_per_image=row.plan.options.workers_per_image,
            manifest=input_manifest(folder),
            folder=folder,
        )


def _what_started(row: Labelling, arn: str | None) -> LabellingStartedData:
    if row.preparation is None:
        raise ValueError(f"job {row.job_id} is prepared without a preparation")
    return LabellingStartedData(
        labelling_job_arn=arn,
        images=row.preparation.images,
        refused=list(row.preparation.refused),
        refused_report=row.preparation.refused_report,
    )


def _what_was_labelled(row: Labelling, state: LabellingState) -> LabellingCompletedData:
    """Say what there is to train on.

    Raises:
        Permanent: there is nothing: "completed" does not mean that anybody drew a box.
    """
    if state.counts.labelled == 0:
        raise Permanent(
            "nothing-labelled",
            f"The labelling job ended without a single labelled image ({state.counts.failed} expired, were "
            "declined or failed).",
            "See that the work team has members who can open its labelling portal and that the bucket's CORS "
            "rule lets browsers read the images, then retry the job.",
        )
    if state.output_manifest is None:
        raise Permanent(
            "labels-missing",
            f"The labelling job is over with {state.counts.labelled} labelled images but names no output.",
            "See in the AWS console what became of its output, then retry the job.",
        )
    return LabellingCompletedData(
        plan=row.plan,
        output_manifest=state.output_manifest,
        label_attribute=LABEL_ATTRIBUTE,
        counts=state.counts,
    )


def _stopped(state: LabellingState) -> Permanent:
    counts = state.counts
    total = counts.labelled + counts.failed + counts.unlabelled
    kept = f" What was labelled is kept in {state.output_manifest}." if state.output_manifest else ""
    return Permanent(
        "labelling-stopped",
        f"Somebody stopped the labelling job when {counts.labelled} of {total} images were labelled.{kept}",
        "Retry the job to have all its images labelled anew; a stopped labelling job cannot go on.",
    )
