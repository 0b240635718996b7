"""One step of a deployment at a time."""

from datetime import timedelta

from contracts.envelope import Event
from contracts.events import (
    ModelDeployed,
    ModelDeployedData,
    ModelDeploymentStarted,
    ModelDeploymentStartedData,
    ModelStopped,
    ModelStoppedData,
    ModelTrainedData,
    StageFailed,
    StageFailedData,
    StopCause,
)
from contracts.stages import Stage
from runtime.clock import Clock
from runtime.errors import Permanent, Retryable
from runtime.observe import count, get_logger, level
from runtime.reconcile import LATE_CALLS, Moved
from services.deployer.deployment import MODEL, Deployment
from services.deployer.parameters import ModelParameters
from services.deployer.rekognition import MODEL_SLOT, Models, ModelState
from services.deployer.rules import Patience, Step, next_step

SOURCE = "/ekyc/deployer"


def deployment_of(event: Event, model: ModelTrainedData) -> Deployment:
    """Give the first row of a trained model."""
    return Deployment(
        job_id=event.job_id,
        attempt=event.attempt,
        traceparent=event.traceparent,
        waiting=MODEL,
        plan=model.plan,
        project_arn=model.project_arn,
        project_version_arn=model.project_version_arn,
        f1=model.f1,
    )


