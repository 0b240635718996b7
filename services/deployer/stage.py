"""One step of a deployment at a time."""

from datetime import timedelta

from contracts.events import (
    ModelDeployed,
    ModelDeployedData,
    ModelDeploymentStarted,
    ModelDeploymentStartedData,
    ModelStopped,
    ModelStoppedData,
    ModelTrained,
    StageFailed,
    StageFailedData,
    StopCause,
)
from contracts.stages import Stage
from runtime.clock import Clock
from runtime.errors import Permanent
from runtime.reconcile import Moved
from services.deployer.deployment import MODEL, Deployment
from services.deployer.parameters import ModelParameters
from services.deployer.rekognition import Models, ModelState
from services.deployer.rules import Step, next_step

SOURCE = "/ekyc/deployer"


def deployment_of(event: ModelTrained) -> Deployment:
    """Give the first row of a trained model."""
    return Deployment(
        job_id=event.job_id,
        attempt=event.attempt,
        traceparent=event.traceparent,
        waiting=MODEL,
        plan=event.data.plan,
        project_arn=event.data.project_arn,
        project_version_arn=event.data.project_version_arn,
        f1=event.data.f1,
    )


class DeploymentStage:
    """Makes true what is wanted of a model, and tells what has become true."""

    def __init__(
        self, models: Models, parameters: ModelParameters, clock: Clock, time_to_start: timedelta
    ) -> None:
        self._models = models
        self._parameters = parameters
        self._clock = clock
        self._time_to_start = time_to_start

    def advance(self, row: Deployment) -> Moved[Deployment] | None:
        """Take the next step."""
        found = self._models.find(row.project_arn, row.project_version_arn)
        deadline = row.paid_since + self._time_to_start if row.paid_since else None
        match next_step(row, found.status if found else None, self._clock(), deadline):
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
                return Moved(row.changed(state="stopping"), wait=True)
            case Step.NOTE_STOPPED:
                return self._note_stopped(row)
            case Step.GIVE_UP_STARTING:
                return self._give_up_starting(row)
            case Step.NOTE_FAILED:
                raise _will_not_run(found)

    def _note_starting(self, row: Deployment) -> Moved[Deployment]:
        now = self._clock()
        starting = row.changed(state="starting", waiting=MODEL, paid_since=now, stop_cause=None)
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

    def _note_stopped(self, row: Deployment) -> Moved[Deployment]:
        now = self._clock()
        unit_seconds = row.unit_seconds_until(now)
        data = ModelStoppedData(
            run=row.run,
            project_version_arn=row.project_version_arn,
            stopped_at=now,
            cause=row.stop_cause or StopCause.OUTSIDE,
            unit_seconds=unit_seconds,
        )
        stopped = row.changed(
            state="stopped",
            wanted="stopped",
            waiting=None,
            paid_since=None,
            auto_stop_at=None,
            unit_seconds=unit_seconds,
        )
        return Moved(stopped.telling(ModelStopped, data, time=now))

    def _give_up_starting(self, row: Deployment) -> Moved[Deployment]:
        """Report the failure, and stay until the model is down: it may yet run, and would cost money."""
        now = self._clock()
        data = StageFailedData(
            stage=Stage.DEPLOYMENT,
            run=row.run,
            code="model-not-running-in-time",
            reason=f"The model was still starting after {self._time_to_start}.",
            advice="It is stopped as soon as AWS allows it. Start it again later.",
        )
        given_up = row.changed(wanted="stopped", stop_cause=StopCause.GIVEN_UP)
        return Moved(given_up.telling(StageFailed, data, time=now, source=SOURCE))


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
