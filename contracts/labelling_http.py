"""The bodies of the HTTP API with which people draw boxes in the console."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from contracts.boxes import Box
from contracts.http import Request
from contracts.ids import JobId, Label
from contracts.model import Contract

MAX_BOXES = 50
"""Custom Labels takes no more boxes in one image (limits)."""

TASK_ID_PATTERN = r"^[0-9]{8}$"

TaskId = Annotated[str, StringConstraints(pattern=TASK_ID_PATTERN)]
"""The number of an image's line in the job's input manifest, from 0."""

Worker = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,512}$")]
"""Whoever labels: a Cognito user's name, an IAM caller's ARN, or the name given in ``X-Worker``."""

TaskState = Literal["open", "assigned", "leased", "done"]


LabellingProgressState = Literal["preparing", "open", "closing", "over"]
"""Whether answers are taken: not yet, now, not any more, and whether the labels are written."""


class Answer(Request):
    """What one person says about one image; boxes in its stored pixels, whatever EXIF asks for."""

    kind: Literal["boxes", "no-document", "cannot-tell"] = Field(
        description="`no-document` is an answer; whoever cannot say what is in the image says `cannot-tell`"
    )
    boxes: tuple[Box, ...] = Field(default=(), max_length=MAX_BOXES)

    @model_validator(mode="after")
    def _boxes_fit_the_kind(self) -> Self:
        if self.kind == "boxes" and not self.boxes:
            raise ValueError("an answer of the kind 'boxes' has a box; say 'no-document' when there is none")
        if self.kind != "boxes" and self.boxes:
            raise ValueError(f"an answer of the kind '{self.kind}' has no boxes")
        return self


class LabellingTask(Contract):
    """An image that is this person's until the lease expires."""

    task_id: TaskId
    filename: str
    image_url: str = Field(description="Shows the image for 15 minutes")
    width: int = Field(ge=1, description="In pixels as stored, whatever orientation EXIF asks for")
    height: int = Field(ge=1)
    labels: list[Label]
    lease_expires_at: AwareDatetime
    suggestions: tuple[Box, ...] = Field(default=(), description="What a model found, to begin with")
    attempt: int = Field(
        ge=1, description="Pass when answering: in another attempt the id is another image's"
    )
    answer: Answer | None = Field(
        default=None, description="What this person had answered and took back, until they answer anew"
    )


class Lease(Contract):
    """How long an image stays this person's."""

    task_id: TaskId
    lease_expires_at: AwareDatetime


class Submitted(Contract):
    """The answer counts; ``done`` once as many people have answered as the job asks for."""

    task_id: TaskId
    done: bool


class LabellingJob(Contract):
    """A job whose images are being labelled here."""

    job_id: JobId
    labels: list[Label]
    images: int = Field(ge=0)
    done: int = Field(ge=0)
    mine: int = Field(ge=0, description="How many images this person has answered")
    workers_per_image: int = Field(ge=1)
    is_lead: bool


class LabellingJobList(Contract):
    """The jobs that people can label in now, the newest first."""

    jobs: list[LabellingJob]


class Labeller(Contract):
    """Somebody who has taken an image of the job."""

    worker: Worker
    answers: int = Field(ge=0)


class LabellingProgress(Contract):
    """How far a job's labelling is. An image is done, leased to somebody, or open."""

    job_id: JobId
    labels: list[Label]
    state: LabellingProgressState
    images: int = Field(ge=0)
    done: int = Field(ge=0)
    leased: int = Field(ge=0)
    open: int = Field(ge=0)
    answers: int = Field(ge=0)
    workers_per_image: int = Field(ge=1)
    people: list[Labeller] = Field(description="Those with the most answers first")
    is_lead: bool


class TaskSummary(Contract):
    """One image, for whoever leads the labelling; ``worker`` holds it or shall have it."""

    task_id: TaskId
    filename: str
    state: TaskState
    worker: Worker | None = None
    answers: int = Field(ge=0)
    answered_by: list[Worker]


class TaskList(Contract):
    """A page of a job's images in the order of their names; it may be short of any in the state asked for."""

    tasks: list[TaskSummary]
    next_token: str | None = Field(default=None, description="Pass as `nextToken` for the next page")


class AssignTask(Request):
    """Who shall label the image."""

    worker: Worker