class DeploymentStage:
    """Makes true what is wanted of a model, and tells what has become true."""

    def __init__(self, models: Models, parameters: ModelParameters, clock: Clock, patience: Patience) -> None:
        self._models = models
        self._parameters = parameters
        self._clock = clock
        self._patience = patience

    def advance(self, row: Deployment) -> Moved[Deployment] | None:
        """Take the next step."""
        if row.predecessor is not None:
            return self._bring_down(row, row.predecessor)
        self._count_hours(row)
        found = self._found(row)
        step = next_step(row, found.status if found else None, self._clock(), self._patience)
        try:
            return self._take(step, row, found)
        except Permanent as trouble:
            if row.paid_since is None:
                raise
            return self._give_up(row, trouble)

    def _count_hours(self, row: Deployment) -> None:
        if row.paid_since is not None:
            level("ModelRunningHours", (self._clock() - row.paid_since).total_seconds() / 3600)

    def _bring_down(self, row: Deployment, predecessor: Deployment) -> Moved[Deployment] | None:
        """Take the next step towards an earlier attempt's model being down; its cost is carried on."""
        moved = self.advance(predecessor)
        if moved is None:
            return None
        earlier = moved.row
        told = row.changed(outbox=(*row.outbox, *earlier.outbox), unit_seconds=earlier.unit_seconds)
        if earlier.waiting is None:
            rejected = row.state == "rejected"
            down = told.changed(predecessor=None, waiting=None if rejected else MODEL)
            return Moved(down, in_line_for=None if rejected else MODEL_SLOT)
        return Moved(told.changed(predecessor=earlier.changed(outbox=())), wait=moved.wait)

    def _found(self, row: Deployment) -> ModelState | None:
        try:
            return self._models.find(row.project_arn, row.project_version_arn)
        except Permanent as trouble:
            if row.paid_since is None:
                raise
            raise Retryable(f"A model that costs money is not lost sight of. {trouble.reason}") from trouble

    def _take(self, step: Step, row: Deployment, found: ModelState | None) -> Moved[Deployment] | None:
        match step:
            case Step.WAIT:
                return None
            case Step.START:
                self._models.start(row.project_version_arn, row.inference_units)
                return self._note_starting(row)
            case Step.NOTE_STARTING:
                return self._note_starting(row)
            case Step.NOTE_RUNNING:
                return self._note_running(row)
            case Step.STOP_AS_PLANNED:
                return Moved(row.changed(wanted="stopped", stop_cause=StopCause.AUTO_STOP))
            case Step.STOP:
                self._models.stop(row.project_version_arn)
                paid_since = row.paid_since or self._clock()
                return Moved(row.changed(state="stopping", paid_since=paid_since), wait=True)
            case Step.NOTE_STOPPED:
                return self._note_stopped(row)
            case Step.GIVE_UP_STARTING:
                return self._give_up(row, _not_running_in_time(self._patience.to_run))
            case Step.NOTE_FAILED:
                return self._note_failed(row, found)

    def _note_starting(self, row: Deployment) -> Moved[Deployment]:
        now = self._clock()
        starting = row.changed(
            state="starting", waiting=MODEL, paid_since=now, stop_cause=None, watched_until=None
        )
        data = ModelDeploymentStartedData(
            run=row.run,
            project_version_arn=row.project_version_arn,
            inference_units=row.inference_units,
            started_at=now,
        )
        return Moved(starting.telling(ModelDeploymentStarted, data, time=now), wait=True)

    def _note_running(self, row: Deployment) -> Moved[Deployment]:
        self._parameters.write(row.project_arn, row.project_version_arn)
        now = self._clock()
        minutes = row.plan.options.auto_stop_after_minutes
        auto_stop_at = None if minutes is None else now + timedelta(minutes=minutes)
        running = row.changed(state="running", auto_stop_at=auto_stop_at)
        data = ModelDeployedData(
            run=row.run, project_version_arn=row.project_version_arn, auto_stop_at=auto_stop_at
        )
        return Moved(running.telling(ModelDeployed, data, time=now), wait=True)

    def _note_stopped(self, row: Deployment) -> Moved[Deployment] | None:
        if row.state != "stopped":
            return Moved(self._stopped(row))
        if row.watched_until is not None and self._clock() <= row.watched_until:
            return None
        return Moved(row.changed(waiting=None, watched_until=None))

    def _stopped(self, row: Deployment) -> Deployment:
        now = self._clock()
        unit_seconds = row.unit_seconds_until(now)
        data = ModelStoppedData(
            run=row.run,
            project_version_arn=row.project_version_arn,
            stopped_at=now,
            cause=row.stop_cause or StopCause.OUTSIDE,
            unit_seconds=unit_seconds,
        )
        may_yet_start = row.state == "trained"
        stopped = row.changed(
            state="stopped",
            wanted="stopped",
            waiting=MODEL if may_yet_start else None,
            watched_until=now + LATE_CALLS if may_yet_start else None,
            paid_since=None,
            auto_stop_at=None,
            unit_seconds=unit_seconds,
        )
        return stopped.telling(ModelStopped, data, time=now)

    def _note_failed(self, row: Deployment, found: ModelState | None) -> Moved[Deployment]:
        trouble = _will_not_run(found)
        if row.paid_since is None:
            raise trouble
        return Moved(self._failed(self._stopped(row), trouble))

    def _give_up(self, row: Deployment, trouble: Permanent) -> Moved[Deployment]:
        """Report the failure once, and stay until the model is down: it costs money as long as it is up."""
        if row.failed:
            raise Retryable(trouble.reason) from trouble
        given_up = row.changed(wanted="stopped", stop_cause=row.stop_cause or StopCause.GIVEN_UP)
        return Moved(self._failed(given_up, trouble))

    def _failed(self, row: Deployment, trouble: Permanent) -> Deployment:
        get_logger().error("stage failed", code=trouble.code, reason=trouble.reason)
        count("StageFailed", stage=Stage.DEPLOYMENT)
        data = StageFailedData(
            stage=Stage.DEPLOYMENT,
            run=row.run,
            code=trouble.code,
            reason=trouble.reason[:2000],
            advice=trouble.advice,
        )
        return row.changed(failed=True).telling(StageFailed, data, time=self._clock(), source=SOURCE)


def _not_running_in_time(time_to_start: timedelta) -> Permanent:
    return Permanent(
        "model-not-running-in-time",
        f"The model was still starting after {time_to_start}.",
        "It is stopped as soon as AWS allows it. Start it again later.",
    )


def _will_not_run(found: ModelState | None) -> Permanent:
    if found is None:
        return Permanent(
            "model-deleted", "The model version is gone from Rekognition.", "Retry the job from training."
        )
    return Permanent(
        "model-will-not-start",
        f"Rekognition could not run the model: {found.message or found.status}",
        "Start the model again; if that fails too, retry the job from training.",
    )
