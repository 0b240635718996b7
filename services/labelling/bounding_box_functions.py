"""AWS's own Lambda functions for box tasks, which CreateLabelingJob must be given by ARN."""

from typing import NamedTuple

from runtime.errors import Permanent

# HumanTaskConfig and AnnotationConsolidationConfig of the SageMaker API; texts, as one begins with a zero.
_OWNERS = {
    "ap-northeast-1": "477331159723",
    "ap-northeast-2": "845288260483",
    "ap-south-1": "565803892007",
    "ap-southeast-1": "377565633583",
    "ap-southeast-2": "454466003867",
    "ca-central-1": "918755190332",
    "eu-central-1": "203001061592",
    "eu-west-1": "568282634449",
    "eu-west-2": "487402164563",
    "us-east-1": "432418664414",
    "us-east-2": "266458841044",
    "us-west-2": "081040173940",
}
_WITHOUT_CUSTOM_LABELS = frozenset({"ca-central-1"})


class BoundingBoxFunctions(NamedTuple):
    """ARNs of the function that prepares a task and of the one that unites several people's boxes."""

    prepare: str
    consolidate: str


def bounding_box_functions(region: str) -> BoundingBoxFunctions:
    """Give the functions of a region.

    Raises:
        Permanent: the region lacks Ground Truth's box tasks or Custom Labels, so no job could ever end there.
    """
    usable = sorted(_OWNERS.keys() - _WITHOUT_CUSTOM_LABELS)
    if region not in usable:
        raise Permanent(
            "region-unsupported",
            f"Ground Truth's box labelling and Rekognition Custom Labels are not both available in {region}.",
            f"Deploy the pipeline in one of {', '.join(usable)}.",
        )
    function = f"arn:aws:lambda:{region}:{_OWNERS[region]}:function"
    return BoundingBoxFunctions(f"{function}:PRE-BoundingBox", f"{function}:ACS-BoundingBox")
