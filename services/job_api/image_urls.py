"""Giving out upload URLs, each file name once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contracts.filenames import why_refused
from contracts.http import AnnotationsUrl, RefusedFilename, UploadUrl, UploadUrls
from contracts.plan import LabellingBackendName
from contracts.problems import (
    FILENAME_TAKEN,
    IMAGE_EXISTS,
    INVALID_FILENAME,
    JOB_STARTED,
    WRONG_STATE,
    ProblemType,
)
from runtime.problem_error import ProblemError
from services.job_api.image_names import Claim, ImageNames
from services.job_api.job import Job
from services.job_api.uploads import Uploads

_TAKEN = (
    "The file name was given out before in this job: use each name once, or renew it if the upload failed."
)
_EXISTS = (
    "An image of this name has been uploaded: if it is this one, nothing is left to do, else choose another "
    "name."
)
_PROBLEMS: dict[str, ProblemType] = {
    problem.code: problem for problem in (INVALID_FILENAME, FILENAME_TAKEN, IMAGE_EXISTS)
}


@dataclass(frozen=True)
class ImageUrls:
    """The use cases of the HTTP API that concern images."""

    require_job: Callable[[str], Job]
    names: ImageNames
    uploads: Uploads

    def one(self, job_id: str, filename: str, *, renew: bool) -> UploadUrl:
        """Give the upload URL of one image.

        Raises:
            ProblemError: the job takes no images, or this name cannot be used (again).
        """
        answer = self.many(job_id, [filename], renew=renew)
        for refused in answer.refused:
            raise ProblemError(_PROBLEMS[refused.code], refused.reason)
        return answer.urls[0]

    def many(self, job_id: str, filenames: Sequence[str], *, renew: bool) -> UploadUrls:
        """Give upload URLs for many images, and say which names got none and why.

        Raises:
            ProblemError: the job is unknown or takes no images.
        """
        self._require_open(job_id)
        refusals = {
            name: _refusal(name, "invalid-filename", why) for name in filenames if (why := why_refused(name))
        }
        usable = list(dict.fromkeys(name for name in filenames if name not in refusals))
        claims = self.names.claim(job_id, usable)
        # What was claimed before the job was seen open was claimed before it started.
        self._require_open(job_id)
        taken = [name for name, claim in claims.items() if claim is Claim.TAKEN]
        arrived = self.uploads.arrived(job_id, taken) if renew and taken else {}
        for name in taken:
            if name in arrived:
                refusals[name] = _refusal(name, "image-exists", _EXISTS, arrived[name])
            elif not renew:
                refusals[name] = _refusal(name, "filename-taken", _TAKEN)
        return self._answer(job_id, filenames, refusals)

    def annotations(self, job_id: str) -> AnnotationsUrl:
        """Give the upload URL of the labels that exist already; what is uploaded last counts.

        Raises:
            ProblemError: the job is unknown, has started, or gets its boxes otherwise.
        """
        self._require_open(job_id)
        backend = self.require_job(job_id).plan.labelling.backend
        if backend is not LabellingBackendName.IMPORT:
            raise ProblemError(
                WRONG_STATE,
                f"This job gets its boxes from {backend}: create one with the labelling backend import.",
            )
        return self.uploads.annotations_url(job_id)

    def _answer(
        self, job_id: str, filenames: Sequence[str], refusals: Mapping[str, RefusedFilename]
    ) -> UploadUrls:
        """Answer in the order asked; a name that is asked for twice gets one URL and one refusal."""
        granted: dict[str, None] = {}
        refused = []
        for name in filenames:
            if name in refusals:
                refused.append(refusals[name])
            elif name in granted:
                refused.append(_refusal(name, "filename-taken", _TAKEN))
            else:
                granted[name] = None
        return UploadUrls(urls=self.uploads.urls(job_id, list(granted)), refused=refused)

    def _require_open(self, job_id: str) -> None:
        job = self.require_job(job_id)
        if job.position > 0:
            raise ProblemError(
                JOB_STARTED,
                f"The job is {job.status} and takes no more images: create a new job for more images.",
            )


def _refusal(filename: str, code: str, reason: str, size_bytes: int | None = None) -> RefusedFilename:
    return RefusedFilename.model_validate(
        {"filename": filename, "code": code, "reason": reason, "size_bytes": size_bytes}
    )
