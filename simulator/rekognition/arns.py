"""ARNs of projects, datasets and versions; the last part is the time of creation in milliseconds."""

from datetime import datetime

from simulator.core.wire import Caller, partition_of


def project_arn(caller: Caller, name: str, at: datetime) -> str:
    """Return a new project's ARN."""
    return _timed(f"{_root(caller)}:project/{name}", at)


def dataset_arn(project: str, kind: str, at: datetime) -> str:
    """Return a new dataset's ARN; `kind` is TRAIN or TEST."""
    return _timed(f"{_without_time(project)}/dataset/{kind.lower()}", at)


def version_arn(project: str, name: str, at: datetime) -> str:
    """Return a new version's ARN."""
    return _timed(f"{_without_time(project)}/version/{name}", at)


def account_of(arn: str) -> str:
    """Return the account in an ARN."""
    return arn.split(":")[4]


def _root(caller: Caller) -> str:
    return f"arn:{partition_of(caller.region)}:rekognition:{caller.region}:{caller.account}"


def _without_time(arn: str) -> str:
    return arn.rpartition("/")[0]


def _timed(prefix: str, at: datetime) -> str:
    return f"{prefix}/{int(at.timestamp() * 1000)}"
