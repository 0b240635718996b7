"""Errors as RFC 9457 problem documents: one shape, and one catalogue of what can go wrong."""

from dataclasses import dataclass

from pydantic import Field

from contracts.model import Contract

PROBLEM_MEDIA_TYPE = "application/problem+json"


class FieldFault(Contract):
    """One member of the request that is wrong."""

    field: str
    message: str


class Problem(Contract):
    """An RFC 9457 problem document. ``type`` is stable; ``detail`` says what to do."""

    type: str
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    instance: str | None = None
    errors: list[FieldFault] | None = None


@dataclass(frozen=True)
class ProblemType:
    """A kind of problem: what stays the same whenever it occurs."""

    code: str
    status: int
    title: str

    @property
    def uri(self) -> str:
        """The ``type`` member of its documents."""
        return f"urn:ekyc:problem:{self.code}"


INVALID_REQUEST = ProblemType("invalid-request", 422, "The request is not valid")
INVALID_FILENAME = ProblemType("invalid-filename", 422, "The file name cannot be used")
IMAGE_EXISTS = ProblemType("image-exists", 409, "The image was uploaded before")
FILENAME_TAKEN = ProblemType("filename-taken", 409, "The file name was used before in this job")
JOB_NOT_FOUND = ProblemType("job-not-found", 404, "There is no such training job")
ROUTE_NOT_FOUND = ProblemType("route-not-found", 404, "There is no such route")
JOB_STARTED = ProblemType("job-started", 409, "The job has started and takes no more images")
NO_IMAGES = ProblemType("no-images", 409, "The job has no images")
NO_ANNOTATIONS = ProblemType("no-annotations", 409, "The job has no labels to import")
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotency-key-reused", 422, "The Idempotency-Key was used for another request"
)
NO_MODEL = ProblemType("no-model", 409, "The job has no model yet")
NO_RESULTS = ProblemType("no-results", 409, "The job has no test results")
IMAGE_UNUSABLE = ProblemType("image-unusable", 422, "The image cannot be used")
WRONG_STATE = ProblemType("wrong-state", 409, "The job's state does not allow this")
NOTHING_TO_RETRY = ProblemType(
    "nothing-to-retry", 409, "The job has nothing that this retry could begin with"
)
TASK_NOT_FOUND = ProblemType("task-not-found", 404, "The job has no such image to label")
LEASE_LOST = ProblemType("lease-lost", 409, "The image is somebody else's or done")
NOTHING_TO_UNDO = ProblemType("nothing-to-undo", 409, "There is no answer to take back")
LABELLING_OVER = ProblemType("labelling-over", 409, "The labelling takes no answers")
NOT_A_LEAD = ProblemType("not-a-lead", 403, "Only a lead may do this")
TRY_AGAIN = ProblemType("try-again", 503, "The service cannot answer just now")
INTERNAL = ProblemType("internal", 500, "The service failed")

PROBLEM_TYPES: tuple[ProblemType, ...] = (
    INVALID_REQUEST,
    INVALID_FILENAME,
    IMAGE_EXISTS,
    FILENAME_TAKEN,
    JOB_NOT_FOUND,
    ROUTE_NOT_FOUND,
    JOB_STARTED,
    NO_IMAGES,
    NO_ANNOTATIONS,
    IDEMPOTENCY_KEY_REUSED,
    NO_MODEL,
    NO_RESULTS,
    IMAGE_UNUSABLE,
    WRONG_STATE,
    NOTHING_TO_RETRY,
    TASK_NOT_FOUND,
    LEASE_LOST,
    NOTHING_TO_UNDO,
    LABELLING_OVER,
    NOT_A_LEAD,
    TRY_AGAIN,
    INTERNAL,
)
