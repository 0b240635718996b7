"""Finds what a call is about, or raises."""

from simulator.core.operations import Call
from simulator.core.regions import Regions
from simulator.core.tasks import Task
from simulator.core.world import caller_of_task
from simulator.rekognition.errors import ResourceNotFound
from simulator.rekognition.models import Dataset, Project, RekognitionState, Version


class Lookup:
    """Looks resources up by ARN; another account's or region's resource is simply not there."""

    def __init__(self, regions: Regions[RekognitionState]) -> None:
        self.regions = regions

    def state(self, call: Call) -> RekognitionState:
        """Return the caller's state."""
        return self.regions.at(call.caller)

    def state_of_task(self, task: Task) -> RekognitionState:
        """Return the state a task works on."""
        return self.regions.at(caller_of_task(task))

    def require_project(self, call: Call, arn: str) -> Project:
        """Return a project.

        Raises:
            ResourceNotFound: There is none.
        """
        project = self.state(call).projects.get(arn)
        if project is None:
            raise ResourceNotFound(f"The project {arn} was not found.")
        return project

    def require_dataset(self, call: Call, arn: str) -> Dataset:
        """Return a dataset.

        Raises:
            ResourceNotFound: There is none.
        """
        dataset = self.state(call).datasets.get(arn)
        if dataset is None:
            raise ResourceNotFound(f"The dataset {arn} was not found.")
        return dataset

    def require_version(self, call: Call, arn: str) -> Version:
        """Return a model version.

        Raises:
            ResourceNotFound: There is none.
        """
        version = self.state(call).versions.get(arn)
        if version is None:
            raise ResourceNotFound(f"The model version {arn} was not found.")
        return version
