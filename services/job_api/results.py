"""What a job's model did on the test images, the worst first."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.events import ModelTrained
from contracts.ids import S3Uri
from contracts.names import images_prefix
from contracts.problems import INVALID_REQUEST, NO_RESULTS
from contracts.results import EvaluatedImage, ModelResults
from runtime.errors import AwsError, trouble_from
from runtime.problem_error import ProblemError
from services.job_api import snapshot
from services.job_api.job import Job
from services.job_api.snapshot import Place, worst_images

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_CHUNK = 256 * 1024
_TOKEN = re.compile(r"([0-9]{1,6})-([0-9]{1,6})-([0-9]{1,9})")  # attempt, boxes that are wrong, line


@dataclass(frozen=True)
class Results:
    """The use case of looking at a model's mistakes."""

    require_job: Callable[[str], Job]
    s3: "S3Client"
    bucket: str
    url_lifetime: timedelta

    def page(self, job_id: str, limit: int, token: str | None) -> ModelResults:
        """Give a page of the test images, the worst first.

        Raises:
            ProblemError: the job has no results (yet), or the token is none of this training's.
            Trouble: S3 did not answer as asked.
        """
        job = self.require_job(job_id)
        trained = job.current(ModelTrained)
        if trained is None:
            raise ProblemError(
                NO_RESULTS, f"The job is {job.status} and has trained no model: look again when it has."
            )
        if trained.data.test_results is None:
            raise ProblemError(
                NO_RESULTS, "Custom Labels gave no results of single images for this model: train it again."
            )
        after = _place_of(token, trained.attempt) if token else None
        page = worst_images(self._lines(trained.data.test_results), limit, after)
        return ModelResults(
            f1=trained.data.f1,
            labels=tuple(trained.data.labels),
            total=page.total,
            images=tuple(self._shown(job_id, image) for image in page.images),
            next_token=f"{trained.attempt}-{page.last.wrong}-{page.last.number}" if page.last else None,
        )

    def _lines(self, uri: S3Uri) -> Iterator[bytes]:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        try:
            yield from self.s3.get_object(Bucket=bucket, Key=key)["Body"].iter_lines(_CHUNK)
        except AwsError as error:
            raise trouble_from(error, "read the results of the test") from error

    def _shown(self, job_id: str, image: snapshot.Evaluated) -> EvaluatedImage:
        return EvaluatedImage(
            filename=image.source.rpartition("/")[2],
            image_url=self._url(job_id, image.source),
            width=image.width,
            height=image.height,
            truth=image.truth,
            predictions=image.predictions,
            wrong=image.wrong,
        )

    def _url(self, job_id: str, source: str) -> str | None:
        """Give a URL that shows an image for some minutes; none for what is no image of this job."""
        home = f"s3://{self.bucket}/{images_prefix(job_id)}"
        filename = source.removeprefix(home)
        if not source.startswith(home) or "/" in filename:
            return None
        # Uploads come with any content type: a browser must take them for nothing but images.
        content_type = "image/png" if filename.lower().endswith(".png") else "image/jpeg"
        return self.s3.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": images_prefix(job_id) + filename,
                "ResponseContentType": content_type,
            },
            ExpiresIn=int(self.url_lifetime.total_seconds()),
        )


def _place_of(token: str, attempt: int) -> Place:
    found = _TOKEN.fullmatch(token)
    if found is None or int(found[1]) != attempt:
        raise ProblemError(
            INVALID_REQUEST,
            "nextToken: pass the nextToken of the page before, or leave it out; after another training begin "
            "with the first page again.",
        )
    return Place(int(found[2]), int(found[3]))
