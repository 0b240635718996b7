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
from contracts.facts import LabelCounts
from contracts.ids import S3Uri
from runtime.clock import Clock
from runtime.errors import Permanent
from runtime.observe import get_logger
from runtime.reconcile import Moved, nothing_comes_late
from services.labelling.backend import (
    LABEL_ATTRIBUTE,
    LabellingBackend,
    LabellingOrder,
    LabellingState,
    NoLabelling,
    Progress,
)
from services.labelling.kept_labels import KeptLabels, kept_manifest, whole_manifest
from services.labelling.labelling_row import LABELLING, Labelling
from services.labelling.preparation import Preparer, input_manifest

_NOTHING_NEW = LabellingState(None, Progress.COMPLETED, LabelCounts(labelled=0, failed=0, unlabelled=0))


class LabellingStage:
    """Checks the images, has them labelled, and tells how that ended."""

    def __init__(
        self,
        backends: Mapping[str, LabellingBackend],
        preparer: Preparer,
        kept_labels: KeptLabels,
        bucket: str,
        clock: Clock,
    ) -> None:
        self._backends = backends
        self._preparer = preparer
        self._kept_labels = kept_labels
        self._bucket = bucket
        self._clock = clock

    def advance(self, row: Labelling, keep: Callable[[], None]) -> Moved[Labelling] | None:
        """Take the next step; ``keep`` says that a long one is still at work."""
        match row.state:
            case "recovering":
                return self._recover(row)
            case "preparing":
                return self._prepare(row, keep)
            case "prepared":
                return self._start(row, keep)
            case "labelling":
                return self._follow(row)
            case "ending":
                return self._end(row)
            case "labelled" | "ended":
                return None

    def _prepare(self, row: Labelling, keep: Callable[[], None]) -> Moved[Labelling]:
        folder = self._folder(row)
        preparation = self._preparer.prepare(row.images, folder, keep, row.kept_from)
        prepared = row.changed(state="prepared", preparation=preparation, kept=preparation.kept)
        if preparation.kept == preparation.images.accepted:
            return Moved(self._labelled(prepared, kept_manifest(folder), _NOTHING_NEW))
        return Moved(prepared, in_line_for=self._backends[row.backend].slot)

    def _recover(self, row: Labelling) -> Moved[Labelling] | None:
        """See an earlier attempt's labelling job to its end, and find the labels it has."""
        earlier = row.earlier
        if earlier is None:
            raise ValueError(f"job {row.job_id} recovers nothing")
        backend, folder = self._backends[row.backend], self._folder(row, earlier.attempt)
        order = self._order(row, earlier.attempt)
        manifests = (kept_manifest(folder),) if earlier.kept else ()
        try:
            state = backend.look(order)
            if state.progress is Progress.UNDER_WAY:
                backend.stop(order)
            if state.progress in {Progress.UNDER_WAY, Progress.STOPPING}:
                return None
            if state.output_manifest is not None:
                manifests = (*manifests, state.output_manifest)
        except NoLabelling:
            get_logger().info("the earlier attempt has no labelling job", earlier=earlier.attempt)
            state = None
        recovered = row.changed(
            state="preparing", earlier=None, kept_from=() if earlier.relabel else manifests
        )
        if row.cancelled_at is not None:
            recovered = recovered.changed(state="ended", waiting=None)
        if state is None or state.progress is Progress.COMPLETED or earlier.counted:
            return Moved(recovered)
        return Moved(self._counting(recovered, state, earlier.attempt))

    def _start(self, row: Labelling, keep: Callable[[], None]) -> Moved[Labelling]:
        arn = self._backends[row.backend].start(self._order(row), keep)
        now = self._clock()
        started = row.changed(
            state="labelling", waiting=LABELLING, labelling_job_arn=arn, started_at=now, preparation=None
        )
        return Moved(started.telling(LabellingStarted, _what_started(row, arn), time=now), wait=True)

    def _follow(self, row: Labelling) -> Moved[Labelling] | None:
        state = self._backends[row.backend].look(self._order(row))
        if state.progress in {Progress.UNDER_WAY, Progress.STOPPING}:
            return None
        without_labels = state.counts.labelled + row.kept == 0
        if (state.progress is not Progress.COMPLETED or without_labels) and not row.counted:
            return Moved(self._counting(row, state, row.attempt).changed(counted=True))
        match state.progress:
            case Progress.COMPLETED:
                return self._complete(row, state)
            case Progress.STOPPED:
                raise _stopped(state)
            case Progress.FAILED:
                raise Permanent(
                    "labelling-failed",
                    f"The labelling job failed: {state.reason or 'Ground Truth gives no reason'}",
                    "Correct what the reason names, then retry the job; what was labelled is kept.",
                )

    def _complete(self, row: Labelling, state: LabellingState) -> Moved[Labelling]:
        if row.kept == 0:
            return Moved(self._labelled(row, _output_of(state), state))
        folder = self._folder(row)
        manifests = [kept_manifest(folder)]
        if state.counts.labelled:
            manifests.append(_output_of(state))
        self._kept_labels.join(manifests, whole_manifest(folder))
        return Moved(self._labelled(row, whole_manifest(folder), state))

    def _labelled(self, row: Labelling, manifest: S3Uri, state: LabellingState) -> Labelling:
        counts = state.counts
        data = LabellingCompletedData(
            plan=row.plan,
            output_manifest=manifest,
            label_attribute=LABEL_ATTRIBUTE,
            counts=counts.model_copy(update={"labelled": counts.labelled + row.kept}),
            kept=row.kept,
            left_out=list(state.left_out),
            left_out_report=state.left_out_report,
        )
        labelled = row.changed(state="labelled", waiting=None, preparation=None)
        return labelled.telling(LabellingCompleted, data, time=self._clock())

    def _counting(self, row: Labelling, state: LabellingState, attempt: int) -> Labelling:
        """Have a labelling job that ended early told of: what people did is paid for."""
        data = LabellingStoppedData(
            labelling_job_arn=state.arn, counts=state.counts, output_manifest=state.output_manifest
        )
        return row.telling(LabellingStopped, data, time=self._clock(), attempt=attempt)

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
        return Moved(self._counting(row.changed(state="ended", waiting=None), state, row.attempt))

    def _folder(self, row: Labelling, attempt: int | None = None) -> S3Uri:
        return f"s3://{self._bucket}/labelling/{row.job_id}/{attempt or row.attempt}/"

    def _order(self, row: Labelling, attempt: int | None = None) -> LabellingOrder:
        folder = self._folder(row, attempt)
        return LabellingOrder(
            job_id=row.job_id,
            attempt=attempt or row.attempt,
            labels=tuple(row.plan.labels),
            workers_per_image=row.plan.options.workers_per_image,
            manifest=input_manifest(folder),
            folder=folder,
            suggestions_from=row.plan.labelling.suggestions_from,
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


def _output_of(state: LabellingState) -> S3Uri:
    """Say where the labels are.

    Raises:
        Permanent: there are none: "completed" does not mean that anybody drew a box.
    """
    if state.counts.labelled == 0:
        raise Permanent(
            "nothing-labelled",
            f"The labelling ended without a single labelled image ({state.counts.failed} expired, were "
            "declined or failed).",
            "See that whoever labels can open the images: Ground Truth's work team needs members who open "
            "its portal, and the bucket's CORS rule must let browsers read. Then retry the job.",
        )
    if state.output_manifest is None:
        raise Permanent(
            "labels-missing",
            f"The labelling job is over with {state.counts.labelled} labelled images but names no output.",
            "See in the AWS console what became of its output, then retry the job.",
        )
    return state.output_manifest


def _stopped(state: LabellingState) -> Permanent:
    counts = state.counts
    total = counts.labelled + counts.failed + counts.unlabelled
    kept = f" What was labelled is kept in {state.output_manifest}." if state.output_manifest else ""
    return Permanent(
        "labelling-stopped",
        f"Somebody stopped the labelling job when {counts.labelled} of {total} images were labelled.{kept}",
        "Retry the job to have the rest labelled; a stopped labelling job itself cannot go on.",
    )
