"""Why a labelled image, or one of its boxes, does not become part of the datasets."""

from enum import Enum


class Reason(Enum):
    """A code for programs and a sentence for people.

    Most of them are errors to Custom Labels too (md-create-manifest-file-validation-rules,
    debugging-datasets). There some are silent, and all add up: past 20 % of the lines everything fails.
    """

    NOT_JSON = ("not-json", "The line of the manifest is not a JSON object.")
    LINE_TOO_LONG = ("line-too-long", "The line of the manifest is too long for Custom Labels.")
    NO_IMAGE = ("no-source-ref", "The line of the manifest names no image.")
    FOREIGN_IMAGE = ("foreign-image", "The image is not one of those uploaded for this job.")
    REPEATED_IMAGE = ("repeated-image", "The image was labelled before in the same manifest.")
    LABELLING_FAILED = ("labelling-failed", "Nobody could or would label the image.")
    NEVER_LABELLED = ("never-labelled", "Labelling ended before anybody looked at the image.")
    OTHER_LABELLING = ("not-bounding-boxes", "The labels of the image are not bounding boxes.")
    MALFORMED = ("malformed-labels", "The labels of the image do not have the form that Custom Labels reads.")
    IMAGE_SIZE = (
        "image-size",
        "The image has a side below 64 or above 4096 pixels, or is over 20 times as long as it is wide.",
    )
    NO_DOCUMENT = ("no-document", "The labellers saw no document in the image.")
    UNKNOWN_CLASS = ("unknown-class", "A box of the image has a class that the line does not explain.")
    TOO_MANY_BOXES = ("too-many-boxes", "The image has more than 50 boxes.")
    NO_USABLE_BOX = ("no-usable-box", "None of the boxes of the image can be used.")
    OTHER_LABEL = ("other-label", "A box has a label that is none of the job's document types.")
    BOX_OUTSIDE = ("box-outside-image", "A box lies outside the image.")
    BOX_TOO_SMALL = (
        "box-too-small",
        "A box is at most one pixel high or wide once its image is scaled down to 1280 pixels for training.",
    )

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        self.sentence = sentence
