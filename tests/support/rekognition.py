"""A Rekognition whose versions stand as a test says, and which remembers what it was asked to do."""

from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.support.builders import version_arn


def refusal(
    code: str, operation: str = "Operation", *, status: int = 400, message: str = "no"
) -> ClientError:
    """Give the error that boto3 raises for this code."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


@dataclass
class FakeVersions:
    """The part of Rekognition that trains and runs model versions.

    ``statuses`` maps a version name to its status; ``refusals`` maps an operation to the errors of its next
    calls; an error with ``took_effect`` is raised after the call did what it says.
    """

    statuses: dict[tuple[str, str], str] = field(default_factory=dict)
    refusals: dict[str, list[ClientError]] = field(default_factory=dict)
    lost_answers: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    evaluation: dict[str, Any] = field(default_factory=dict)
    tested: dict[str, Any] = field(default_factory=dict)
    message: str = ""

    def create_project_version(self, *, ProjectArn: str, VersionName: str, OutputConfig: Any) -> Any:  # noqa: N803
        def effect() -> Any:
            if (ProjectArn, VersionName) in self.statuses:
                raise refusal("ResourceInUseException")
            self.statuses[ProjectArn, VersionName] = "TRAINING_IN_PROGRESS"
            return {"ProjectVersionArn": _arn(ProjectArn, VersionName)}

        return self._call("create_project_version", effect)

    def describe_project_versions(self, *, ProjectArn: str, VersionNames: list[str]) -> Any:  # noqa: N803
        def effect() -> Any:
            found = [(name, self.statuses.get((ProjectArn, name))) for name in VersionNames]
            return {
                "ProjectVersionDescriptions": [
                    {
                        "ProjectVersionArn": _arn(ProjectArn, name),
                        "Status": status,
                        "StatusMessage": self.message,
                        "BillableTrainingTimeInSeconds": 1899,
                        "EvaluationResult": self.evaluation,
                        "TestingDataResult": self.tested,
                    }
                    for name, status in found
                    if status is not None
                ]
            }

        return self._call("describe_project_versions", effect)

    def start_project_version(self, *, ProjectVersionArn: str, MinInferenceUnits: int) -> Any:  # noqa: N803
        return self._call("start_project_version", lambda: self._move(ProjectVersionArn, "STARTING"))

    def stop_project_version(self, *, ProjectVersionArn: str) -> Any:  # noqa: N803
        return self._call("stop_project_version", lambda: self._move(ProjectVersionArn, "STOPPING"))

    def becomes(self, status: str, *, message: str = "") -> None:
        """Let every version have this status."""
        self.message = message
        for name in self.statuses:
            self.statuses[name] = status

    def times(self, operation: str) -> int:
        """Tell how often an operation took effect or was refused."""
        return self.calls.count(operation)

    def _call(self, operation: str, effect: Any) -> Any:
        self.calls.append(operation)
        if self.refusals.get(operation):
            raise self.refusals[operation].pop(0)
        answer = effect()
        if operation in self.lost_answers:
            self.lost_answers.remove(operation)
            raise refusal("InternalServerError", operation, status=500, message="answer lost")
        return answer

    def _move(self, arn: str, status: str) -> Any:
        project, name = arn.split("/version/")[0], arn.split("/version/")[1].split("/")[0]
        for key in self.statuses:
            if key[1] == name and key[0].startswith(project):
                self.statuses[key] = status
        return {"Status": status}


def _arn(project: str, name: str) -> str:
    return f"{project.rsplit('/', 1)[0]}/version/{name}/1763805600001"


def running_versions(status: str = "TRAINING_COMPLETED") -> FakeVersions:
    """Give a Rekognition that has the version of ``builders.model_trained``."""
    project = version_arn().split("/version/")[0] + "/1763805600000"
    return FakeVersions(statuses={(project, "attempt-1"): status})
