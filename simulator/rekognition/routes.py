"""Rekognition's operations: one table."""

from collections.abc import Mapping

from botocore.model import ServiceModel

from simulator.core.operations import Operation, Service
from simulator.core.options import Quotas
from simulator.core.regions import Regions
from simulator.core.world import World
from simulator.rekognition.datasets import Datasets
from simulator.rekognition.detection import Detection
from simulator.rekognition.errors import (
    InternalServerError,
    LimitExceeded,
    ProvisionedThroughputExceeded,
    ThrottlingFailed,
)
from simulator.rekognition.hosting import Hosting
from simulator.rekognition.learner import Learner
from simulator.rekognition.lookup import Lookup
from simulator.rekognition.models import RekognitionState
from simulator.rekognition.projects import Projects
from simulator.rekognition.shelf import ModelShelf
from simulator.rekognition.tags import Tags
from simulator.rekognition.versions import Versions

_TAGGING = ("TagResource", "UntagResource", "ListTagsForResource")


def rekognition_service(
    world: World, model: ServiceModel, regions: Regions[RekognitionState], learner: Learner, shelf: ModelShelf
) -> Service:
    """Return Rekognition Custom Labels, as far as it is simulated."""
    lookup = Lookup(regions)
    projects, datasets = Projects(world, lookup), Datasets(world, lookup)
    versions, hosting = Versions(world, lookup, learner, shelf), Hosting(world, lookup)
    detection, tags = Detection(world, lookup, shelf), Tags(lookup)
    operations: dict[str, Operation] = {
        "CreateProject": projects.create,
        "DescribeProjects": projects.describe,
        "DeleteProject": projects.delete,
        "CreateDataset": datasets.create,
        "DescribeDataset": datasets.describe,
        "UpdateDatasetEntries": datasets.update,
        "ListDatasetEntries": datasets.list_entries,
        "ListDatasetLabels": datasets.list_labels,
        "DistributeDatasetEntries": datasets.distribute,
        "DeleteDataset": datasets.delete,
        "CreateProjectVersion": versions.create,
        "DescribeProjectVersions": versions.describe,
        "DeleteProjectVersion": versions.delete,
        "StartProjectVersion": hosting.start,
        "StopProjectVersion": hosting.stop,
        "CopyProjectVersion": hosting.copy,
        "DetectCustomLabels": detection.detect,
        "TagResource": tags.add,
        "UntagResource": tags.remove,
        "ListTagsForResource": tags.list_all,
    }
    return Service(
        model=model,
        operations=operations,
        rates=_rates(operations, world.options.quotas),
        throttled=ThrottlingFailed,
        too_fast=ProvisionedThroughputExceeded,
        failed=InternalServerError,
        quota_full=LimitExceeded,
    )


def _rates(operations: Mapping[str, Operation], quotas: Quotas) -> dict[str, float | None]:
    rates: dict[str, float | None] = dict.fromkeys(operations, quotas.control_rate)
    rates["DetectCustomLabels"] = quotas.detect_rate
    rates.update(dict.fromkeys(_TAGGING, quotas.tagging_rate))
    return rates
