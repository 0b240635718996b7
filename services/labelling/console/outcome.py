"""What came of an image: the line that the output manifest has of it; pure."""

from typing import Literal

from contracts.ids import Arn
from services.labelling.console.consolidation import consolidate
from services.labelling.console.task import Task
from services.labelling.lines import Signature, failed_line, labelled_line, unreached_line

Outcome = Literal["labelled", "failed", "unlabelled"]

_NOBODY_COULD_TELL = "ClientError: Nobody who was asked could tell what is in the image."


def line_of(task: Task, signature: Signature, model: Arn | None) -> tuple[Outcome, bytes]:
    """Say what came of an image, and write its line.

    One answer is enough, as in Ground Truth. Who cannot tell has no say; when nobody can, the image failed.

    Args:
        task: the image.
        signature: what all lines have in common.
        model: whose boxes were offered to begin with, if anybody's were.
    """
    telling = [given for given in task.given if given.answer.kind != "cannot-tell"]
    if telling and task.size is not None:
        boxes = consolidate({given.worker: given.answer.boxes for given in telling}, signature.labels)
        suggested_by = model if any(given.suggested for given in telling) else None
        return "labelled", labelled_line(signature, task.image, task.size, boxes, suggested_by)
    if task.given:
        return "failed", failed_line(signature, task.image, _NOBODY_COULD_TELL)
    if task.unreadable is not None:
        return "failed", failed_line(signature, task.image, task.unreadable)
    return "unlabelled", unreached_line(task.image)
