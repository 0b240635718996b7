"""CreateProject, DescribeProjects, DeleteProject."""

from datetime import datetime
from typing import Any

from simulator.core.operations import Answer, Call
from simulator.core.tasks import Task
from simulator.core.world import Wait, World
from simulator.rekognition.arns import project_arn
from simulator.rekognition.errors import InvalidParameter, LimitExceeded, ResourceInUse
from simulator.rekognition.lookup import Lookup
from simulator.rekognition.models import Dataset, Project, RekognitionState
from simulator.rekognition.paging import page_of

CREATE, DELETE = "project-create", "project-delete"


class Projects:
    """The project operations."""

    def __init__(self, world: World, lookup: Lookup) -> None:
        self._world = world
        self._lookup = lookup
        world.tasks.register(CREATE, Wait(self._created))
        world.tasks.register(DELETE, Wait(self._deleted))

    def create(self, call: Call) -> Answer:
        """CreateProject."""
        state, request = self._lookup.state(call), call.request
        if request.get("Feature", "CUSTOM_LABELS") != "CUSTOM_LABELS":
            raise InvalidParameter("Feature CONTENT_MODERATION is not simulated; use CUSTOM_LABELS.")
        if "AutoUpdate" in request:
            raise InvalidParameter("AutoUpdate is for CONTENT_MODERATION only; leave it out.")
        if any(project.name == request["ProjectName"] for project in state.projects.values()):
            raise ResourceInUse(f"A project named {request['ProjectName']} already exists.")
        if len(state.projects) >= self._world.options.quotas.projects:
            raise LimitExceeded(f"The account already has {len(state.projects)} projects; delete one first.")
        arn = project_arn(call.caller, request["ProjectName"], call.now)
        state.projects[arn] = Project(request["ProjectName"], arn, call.now)
        if request.get("Tags"):
            state.tags[arn] = dict(request["Tags"])
        seconds = self._world.options.durations.project
        self._world.schedule(CREATE, call.caller, arn, start=call.now, seconds=seconds)
        return {"ProjectArn": arn}

    def describe(self, call: Call) -> Answer:
        """DescribeProjects, newest first."""
        state, request = self._lookup.state(call), call.request
        names = request.get("ProjectNames")
        wanted = "CUSTOM_LABELS" in request.get("Features", ["CUSTOM_LABELS"])
        projects = [p for p in state.projects.values() if wanted and (names is None or p.name in names)]
        projects.sort(key=lambda project: project.created, reverse=True)
        found, token = page_of(call, projects)
        return {
            "ProjectDescriptions": [
                {
                    "ProjectArn": project.arn,
                    "CreationTimestamp": project.created,
                    "Status": project.status,
                    "Datasets": [_dataset(d) for d in state.datasets_of(project.arn)],
                    "Feature": "CUSTOM_LABELS",
                }
                for project in found
            ],
            "NextToken": token,
        }

    def delete(self, call: Call) -> Answer:
        """DeleteProject: everything in it must be gone."""
        project = self._lookup.require_project(call, call.request["ProjectArn"])
        state = self._lookup.state(call)
        if project.status == "DELETING":
            return {"Status": "DELETING"}
        if state.versions_of(project.arn):
            raise ResourceInUse(f"Project {project.name} has models; delete them first.")
        if state.datasets_of(project.arn):
            raise ResourceInUse(f"Project {project.name} has datasets; delete them first.")
        project.move("DELETING")
        self._world.tasks.cancel(project.arn)
        seconds = self._world.options.durations.project
        self._world.schedule(DELETE, call.caller, project.arn, start=call.now, seconds=seconds)
        return {"Status": project.status}

    def _created(self, task: Task, at: datetime) -> None:
        self._state(task).projects[task.subject].move("CREATED")

    def _deleted(self, task: Task, at: datetime) -> None:
        state = self._state(task)
        state.tags.pop(task.subject, None)
        del state.projects[task.subject]

    def _state(self, task: Task) -> RekognitionState:
        return self._lookup.state_of_task(task)


def _dataset(dataset: Dataset) -> dict[str, Any]:
    return {
        "DatasetArn": dataset.arn,
        "DatasetType": dataset.type,
        "Status": dataset.status,
        "StatusMessage": dataset.message,
        "StatusMessageCode": dataset.message_code,
        "CreationTimestamp": dataset.created,
    }
