"""TagResource, UntagResource, ListTagsForResource."""

from simulator.core.operations import Answer, Call
from simulator.rekognition.errors import ResourceNotFound, ServiceQuotaExceeded
from simulator.rekognition.lookup import Lookup

_MOST_TAGS = 200


class Tags:
    """Tags of projects, datasets and model versions."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def add(self, call: Call) -> Answer:
        """TagResource: a key that is there gets the new value."""
        tags = {**self._tags(call), **call.request["Tags"]}
        if len(tags) > _MOST_TAGS:
            raise ServiceQuotaExceeded(f"A resource has at most {_MOST_TAGS} tags.")
        self._lookup.state(call).tags[call.request["ResourceArn"]] = tags
        return {}

    def remove(self, call: Call) -> Answer:
        """UntagResource: keys that are not there are ignored."""
        tags = self._tags(call)
        gone = set(call.request["TagKeys"])
        kept = {key: value for key, value in tags.items() if key not in gone}
        self._lookup.state(call).tags[call.request["ResourceArn"]] = kept
        return {}

    def list_all(self, call: Call) -> Answer:
        """ListTagsForResource."""
        return {"Tags": self._tags(call)}

    def _tags(self, call: Call) -> dict[str, str]:
        state, arn = self._lookup.state(call), call.request["ResourceArn"]
        if arn not in state.projects and arn not in state.datasets and arn not in state.versions:
            raise ResourceNotFound(f"The resource {arn} was not found.")
        return state.tags.get(arn, {})
