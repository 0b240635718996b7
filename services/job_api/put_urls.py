"""Pre-signed URLs for many objects at once.

boto3's own `generate_presigned_url` checks the parameters and finds the endpoint anew for each URL, which
takes longer than to sign it. Here one URL shows where the bucket is, and botocore signs the others for it.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.session import get_session
from botocore.utils import percent_encode

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_s3.client import S3Client

_ANY_KEY = "any"


class PutUrls:
    """Signs URLs that take one plain PUT of an object; nothing but the host is signed."""

    def __init__(self, s3: "S3Client", bucket: str, seconds: int) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._seconds = seconds

    def to(self, keys: Iterable[str]) -> Iterator[str]:
        """Give the URL of each key."""
        bucket = self._bucket_url()
        signature = S3SigV4QueryAuth(
            self._credentials.get_frozen_credentials(), "s3", self._s3.meta.region_name, self._seconds
        )
        for key in keys:
            request = AWSRequest("PUT", bucket + percent_encode(key, safe="/~"))
            signature.add_auth(request)
            yield str(request.url)

    def _bucket_url(self) -> str:
        params = {"Bucket": self._bucket, "Key": _ANY_KEY}
        whole = self._s3.generate_presigned_url("put_object", Params=params, ExpiresIn=self._seconds)
        return whole.partition("?")[0].removesuffix(_ANY_KEY)

    @cached_property
    def _credentials(self) -> "Credentials":
        """Find what boto3's clients sign with; where it expires it renews itself."""
        found = get_session().get_credentials()
        if found is None:
            raise NoCredentialsError
        return found
