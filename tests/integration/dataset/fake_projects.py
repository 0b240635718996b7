"""A Rekognition of projects and datasets, which counts what it is asked to do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.support.builders import REKOGNITION
from tests.support.rekognition import refusal


@dataclass
class FakeDataset:
    arn: str
    manifest: str
    status: str = "CREATE_IN_PROGRESS"
    message: str = ""
    message_code: str = ""
    entries: int = 0
    error_entries: int = 0


@dataclass
class FakeProject:
    arn: str
    status: str
    datasets: dict[str, FakeDataset] = field(default_factory=dict)


@dataclass
class FakeProjects:
    """The part of Rekognition that makes projects and datasets.

    ``refusals`` maps an operation to the errors of its next calls; an operation in ``lost_answers`` takes
    effect once without anybody hearing of it; ``around`` is called before and after each call.
    """

    projects: dict[str, FakeProject] = field(default_factory=dict)
    refusals: dict[str, list[ClientError]] = field(default_factory=dict)
    lost_answers: set[str] = field(default_factory=set)
    calls: Counter[str] = field(default_factory=Counter)
    new_status: str = "CREATED"
    around: Callable[[], None] = lambda: None

    def create_project(self, *, ProjectName: str) -> Any:  # noqa: N803 - AWS's own spelling
        def effect() -> Any:
            if ProjectName in self.projects:
                raise refusal("ResourceInUseException")
            arn = f"{REKOGNITION}:project/{ProjectName}/1763805600000"
            self.projects[ProjectName] = FakeProject(arn, self.new_status)
            return {"ProjectArn": arn}

        return self._call("create_project", effect)

    def describe_projects(self, *, ProjectNames: list[str]) -> Any:  # noqa: N803
        def effect() -> Any:
            return {
                "ProjectDescriptions": [
                    _described(self.projects[name]) for name in ProjectNames if name in self.projects
                ]
            }

        return self._call("describe_projects", effect)

    def create_dataset(self, *, ProjectArn: str, DatasetType: str, DatasetSource: Any) -> Any:  # noqa: N803
        def effect() -> Any:
            project = next(p for p in self.projects.values() if p.arn == ProjectArn)
            assert project.status == "CREATED"
            if DatasetType in project.datasets:
                raise refusal("ResourceAlreadyExistsException")
            place = DatasetSource["GroundTruthManifest"]["S3Object"]
            base = ProjectArn.rsplit("/", 1)[0]
            arn = f"{base}/dataset/{DatasetType.lower()}/1763805600001"
            project.datasets[DatasetType] = FakeDataset(arn, f"s3://{place['Bucket']}/{place['Name']}")
            return {"DatasetArn": arn}

        return self._call("create_dataset", effect)

    def describe_dataset(self, *, DatasetArn: str) -> Any:  # noqa: N803
        def effect() -> Any:
            found = [d for p in self.projects.values() for d in p.datasets.values() if d.arn == DatasetArn]
            if not found:
                raise refusal("ResourceNotFoundException")
            return {
                "DatasetDescription": {
                    "Status": found[0].status,
                    "StatusMessage": found[0].message,
                    "StatusMessageCode": found[0].message_code,
                    "DatasetStats": {
                        "TotalEntries": found[0].entries,
                        "ErrorEntries": found[0].error_entries,
                    },
                }
            }

        return self._call("describe_dataset", effect)

    @property
    def only(self) -> FakeProject:
        [project] = self.projects.values()
        return project

    def _call(self, operation: str, effect: Callable[[], Any]) -> Any:
        self.around()
        self.calls[operation] += 1
        if self.refusals.get(operation):
            raise self.refusals[operation].pop(0)
        answer = effect()
        if operation in self.lost_answers:
            self.lost_answers.remove(operation)
            raise refusal("InternalServerError", operation, status=500, message="answer lost")
        self.around()
        return answer


def _described(project: FakeProject) -> dict[str, Any]:
    return {
        "ProjectArn": project.arn,
        "Status": project.status,
        "Datasets": [
            {"DatasetType": dataset_type, "DatasetArn": dataset.arn, "Status": dataset.status}
            for dataset_type, dataset in project.datasets.items()
        ],
    }
