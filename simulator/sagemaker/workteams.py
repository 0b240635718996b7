"""CreateWorkteam, DescribeWorkteam, ListWorkteams, DeleteWorkteam."""

from typing import Any

from simulator.core.errors import ValidationFailed
from simulator.core.operations import Answer, Call
from simulator.core.paging import StaleTokenError, page
from simulator.core.regions import Regions
from simulator.core.wire import partition_of
from simulator.core.world import World
from simulator.sagemaker.errors import ResourceInUse, ResourceLimitExceeded
from simulator.sagemaker.models import TERMINAL, SageMakerState, Workteam

_SHOWN = ("MemberDefinitions", "Description", "NotificationConfiguration", "WorkerAccessConfiguration")


class Workteams:
    """Private work teams [sms-workforce-private]."""

    def __init__(self, world: World, regions: Regions[SageMakerState]) -> None:
        self._world = world
        self._regions = regions

    def create(self, call: Call) -> Answer:
        """CreateWorkteam."""
        state, caller, name = self._regions.at(call.caller), call.caller, call.request["WorkteamName"]
        if name in state.workteams:
            raise ResourceInUse(f"Work team {name} already exists.")
        if len(state.workteams) >= self._world.options.quotas.workteams:
            raise ResourceLimitExceeded(f"The account already has {len(state.workteams)} work teams.")
        arn = (
            f"arn:{partition_of(caller.region)}:sagemaker:{caller.region}:{caller.account}:"
            f"workteam/private-crowd/{name}"
        )
        state.workteams[name] = Workteam(
            name, arn, {member: call.request[member] for member in _SHOWN if member in call.request}, call.now
        )
        if call.request.get("Tags"):
            state.tags[arn] = {tag["Key"]: tag["Value"] for tag in call.request["Tags"]}
        return {"WorkteamArn": arn}

    def describe(self, call: Call) -> Answer:
        """DescribeWorkteam; an unknown team is a ValidationException: the model declares no error."""
        name = call.request["WorkteamName"]
        team = self._regions.at(call.caller).workteams.get(name)
        if team is None:
            raise ValidationFailed(f"There is no work team {name}.")
        return {"Workteam": _show(team)}

    def list_all(self, call: Call) -> Answer:
        """ListWorkteams."""
        request = call.request
        wanted = request.get("NameContains", "").lower()
        teams = [t for t in self._regions.at(call.caller).workteams.values() if wanted in t.name.lower()]
        by_name = request.get("SortBy") == "Name"
        teams.sort(
            key=lambda team: team.name if by_name else team.created.isoformat(),
            reverse=request.get("SortOrder", "Ascending") == "Descending",
        )
        listing = {name: value for name, value in request.items() if name not in ("NextToken", "MaxResults")}
        try:
            found, token = page(
                teams, token=request.get("NextToken"), size=request.get("MaxResults", 10), listing=listing
            )
        except StaleTokenError as error:
            raise ValidationFailed(str(error)) from error
        return {"Workteams": [_show(team) for team in found], "NextToken": token}

    def delete(self, call: Call) -> Answer:
        """DeleteWorkteam; refused while a labelling job uses the team."""
        state, name = self._regions.at(call.caller), call.request["WorkteamName"]
        team = state.workteams.get(name)
        if team is None:
            raise ValidationFailed(f"There is no work team {name}.")
        jobs = [j for j in state.jobs.values() if j.human_task["WorkteamArn"] == team.arn]
        if any(job.status not in TERMINAL for job in jobs):
            raise ResourceLimitExceeded(f"Work team {name} is used by a running labeling job.")
        del state.workteams[name]
        state.tags.pop(team.arn, None)
        return {"Success": True}


def _show(team: Workteam) -> dict[str, Any]:
    return {
        "WorkteamName": team.name,
        "WorkteamArn": team.arn,
        "CreateDate": team.created,
        "LastUpdatedDate": team.created,
        **team.request,
    }
