"""Identifiers and the bounds they keep, stated once so that events, rows and HTTP bodies agree."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"

JOB_ID_PATTERN = r"^[0-7][0-9a-hjkmnp-tv-z]{25}$"

JobId = Annotated[str, StringConstraints(pattern=JOB_ID_PATTERN)]
"""A lowercase ULID: sorts by creation time, cannot be guessed, fits every AWS name it becomes part of."""

Label = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}[A-Za-z0-9]$|^[A-Za-z0-9]$")
]
"""A document type as labellers see it and as the model reports it, e.g. ``id-card``."""

S3Uri = Annotated[str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.{0,1024}$")]

Arn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:.+$", max_length=2048)
]


def new_job_id(now: datetime, randomness: bytes) -> str:
    """Mint a job id from the time (milliseconds kept) and ten random bytes.

    The text is a ULID (github.com/ulid/spec) in lowercase, because a SageMaker labelling job's name is
    compared without case and is burnt for ever once used.

    Raises:
        ValueError: ``randomness`` is not ten bytes long.
    """
    if len(randomness) != 10:
        raise ValueError(f"a job id needs 10 random bytes, not {len(randomness)}")
    number = int(now.timestamp() * 1000) << 80 | int.from_bytes(randomness, "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
