"""AddTags and ListTags."""

from simulator.core.errors import ValidationFailed
from simulator.core.operations import Answer, Call
from simulator.core.paging import StaleTokenError, page
from simulator.core.regions import Regions
from simulator.sagemaker.errors import ResourceLimitExceeded
from simulator.sagemaker.models import SageMakerState

_MOST_TAGS = 50
_PAGE = 50


class Tags:
    """Tags of labelling jobs and work teams."""

    def __init__(self, regions: Regions[SageMakerState]) -> None:
        self._regions = regions

    def add(self, call: Call) -> Answer:
        """AddTags: a key that is there gets the new value."""
        tags = dict(self._tags(call))
        tags.update({tag["Key"]: tag["Value"] for tag in call.request["Tags"]})
        if len(tags) > _MOST_TAGS:
            raise ResourceLimitExceeded(f"A resource has at most {_MOST_TAGS} tags.")
        self._regions.at(call.caller).tags[call.request["ResourceArn"]] = tags
        return {"Tags": _show(tags)}

    def list_all(self, call: Call) -> Answer:
        """ListTags."""
        arn = call.request["ResourceArn"]
        size = call.request.get("MaxResults", _PAGE)
        try:
            found, token = page(
                _show(self._tags(call)), token=call.request.get("NextToken"), size=size, listing=arn
            )
        except StaleTokenError as error:
            raise ValidationFailed(str(error)) from error
        return {"Tags": list(found), "NextToken": token}

    def _tags(self, call: Call) -> dict[str, str]:
        state, arn = self._regions.at(call.caller), call.request["ResourceArn"]
        known = {job.arn for job in state.jobs.values()} | {team.arn for team in state.workteams.values()}
        if arn not in known:
            raise ValidationFailed(f"There is no labeling job or work team {arn}.")
        return state.tags.get(arn, {})


def _show(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
