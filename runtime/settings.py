"""A service's environment as one frozen model: read once, refused as a whole when wrong."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, StringConstraints, ValidationError

_LOOKS_TO_SHOW = 3

NamePrefix = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,18}[a-z0-9]$")]
"""Begins every outside name; at most 20 characters leave room for a job id in a labelling job's 63."""


class SettingsError(ValueError):
    """The environment lacks a variable or holds one that cannot be right."""


class Settings(BaseModel):
    """The base: a field ``table_name`` is read from ``TABLE_NAME``."""

    model_config = ConfigDict(frozen=True)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read every field from the environment.

        Raises:
            SettingsError: names every variable that is missing or wrong, and what it should be.
        """
        values = {name: environment[name.upper()] for name in cls.model_fields if name.upper() in environment}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            told = "; ".join(f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in faults)
            # pydantic's own error repeats the values, and tracebacks are logged
            raise SettingsError(f"the environment is not usable: {told}") from None


class StageSettings(Settings):
    """What every service that works on a stage is told."""

    name_prefix: NamePrefix
    bucket: str = Field(min_length=3, max_length=63)
    table_name: str = Field(min_length=3)
    topic_arn: str = Field(min_length=20)
    check_every_seconds: NonNegativeInt = 55
    lease_seconds: NonNegativeInt = 60

    @property
    def between_looks(self) -> timedelta:
        """How long a waiting row is left alone between two looks."""
        return timedelta(seconds=self.check_every_seconds)

    @property
    def to_show(self) -> timedelta:
        """Until when AWS must show what was begun, for it does not say that its next answer does.

        What is still not there at the third look has come to nothing, or was deleted.
        """
        return _LOOKS_TO_SHOW * self.between_looks

    @property
    def lease(self) -> timedelta:
        """How long a step that changes something outside keeps others from beginning it too."""
        return timedelta(seconds=self.lease_seconds)
