"""Boxes of an image, as every way of getting them has them in the end; pure."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from contracts.boxes import Box


class Size(BaseModel):
    """An image's sides in pixels."""

    model_config = ConfigDict(frozen=True)

    width: int
    height: int


@dataclass(frozen=True)
class AgreedBox:
    """A box that people agree on; ``confidence`` is from 0 to 1, and 0 when one person alone was asked.

    Ground Truth writes 0 then, too; otherwise it is the share of people who drew the box times how well
    their boxes fit it.
    """

    box: Box
    confidence: float
