"""The images as people see them: where a browser finds one for some minutes, and how large it is."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from contracts.ids import S3Uri
from services.labelling.boxes import Size
from services.labelling.image_head import sides
from services.labelling.storage import Gone, Storage, split

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_SHOWN_FOR = timedelta(minutes=15)


class NotShowable(Exception):
    """The image is gone, or cannot be read any more; the message says which."""


class Images:
    """Shows images; they stay where they are."""

    def __init__(self, s3: "S3Client", storage: Storage) -> None:
        self._s3 = s3
        self._storage = storage

    def url(self, image: S3Uri) -> str:
        """Give a URL that shows the image to whoever has it, for 15 minutes."""
        bucket, key = split(image)
        return self._s3.generate_presigned_url(
            "get_object",
            Params={"Bucket": bucket, "Key": key},
            ExpiresIn=int(_SHOWN_FOR.total_seconds()),
        )

    def size(self, image: S3Uri) -> Size:
        """Read how large an image is, from its head.

        Raises:
            NotShowable: it was removed or replaced since it was checked.
            Trouble: S3 did not answer as asked.
        """
        upload = self._storage.find(image)
        if upload is None:
            raise NotShowable("ClientError: The image was removed after the job was started.")
        try:
            found = sides(upload.size, partial(self._storage.read, upload))
        except Gone as error:
            raise NotShowable("ClientError: The image was removed after the job was started.") from error
        if found is None:
            raise NotShowable("ClientError: The image was replaced by something that cannot be read.")
        return Size(width=found[0], height=found[1])
