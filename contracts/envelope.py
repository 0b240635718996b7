"""The CloudEvents 1.0 envelope (github.com/cloudevents/spec) around every event."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints

from contracts.ids import JobId
from contracts.model import Contract

_NAMESPACE = uuid.UUID("6e1a5c1e-0d4b-5f5b-9f6f-7c2d5a3b9e10")

TraceParent = Annotated[str, StringConstraints(pattern=r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")]
"""W3C Trace Context, as the CloudEvents distributed tracing extension carries it."""


class Event(Contract):
    """The envelope: who says what about which job, and when.

    ``attempt`` and ``traceparent`` are CloudEvents extension attributes. Subclasses give ``source``,
    ``type`` and ``data``.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(
        min_length=1, max_length=64, description="The same whenever the same fact is published again"
    )
    source: str
    type: str
    time: AwareDatetime
    subject: JobId
    datacontenttype: Literal["application/json"] = "application/json"
    attempt: int = Field(ge=1, description="Which try at this job the event belongs to; 1 at first")
    traceparent: TraceParent | None = None
    data: Any

    @property
    def job_id(self) -> str:
        """The training job the event is about."""
        return self.subject

    @classmethod
    def about(
        cls,
        job_id: str,
        attempt: int,
        data: Contract,
        *,
        time: datetime,
        source: str | None = None,
        traceparent: str | None = None,
    ) -> Self:
        """State a fact. Stating it twice gives the same ``id``, so a repeat can be told from news.

        ``source`` is needed only for events that more than one service publishes.
        """
        type_ = str(cls.model_fields["type"].default)
        key = "/".join([type_, job_id, str(attempt), *_occurrence(data)])
        return cls(
            id=str(uuid.uuid5(_NAMESPACE, key)),
            source=source or cls.model_fields["source"].default,
            type=type_,
            time=time,
            subject=job_id,
            attempt=attempt,
            traceparent=traceparent,
            data=data,
        )

    def to_json(self) -> str:
        """Serialise to the structured-mode JSON format of CloudEvents."""
        return self.model_dump_json(exclude_none=True)


def _occurrence(data: Contract) -> list[str]:
    """Tell apart facts of one type that may hold more than once in an attempt: by stage, and by run."""
    return [str(part) for name in ("stage", "run") if (part := getattr(data, name, None)) is not None]
