"""StartProjectVersion, StopProjectVersion, CopyProjectVersion."""

from datetime import datetime
from typing import Any

from simulator.core.errors import AccessDenied
from simulator.core.operations import Answer, Call
from simulator.core.tasks import Task
from simulator.core.world import Wait, World
from simulator.rekognition.arns import account_of, version_arn
from simulator.rekognition.errors import InvalidParameter, LimitExceeded, ResourceInUse, ServiceQuotaExceeded
from simulator.rekognition.lookup import Lookup
from simulator.rekognition.models import Version
from simulator.rekognition.versions import require_free_name, require_output

START, STOP, COPY = "version-start", "version-stop", "version-copy"
_HOSTED = ("STARTING", "RUNNING", "STOPPING")
_COPYABLE = ("TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "RUNNING", "STARTING", "STOPPING")


class Hosting:
    """Runs models and copies them between projects."""

    def __init__(self, world: World, lookup: Lookup) -> None:
        self._world = world
        self._lookup = lookup
        world.tasks.register(START, Wait(self._started))
        world.tasks.register(STOP, Wait(self._stopped))
        world.tasks.register(COPY, Wait(self._copied))

    def start(self, call: Call) -> Answer:
        """StartProjectVersion; a running model bills until it is stopped."""
        version = self._lookup.require_version(call, call.request["ProjectVersionArn"])
        least, most = call.request["MinInferenceUnits"], call.request.get("MaxInferenceUnits")
        startable = ["TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED"]
        if self._world.options.choices.restart_failed_models:
            startable.append("FAILED")
        if version.status not in startable:
            raise ResourceInUse(f"Model {version.name} is {version.status}; it cannot be started now.")
        if most is not None and most < least:
            raise InvalidParameter("MaxInferenceUnits must not be less than MinInferenceUnits.")
        self._check_quota(call, max(least, most or least))
        version.min_units, version.max_units = least, most
        version.move("STARTING", "The model is being started.")
        fault = call.faults.get("start-fails")
        data: dict[str, Any] = {} if fault is None else {"fault": fault.details}
        seconds = self._world.options.durations.model_start
        self._world.schedule(START, call.caller, version.arn, start=call.now, seconds=seconds, **data)
        return {"Status": "STARTING"}

    def stop(self, call: Call) -> Answer:
        """StopProjectVersion, of a running model."""
        version = self._lookup.require_version(call, call.request["ProjectVersionArn"])
        if version.status != "RUNNING":
            raise ResourceInUse(
                f"Model {version.name} is {version.status}; only a RUNNING model can be stopped."
            )
        version.move("STOPPING", "The model is being stopped.")
        seconds = self._world.options.durations.model_stop
        self._world.schedule(STOP, call.caller, version.arn, start=call.now, seconds=seconds)
        return {"Status": "STOPPING"}

    def copy(self, call: Call) -> Answer:
        """CopyProjectVersion, within the account; other accounts need a project policy, not simulated."""
        state, request = self._lookup.state(call), call.request
        if account_of(request["SourceProjectArn"]) != call.caller.account:
            raise AccessDenied("Copying from another account needs a project policy, which is not simulated.")
        source_project = self._lookup.require_project(call, request["SourceProjectArn"])
        source = self._lookup.require_version(call, request["SourceProjectVersionArn"])
        project = self._lookup.require_project(call, request["DestinationProjectArn"])
        if source.project_arn != source_project.arn:
            raise InvalidParameter("SourceProjectVersionArn is not a model of SourceProjectArn.")
        if source.status not in _COPYABLE:
            raise InvalidParameter(
                f"Model {source.name} is {source.status}; only a trained model can be copied."
            )
        require_free_name(state, project, request["VersionName"])
        require_output(request)
        self._check_copies(call, project.arn)
        arn = version_arn(project.arn, request["VersionName"], call.now)
        kept = {name: value for name, value in request.items() if name != "Tags"}
        version = Version(
            arn, project.arn, request["VersionName"], kept, call.now, status="COPYING_IN_PROGRESS"
        )
        version.message, version.source_arn = "The model is being copied.", source.arn
        version.model_id, version.whole_images = source.model_id, source.whole_images
        version.thresholds, version.f1 = dict(source.thresholds), source.f1
        state.versions[arn] = version
        if request.get("Tags"):
            state.tags[arn] = dict(request["Tags"])
        seconds = self._world.options.durations.model_copy
        self._world.schedule(COPY, call.caller, arn, start=call.now, seconds=seconds)
        return {"ProjectVersionArn": arn}

    def _check_quota(self, call: Call, units: int) -> None:
        quotas = self._world.options.quotas
        if units > quotas.inference_units:
            raise LimitExceeded(f"A model runs with at most {quotas.inference_units} inference units.")
        hosted = sum(v.status in _HOSTED for v in self._lookup.state(call).versions.values())
        if hosted >= quotas.running_models:
            raise LimitExceeded(f"The account already runs {hosted} models; stop one first.")

    def _check_copies(self, call: Call, project_arn: str) -> None:
        state, quotas = self._lookup.state(call), self._world.options.quotas
        copying = sum(v.status == "COPYING_IN_PROGRESS" for v in state.versions.values())
        if copying >= quotas.concurrent_copies:
            raise ServiceQuotaExceeded(f"{copying} copies are under way; wait for one to end.")
        if len(state.versions_of(project_arn)) >= quotas.versions_per_project:
            raise ServiceQuotaExceeded("The destination project has too many models; delete one first.")

    def _started(self, task: Task, at: datetime) -> None:
        fault = task.data.get("fault")
        if fault is None:
            self._version(task).move("RUNNING", "The model is running.")
        else:
            message = str(fault.get("message", "The model failed to start."))
            self._version(task).move("FAILED", message)

    def _stopped(self, task: Task, at: datetime) -> None:
        self._version(task).move("STOPPED", "The model has stopped.")

    def _copied(self, task: Task, at: datetime) -> None:
        version = self._version(task)
        version.ended = at
        version.move("COPYING_COMPLETED", "The model was copied and is ready to run.")

    def _version(self, task: Task) -> Version:
        return self._lookup.state_of_task(task).versions[task.subject]
