"""The seam behind which boxes come from: people in Ground Truth or on our own page, or a file."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from contracts.facts import LabelCounts, LeftOut
from contracts.ids import Arn, Label, S3Uri
from runtime.errors import Permanent

LABEL_ATTRIBUTE = "document"
"""The manifest attribute that holds the boxes.

Ground Truth allows letters, digits and single hyphens here, and no ending in ``-ref`` or ``-metadata``
(CreateLabelingJob; sms-reusing-data).
"""


@dataclass(frozen=True)
class LabellingOrder:
    """What is to be labelled, and how.

    Attributes:
        job_id: the training job.
        attempt: which try at it; with ``job_id`` it names everything made outside.
        labels: the document types to choose from, in the order of their class ids.
        workers_per_image: how many people label each image.
        manifest: the input manifest, one JSON object with a ``source-ref`` per line.
        folder: where everything that belongs to this order may be written; ends in a slash.
        suggestions_from: the model whose boxes people are offered to begin with, where that is possible.
    """

    job_id: str
    attempt: int
    labels: tuple[Label, ...]
    workers_per_image: int
    manifest: S3Uri
    folder: S3Uri
    suggestions_from: Arn | None = None


class Progress(Enum):
    """How far a labelling is."""

    UNDER_WAY = auto()
    STOPPING = auto()
    COMPLETED = auto()
    STOPPED = auto()
    FAILED = auto()


@dataclass(frozen=True)
class LabellingState:
    """What is true of a labelling now.

    Attributes:
        arn: the labelling job's ARN, if it has one.
        progress: how far it is.
        counts: how many images were labelled so far.
        output_manifest: where the labels are, once it is over; in Ground Truth's output manifest form.
        reason: why it failed, in the backend's own words.
        left_out: what of labels that existed already cannot be used, by reason.
        left_out_report: where all of that is named.
    """

    arn: str | None
    progress: Progress
    counts: LabelCounts
    output_manifest: S3Uri | None = None
    reason: str = ""
    left_out: tuple[LeftOut, ...] = ()
    left_out_report: S3Uri | None = None


class NoLabelling(Permanent):
    """There is no such labelling."""


class LabellingBackend(Protocol):
    """A way of getting boxes."""

    @property
    def slot(self) -> str | None:
        """What an order may have to wait for before it can begin, in words for the user."""

    def start(self, order: LabellingOrder, keep: Callable[[], None]) -> str | None:
        """Begin, or find what was begun before; give the labelling job's ARN if it has one.

        Args:
            order: what to begin.
            keep: to be called every now and then by what takes long, to say that it is still at work.

        Raises:
            Busy: the account has as many labellings under way as it may.
            Trouble: anything else that stands against it.
        """

    def look(self, order: LabellingOrder) -> LabellingState:
        """Tell how it stands.

        Raises:
            NoLabelling: it is gone, or never was.
            Trouble: that could not be found out.
        """

    def stop(self, order: LabellingOrder) -> None:
        """Have a labelling that is under way stopped; what people did by then is kept.

        Raises:
            NoLabelling: it is gone, or never was.
            Trouble: it was not stopped.
        """
