"""SageMaker's operations: one table."""

from botocore.model import ServiceModel

from simulator.core.errors import Throttled
from simulator.core.operations import Service
from simulator.core.regions import Regions
from simulator.core.world import World
from simulator.sagemaker.errors import InternalFailure, ResourceLimitExceeded
from simulator.sagemaker.jobs import Jobs
from simulator.sagemaker.models import SageMakerState
from simulator.sagemaker.progress import Progress
from simulator.sagemaker.tags import Tags
from simulator.sagemaker.workteams import Workteams


def sagemaker_service(
    world: World, model: ServiceModel, regions: Regions[SageMakerState], progress: Progress
) -> Service:
    """Return SageMaker, as far as it is simulated."""
    jobs, teams, tags = Jobs(world, regions, progress), Workteams(world, regions), Tags(regions)
    return Service(
        model=model,
        operations={
            "CreateLabelingJob": jobs.create,
            "DescribeLabelingJob": jobs.describe,
            "StopLabelingJob": jobs.stop,
            "ListLabelingJobs": jobs.list_all,
            "ListLabelingJobsForWorkteam": jobs.list_for_workteam,
            "CreateWorkteam": teams.create,
            "DescribeWorkteam": teams.describe,
            "ListWorkteams": teams.list_all,
            "DeleteWorkteam": teams.delete,
            "AddTags": tags.add,
            "ListTags": tags.list_all,
        },
        rates={},
        throttled=Throttled,
        too_fast=Throttled,
        failed=InternalFailure,
        quota_full=ResourceLimitExceeded,
    )
