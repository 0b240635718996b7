"""Where images are put: pre-signed URLs, and what has arrived under them."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.http import AnnotationsUrl, UploadUrl
from contracts.names import annotations_key, image_key, images_prefix
from runtime.clock import Clock
from runtime.errors import AwsError, trouble_from
from services.job_api.put_urls import PutUrls

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

LOOKS_AT_ONCE = 32


class Uploads:
    """Hands out upload URLs."""

    def __init__(self, s3: "S3Client", bucket: str, clock: Clock, lifetime: timedelta) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._clock = clock
        self._lifetime = lifetime
        self._put_urls = PutUrls(s3, bucket, int(lifetime.total_seconds()))

    def urls(self, job_id: str, filenames: Sequence[str]) -> list[UploadUrl]:
        """Give URLs, each of which takes one plain HTTP PUT of an image and dies soon.

        Nothing but the host is signed, so that a client needs no header of its own.
        """
        expires_at = self._clock() + self._lifetime
        urls = self._put_urls.to(image_key(job_id, filename) for filename in filenames)
        return [
            UploadUrl(filename=filename, url=url, expires_at=expires_at)
            for filename, url in zip(filenames, urls, strict=True)
        ]

    def annotations_url(self, job_id: str) -> AnnotationsUrl:
        """Give a URL that takes one plain HTTP PUT of the job's labels and dies soon."""
        expires_at = self._clock() + self._lifetime
        (url,) = self._put_urls.to([annotations_key(job_id)])
        return AnnotationsUrl(url=url, expires_at=expires_at)

    def has_annotations(self, job_id: str) -> bool:
        """Tell whether the job's labels have been uploaded.

        Raises:
            Trouble: S3 did not say.
        """
        return self._size_of(annotations_key(job_id)) is not None

    def arrived(self, job_id: str, filenames: Iterable[str]) -> Mapping[str, int]:
        """Tell which of these images have been uploaded, and how many bytes each has.

        Raises:
            Trouble: S3 did not say.
        """
        names = list(filenames)
        with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
            sizes = pool.map(lambda name: self._size_of(image_key(job_id, name)), names)
            return {name: size for name, size in zip(names, sizes, strict=True) if size is not None}

    def any_arrived(self, job_id: str) -> bool:
        """Tell whether the job has any image at all.

        Raises:
            Trouble: S3 did not say.
        """
        try:
            found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=images_prefix(job_id), MaxKeys=1)
        except AwsError as error:
            raise trouble_from(error, "look for the images") from error
        return found["KeyCount"] > 0

    def _size_of(self, key: str) -> int | None:
        # Not by HEAD: S3 says 403 for a missing object unless the caller may list the whole bucket.
        try:
            found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        except AwsError as error:
            raise trouble_from(error, "look for an upload") from error
        return next((entry["Size"] for entry in found.get("Contents", []) if entry["Key"] == key), None)
