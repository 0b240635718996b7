"""The HTTP face of labelling, connected to the AWS that boto3 finds."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import boto3

from contracts.names import leads_group
from runtime.clients import data_plane, inference, storage
from runtime.clock import Clock, utc_now
from runtime.rows import RowTable
from services.labelling.console.desk import Desk
from services.labelling.console.images import Images
from services.labelling.console.leading import Leading
from services.labelling.console.overview import Overview
from services.labelling.console.rounds import Rounds
from services.labelling.console.rounds_table import RoundsTable
from services.labelling.console.suggestions import Suggestions
from services.labelling.labelling_row import Labelling
from services.labelling.settings import LabellingSettings
from services.labelling.storage import Storage

if TYPE_CHECKING:
    from mypy_boto3_rekognition.client import RekognitionClient

_SECONDS_FOR_SUGGESTIONS = 4
"""Somebody waits for the image, and would rather draw than wait longer."""


@dataclass(frozen=True)
class Face:
    """What the routes lead to; ``leads`` is the Cognito group whose members lead."""

    desk: Desk
    overview: Overview
    leading: Leading
    leads: str


def wire_face(
    settings: LabellingSettings, *, clock: Clock = utc_now, rekognition: "RekognitionClient | None" = None
) -> Face:
    """Wire the HTTP face, with the Rekognition that is given if one is."""
    dynamodb = boto3.client("dynamodb", config=data_plane())
    s3 = boto3.client("s3", config=storage())
    asked = inference(seconds=_SECONDS_FOR_SUGGESTIONS, tries=1)
    rounds = Rounds(
        RowTable(dynamodb, settings.table_name, Labelling),
        RoundsTable(dynamodb, settings.tasks_table_name, settings.tasks_kept),
    )
    desk = Desk(
        rounds=rounds,
        images=Images(s3, Storage(s3)),
        suggestions=Suggestions(rekognition or boto3.client("rekognition", config=asked)),
        lease=timedelta(seconds=settings.task_time_limit_seconds),
        clock=clock,
    )
    return Face(desk, Overview(rounds, clock), Leading(rounds, clock), leads_group(settings.name_prefix))
