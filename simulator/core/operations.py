"""What an operation is, and what it gets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.model import ServiceModel

from simulator.core.errors import AwsError
from simulator.core.faults import Fault
from simulator.core.wire import Caller


@dataclass(frozen=True)
class Call:
    """One validated call.

    Attributes:
        request: Members by name; blobs are bytes, timestamps datetimes.
        faults: Stage faults that strike what this call begins, by kind.
    """

    caller: Caller
    request: dict[str, Any]
    now: datetime
    faults: Mapping[str, Fault] = field(default_factory=dict)


Answer = dict[str, Any] | Callable[[], "Answer"]
"""What an operation returns: the answer, or what is left to do outside the lock (read S3, run a model)."""
Operation = Callable[[Call], Answer]


@dataclass(frozen=True)
class Service:
    """One simulated service.

    Attributes:
        model: Botocore's model of it.
        operations: What is simulated, by operation name.
        rates: Calls per second at speed 1 for each operation, None for no limit.
        throttled, failed, quota_full: The errors that faults and rates answer with.
    """

    model: ServiceModel
    operations: Mapping[str, Operation]
    rates: Mapping[str, float | None]
    throttled: Callable[[str], AwsError]
    failed: Callable[[str], AwsError]
    quota_full: Callable[[str], AwsError]
    too_fast: Callable[[str], AwsError]

    @property
    def name(self) -> str:
        """The service's name in boto3."""
        return self.model.service_name

    @property
    def target_prefix(self) -> str:
        """What `X-Amz-Target` begins with."""
        return str(self.model.metadata["targetPrefix"])
